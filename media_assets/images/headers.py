"""Facts from an image file's header, before pixels are decoded: format, frames, orientation.

Pillow can report most of this too, but only after long parsing (a GIF's frames), with warnings, or
by raising on damaged metadata, which must never cost an image.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice
from sys import maxsize

from media_assets.images import jpeg
from media_assets.images.boxes import largest_size

_FORMATS = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]|MM\*\0|II\0\*"),
    "BMP": re.compile(rb"BM"),
    # Before AVIF, which such a file may name as well; the first brand is what its pixels are.
    "HEIF": re.compile(
        rb"....ftyp(?:hei[cmsx]|hev[cmsx]|(?:mif[12]|msf1)(?!(?:....){0,15}?avi[fs]))", re.DOTALL
    ),
    "AVIF": re.compile(rb"....ftyp(?:....){0,16}?avi[fs]", re.DOTALL),
}
_PAGE, _SVG = "an HTML page", "an SVG drawing"
_REFUSED = {
    "a PDF document": re.compile(rb"%PDF-"),
    "a PostScript document": re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"),
    "a video": re.compile(rb"....ftyp....", re.DOTALL),
    "a JPEG XL image": re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "),
    "a JPEG 2000 image": re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
    "a Photoshop document": re.compile(rb"8BPS"),
    "an icon": re.compile(rb"\0\0\x01\0"),
    "a ZIP archive": re.compile(rb"PK\x03\x04"),
    _PAGE: re.compile(rb"\s*<(?:!doctype )?html", re.IGNORECASE),
    _SVG: re.compile(
        rb"(?:\xef\xbb\xbf)?\s*(?=<).{0,1000}?<(?:\w{1,20}:)?svg\b", re.IGNORECASE | re.DOTALL
    ),
    "an XML document": re.compile(rb"(?:\xef\xbb\xbf)?\s*<[?!]", re.IGNORECASE),
}
_SHORTEST = 26
"""Bytes; the smallest file of any format, a GIF of one pixel, is larger."""
CONVERT = "Convert it to one of these before uploading."
_AGAIN = "Upload it again: an interrupted copy or download leaves such a file."
_LOAD_THE_IMAGE = (
    "Upload the image itself: an error page or message from a server was probably saved under "
    "its name."
)
_DRAW = (
    "SVG has no pixels: its look depends on the program, on the fonts of the machine and on other "
    "files that it may name. Draw it as PNG, and upload that."
)
_FIX = {_PAGE: _LOAD_THE_IMAGE, _SVG: _DRAW}
_CONTROL = re.compile(rb"[^\t\n\f\r\x20-\xff]")
_SHOWN_AS_TEXT = 512
_NOT_ZERO = re.compile(rb"[^\0]")
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=\"|>)([1-8])")
_EXIF_ITEM = re.compile(rb"(infe.{8}|infe.{10})Exif", re.DOTALL)
_GIF_HEADER_BYTES = 13
_GIF_FRAME, _GIF_EXTENSION = 0x2C, 0x21
_BIG_TIFF = 43
_ORIENTATION_TAG = 0x0112
_ORIENTATIONS = range(1, 9)
_BMP_FILE_HEADER, _BMP_BYTES = 14, 14 + 124
_BMP_VERSION_4, _BMP_CALIBRATED = 108, 0
_BMP_COLOURS, _BMP_PROFILE = 14 + 56, 14 + 112
WHOLE_NUMBERS = {3: "H", 4: "I"}


def identify(content: bytes) -> str | None:
    """Returns the accepted format that the first bytes show; None if they show none.

    Example:
        >>> identify(b"GIF89a..."), identify(b"%PDF-1.7")
        ('GIF', None)
    """
    return next((name for name, start in _FORMATS.items() if start.match(content)), None)


def describe(content: bytes) -> tuple[str, str]:
    """Returns what the bytes look like, and what to do, for the error about an unaccepted file.

    The bytes are never quoted: readers of the error may not be allowed to read the file.
    """
    if not content.strip(b"\0"):
        return f"nothing but zeros: {len(content):,} bytes", _AGAIN
    for kind, start in _REFUSED.items():
        if start.match(content):
            return kind, _FIX.get(kind, CONVERT)
    if len(content) < _SHORTEST:
        return f"{len(content)} bytes, too few for an image", _AGAIN
    if _CONTROL.search(content[:_SHOWN_AS_TEXT]):
        return "no known image format", "Convert it to one of these, or upload it again."
    return "text", _LOAD_THE_IMAGE


def count_jpeg_scans(content: bytes, *, at_most: int) -> int:
    """Returns the number of scans in a JPEG, which each cover all pixels, up to `at_most` + 1."""
    scans = (start for marker, start, _ in jpeg.segments(content) if marker == jpeg.SCAN)
    return _counted(scans, at_most)


def count_gif_frames(content: bytes, *, at_most: int) -> int:
    """Returns the number of frames in a GIF, without decoding any, up to `at_most` + 1."""
    return max(_counted(_gif_frame_boxes(content), at_most), 1)


def _counted(found: Iterator[object], at_most: int) -> int:
    return sum(1 for _ in islice(found, min(at_most, maxsize - 1) + 1))


def gif_frame_box(content: bytes) -> tuple[int, int, int, int] | None:
    """Returns left, top, right and bottom of a GIF's first frame; None if there is none."""
    for left, top, width, height in _gif_frame_boxes(content):
        return left, top, left + width, top + height
    return None


