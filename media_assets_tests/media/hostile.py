"""Files that are not what their names say, or say of themselves what is not true."""

import struct
from pathlib import Path

from PIL import Image

from media_assets_tests.media.videos import make_video

SECRET = b"the other file"
LISTS = {
    "ffconcat": b"ffconcat version 1.0\nfile secret.mp4\n",
    "hls-http": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
    "hls-file": b"#EXTM3U\n#EXTINF:1,\nfile://{folder}/secret.mp4\n#EXT-X-ENDLIST\n",
    "hls-relative": b"#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nm=video {port} RTP/AVP 96\r\n",
    "dash": b'<?xml version="1.0"?>\n<MPD><BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>',
}
WORDS = {
    "ffconcat": "an ffconcat list",
    "hls-http": "an HLS playlist",
    "hls-file": "an HLS playlist",
    "hls-relative": "an HLS playlist",
    "sdp": "an SDP session description",
    "dash": "a DASH manifest",
}


def make_list(path: Path, name: str, *, port: int = 9) -> Path:
    """Writes a text that refers to other files, one of `LISTS`."""
    text = LISTS[name].replace(b"{port}", str(port).encode())
    path.write_bytes(text.replace(b"{folder}", str(path.parent).encode()))
    return path


def make_image(path: Path, image_format: str) -> Path:
    """Writes an image under the name of a video; HEIC as its first box alone."""
    if image_format == "HEIC":
        path.write_bytes(box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(64))
    else:
        Image.new("RGB", (64, 48), "red").save(path, image_format)
    return path


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an MP4 file."""
    return struct.pack(">I", len(content) + 8) + kind + content


def patch(path: Path, kind: bytes, offset: int, content: bytes) -> Path:
    """Overwrites bytes of each box of a kind, at an offset from the beginning of its content."""
    data = bytearray(path.read_bytes())
    at = data.find(kind)
    while at >= 0:
        data[at + 4 + offset : at + 4 + offset + len(content)] = content
        at = data.find(kind, at + 4)
    path.write_bytes(data)
    return path


def make_plain(path: Path) -> Path:
    """Writes a video whose header comes first, in one piece."""
    return make_video(path)
