"""The container of a file, by its first bytes and never by its name."""

import re

from media_assets.images import headers

FIRST_BYTES = 4096
"""How many of a file's first bytes are enough to recognize it."""

_BOX = rb"....(?:moov|mdat|wide|pnot|skip|free)"
_STILL = rb"hei[a-z]|hev[cmsx]|mif[12]|msf1|avi[fs]|crx |jp2 |jpx "
_PATTERNS = {
    "m4a": re.compile(rb"....ftyp(?:M4A |M4B |M4P |F4A )", re.DOTALL),
    "mov": re.compile(rb"....ftypqt  |" + _BOX, re.DOTALL),
    "mp4": re.compile(rb"....ftyp(?!" + _STILL + rb")[ -~]{4}", re.DOTALL),
    "webm": re.compile(rb"\x1a\x45\xdf\xa3.{1,64}?\x42\x82.webm", re.DOTALL),
    "mkv": re.compile(rb"\x1a\x45\xdf\xa3.{1,64}?\x42\x82.matroska", re.DOTALL),
    "avi": re.compile(rb"RIFF....AVI ", re.DOTALL),
    "wav": re.compile(rb"(?:RIFF|RF64|BW64)....WAVE", re.DOTALL),
    "aiff": re.compile(rb"FORM....AIF[FC]", re.DOTALL),
    "flac": re.compile(rb"fLaC"),
    "ogg": re.compile(rb"OggS"),
    "mpg": re.compile(rb"\0\0\x01\xba"),
    "ts": re.compile(rb"G.{187}G.{187}G", re.DOTALL),
    "mp3": re.compile(rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb](?![\xf0-\xff])"),
    "aac": re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"),
}
_DEMUXERS = {
    "m4a": "mov",
    "mov": "mov",
    "mp4": "mov",
    "webm": "matroska",
    "mkv": "matroska",
    "mpg": "mpeg",
    "ts": "mpegts",
}
"""FFmpeg's name of a container, if it differs."""
_PLAYLISTS = {
    "an ffconcat list": re.compile(rb"ffconcat"),
    "an HLS playlist": re.compile(rb"#EXTM3U"),
    "an SDP session description": re.compile(rb"v=0\s"),
    "a DASH manifest": re.compile(rb"(?:<\?xml.{0,400}?)?<MPD", re.DOTALL),
    "a playlist": re.compile(rb"\[playlist\]|<smil|<asx|<playlist", re.IGNORECASE),
}
_OTHERS = {
    "a Windows Media file": re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    "a Flash video": re.compile(rb"FLV\x01"),
    "a RealMedia file": re.compile(rb"\.RMF"),
    "a MIDI file": re.compile(rb"MThd"),
}
_MEDIA_ITSELF = "Upload the file that the list refers to: nothing else than this file is read."
_IMAGES = "Insert it into a table of images."


def recognize(first_bytes: bytes) -> str | None:
    """Returns the container that the first bytes show, such as `mp4`; None if they show none.

    Images, also those in containers of video (HEIC, AVIF), and lists of other files are none.

    Example:
        >>> recognize(b"....ftypisom...."), recognize(b"....ftypheic....")
        ('mp4', None)
    """
    found = (name for name, start in _PATTERNS.items() if start.match(first_bytes))
    return next(found, None)


def demuxer_of(container: str) -> str:
    """Returns FFmpeg's name of a container.

    Example:
        >>> demuxer_of("webm"), demuxer_of("wav")
        ('matroska', 'wav')
    """
    return _DEMUXERS.get(container, container)


def describe(first_bytes: bytes) -> tuple[str, str]:
    """Returns what the bytes look like, and what to do, for the error about an unaccepted file.

    The bytes are never quoted: readers of the error may not be allowed to read the file.

    Example:
        >>> describe(b"#EXTM3U")[0], describe(b"GIF89a")[0]
        ('an HLS playlist', 'a GIF image')
    """
    text = first_bytes.removeprefix(b"\xef\xbb\xbf").lstrip()
    for kind, start in _PLAYLISTS.items():
        if start.match(text):
            return kind, _MEDIA_ITSELF
    for kind, start in _OTHERS.items():
        if start.match(first_bytes):
            return kind, headers.CONVERT
    if container := recognize(first_bytes):
        return f"{container}, which is of another kind", "Insert it into a table of its kind."
    if image := headers.identify(first_bytes):
        return f"a {image} image", _IMAGES
    found, fix = headers.describe(first_bytes)
    if found.endswith(" image"):
        return found, _IMAGES
    found = found.replace("an image", "a media file").replace("no known image", "no known")
    return found, fix.replace("the image itself", "the media file itself")