def size_before_opening(name: str, content: bytes) -> tuple[int, int] | None:
    """Returns an image's size if opening acts on it, or hides it; None for other formats.

    Example:
        >>> size_before_opening("GIF", b"GIF89a" + bytes([64, 0, 48, 0, 0, 0, 0]))
        (64, 48)
    """
    match name:
        case "GIF":
            return _gif_size(content)
        case "WEBP":
            return _webp_size(content.ljust(30, b"\0"))
        case "HEIF":
            return largest_size(content)
        case _:
            return None


def _gif_size(content: bytes) -> tuple[int, int]:
    """Returns the size of the first frame: the screen, enlarged to hold that frame."""
    width, height = struct.unpack_from("<HH", content.ljust(10, b"\0"), 6)
    for left, top, frame_width, frame_height in _gif_frame_boxes(content):
        return max(width, left + frame_width), max(height, top + frame_height)
    return width, height


def _webp_size(content: bytes) -> tuple[int, int]:
    """Returns the size of the canvas, as laid out in the first chunk."""
    match content[12:16]:
        case b"VP8X":
            width, height = content[24:27] + b"\0", content[27:30] + b"\0"
            return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF


def _gif_frame_boxes(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yields left, top, width and height of every frame that has at least begun."""
    if len(content) < _GIF_HEADER_BYTES:
        return
    position = _GIF_HEADER_BYTES + gif_palette_bytes(content[10])
    while following := _NOT_ZERO.search(content, position):
        position = following.start()
        if content[position] == _GIF_FRAME and position + 10 <= len(content):
            yield struct.unpack_from("<4H", content, position + 1)
            # The frame's header, its palette, and the byte with the size of its codes.
            position += 10 + gif_palette_bytes(content[position + 9]) + 1
        elif content[position] == _GIF_EXTENSION:
            position += 2
        else:
            return
        while position < len(content) and content[position]:
            position += 1 + content[position]


def gif_palette_bytes(flags: int) -> int:
    """Returns the size of the palette that follows these flags."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def count_tiff_frames(content: bytes, *, at_most: int) -> int:
    """Returns the number of pages in a TIFF, up to `at_most` + 1 or until their list loops."""
    order = "<" if content[:2] == b"II" else ">"
    is_big = _BIG_TIFF in content[2:4]
    start, count, entry, link = ("Q", "Q", 20, 8) if is_big else ("I", "H", 12, 4)
    seen: set[int] = set()
    try:
        (position,) = struct.unpack_from(order + start, content, link)
        while position and position not in seen and len(seen) <= at_most:
            (entries,) = struct.unpack_from(order + count, content, position)
            seen.add(position)
            after = position + struct.calcsize(order + count) + entries * entry
            (position,) = struct.unpack_from(order + start, content, after)
    except (struct.error, OverflowError):
        pass  # The last page's link is cut off: pages seen so far count.
    return max(len(seen), 1)


def exif_orientation(block: bytes) -> int | None:
    """Returns the orientation (1 to 8) of an EXIF block; None if it has none or is damaged.

    Example:
        >>> exif_orientation(b"Exif junk") is None
        True
    """
    tiff = block.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, directory)
        for index in range(entries):
            offset = directory + 2 + 12 * index
            tag, kind = struct.unpack_from(order + "HH", tiff, offset)
            if tag == _ORIENTATION_TAG and kind in WHOLE_NUMBERS:
                (value,) = struct.unpack_from(order + WHOLE_NUMBERS[kind], tiff, offset + 8)
                return value if value in _ORIENTATIONS else None
    except struct.error:
        pass  # The block ends early.
    return None


def xmp_orientation(packet: bytes) -> int | None:
    """Returns the orientation (1 to 8) in an XMP packet; None if it has none."""
    match = _XMP_ORIENTATION.search(packet)
    return int(match[1]) if match else None


def bmp_profile(content: bytes) -> bytes | None:
    """Returns the ICC profile in a BMP; None if it has none, or only part of one."""
    if len(content) < _BMP_BYTES or content[_BMP_COLOURS : _BMP_COLOURS + 4] != b"DEBM":
        return None
    start, size = struct.unpack_from("<II", content, _BMP_PROFILE)
    profile = content[_BMP_FILE_HEADER + start : _BMP_FILE_HEADER + start + size]
    return profile if size and len(profile) == size else None


def bmp_endpoints(content: bytes) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Returns X, Y and Z of a BMP's red, green and blue, and the exponent of each.

    None if it states none: another kind of colours, an older header, or only zeros.
    """
    (size,) = struct.unpack_from("<I", content.ljust(18, b"\0"), _BMP_FILE_HEADER)
    if size < _BMP_VERSION_4 or len(content) < _BMP_FILE_HEADER + _BMP_VERSION_4:
        return None
    kind, *numbers = struct.unpack_from("<I9i3I", content, _BMP_COLOURS)
    if kind != _BMP_CALIBRATED or not any(numbers):
        return None
    points = tuple(number / (1 << 30) for number in numbers[:9])
    return points, tuple(number / (1 << 16) for number in numbers[9:])


def without_avif_exif(content: bytes) -> bytes:
    """Returns an AVIF file with its EXIF block hidden from decoders.

    A damaged block makes libavif refuse the image, although the format keeps the orientation
    elsewhere. The bytes keep their length and positions.
    """
    return _EXIF_ITEM.sub(rb"\1Junk", content, count=1)
