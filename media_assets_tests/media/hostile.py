"""Files that are not what their names say, or say of themselves what is not true."""

import re
import struct
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Disposition
from PIL import Image

from media_assets_tests.media.sounds import encode_tone
from media_assets_tests.media.videos import make_video

LISTS = {
    "ffconcat": b"ffconcat version 1.0\nfile secret.mp4\n",
    "hls-http": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
    "hls-file": b"#EXTM3U\n#EXTINF:1,\nfile://{folder}/secret.mp4\n#EXT-X-ENDLIST\n",
    "hls-relative": b"#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nm=video {port} RTP/AVP 96\r\n",
    "dash": b'<?xml version="1.0"?>\n<MPD><BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>',
    "text": b"This is not a video, but a text of some length.\n",
    "page": b"<!doctype html><html><body>404 not found</body></html>",
    "zeros": bytes(4096),
}
WORDS = {
    "ffconcat": "an ffconcat list",
    "hls-http": "an HLS playlist",
    "hls-file": "an HLS playlist",
    "hls-relative": "an HLS playlist",
    "sdp": "an SDP session description",
    "dash": "a DASH manifest",
    "text": "text",
    "page": "an HTML page",
    "zeros": "nothing but zeros",
}
_BLOCK = re.compile(rb"\xa3(?:[\x80-\xff]|[\x40-\x7f].)\x81(..)[\x80\x00]", re.DOTALL)


def make_list(path: Path, name: str, *, port: int = 9) -> Path:
    """Writes a text under the name of a video, one of `LISTS`."""
    text = LISTS[name].replace(b"{port}", str(port).encode())
    path.write_bytes(text.replace(b"{folder}", str(path.parent).encode()))
    return path


def make_image(path: Path, image_format: str) -> Path:
    """Writes an image under the name of a video; of HEIC no more than its first boxes."""
    if image_format == "HEIC":
        path.write_bytes(box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(64)))
    else:
        Image.new("RGB", (64, 48), "red").save(path, image_format)
    return path


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I", len(content) + 8) + kind + content


def patched(path: Path, kind: bytes, offset: int, content: bytes) -> Path:
    """Overwrites bytes of each box or chunk of a kind, at an offset from the end of its name."""
    data = bytearray(path.read_bytes())
    at = data.find(kind)
    assert at >= 0
    while at >= 0:
        data[at + 4 + offset : at + 4 + offset + len(content)] = content
        at = data.find(kind, at + 4)
    path.write_bytes(data)
    return path


def with_times(path: Path, milliseconds: list[int]) -> Path:
    """Overwrites the time stamps of an MKV or WebM file of one cluster."""
    data = bytearray(path.read_bytes())
    for found, time in zip(_BLOCK.finditer(bytes(data)), milliseconds, strict=True):
        data[found.start(1) : found.end(1)] = struct.pack(">h", time)
    path.write_bytes(data)
    return path


def with_reference(path: Path, other: Path) -> Path:
    """Lets the samples of an MP4 file stand in another file, by a reference of Apple's kind."""
    name = str(other).encode()
    alias = b"".join(
        [
            *(bytes(4 + 10), b"\0" + bytes(27), bytes(12)),
            *(bytes([len(other.name)]), other.name.encode().ljust(63, b"\0"), bytes(16)),
            struct.pack(">HH", 1, 1) + bytes(16),
            struct.pack(">HH", 2, len(name)) + name + bytes(len(name) % 2),
            struct.pack(">HH", 0xFFFF, 0),
        ]
    )
    content = struct.pack(">II", 0, 1) + box(b"alis", alias)
    path.write_bytes(_replaced(path.read_bytes(), b"dref", content))
    return path


def _replaced(data: bytes, kind: bytes, content: bytes) -> bytes:
    """The boxes of a file, in which those of one kind have another content."""
    made, at = b"", 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        inner = data[at + 8 : at + length]
        if name == kind:
            inner = content
        elif name in {b"moov", b"trak", b"mdia", b"minf", b"dinf"}:
            inner = _replaced(inner, kind, content)
        made += box(name, inner)
        at += length
    return made


def make_empty_video(path: Path) -> Path:
    """Writes a video with a stream of pictures, but without a picture."""
    with av.open(str(path), "w", container_options={"movflags": "+empty_moov"}) as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.start_encoding()
    return path


def make_giant(path: Path, size: tuple[int, int]) -> Path:
    """Writes a file of 1 KB whose header says that its one picture is of this size."""
    with av.open(str(path), "w", format="matroska") as out:
        stream = out.add_mux_stream("mjpeg", rate=10, width=size[0], height=size[1])
        stream.time_base = Fraction(1, 10)
        packet = av.Packet(bytes(100))
        packet.stream, packet.pts, packet.dts = stream, 0, 0
        packet.time_base, packet.is_keyframe = Fraction(1, 10), True
        out.mux(packet)
    return path


def make_song(path: Path) -> Path:
    """Writes a sound with a cover, which is a stream of pictures with one picture."""
    with av.open(str(path), "w", format="mp4") as out:
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        sound = encode_tone(out, "aac", 1.0)
        next(sound)
        frame = av.VideoFrame(64, 48, "yuvj420p")
        frame.pts = 0
        out.mux(cover.encode(frame))
        out.mux(cover.encode(None))
        for _ in sound:
            pass
    return path


def make_changing(path: Path) -> Path:
    """Writes a transport stream whose size changes midway, where its times begin anew."""
    first = make_video(path.with_name("first.ts"), seconds=0.5).read_bytes()
    second = make_video(path.with_name("second.ts"), seconds=0.5, size=(32, 32)).read_bytes()
    path.write_bytes(first + second)
    return path
