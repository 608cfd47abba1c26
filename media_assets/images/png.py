"""The chunks of a PNG, and the file without those that pixels do not need.

Pillow refuses a whole PNG for damage in any chunk, and for text that it considers too long.
Therefore it is given only the chunks that pixels are made from. All others are read here one by
one, and those that are damaged or too large are dropped and noted.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_SIGNATURE_BYTES = 8
_CHUNK_BYTES = 12
"""The length, name and checksum of a chunk."""
_MOST_CHUNKS = 1_000_000
_LARGEST_TEXT = 1024**2
_LARGEST_TEXTS = 64 * 1024**2
_LARGEST_PROFILE = 16 * 1024**2
_CARRIED_PROFILE = 1024**2
_FOR_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_FOR_FRAMES = frozenset({b"acTL", b"fcTL", b"fdAT"})
_NAMES = {
    b"tRNS": "transparency",
    b"iCCP": "colour profile",
    b"cICP": "colour space",
    b"gAMA": "colour space",
    b"cHRM": "colour space",
    b"sRGB": "colour space",
    b"eXIf": "EXIF",
    b"acTL": "animation",
    b"fcTL": "animation",
    b"fdAT": "animation",
}
_GRAY, _COLOUR = 0, 2
_CHROMATICITIES = 8


@dataclass(slots=True)
class Png:
    """The contents of a PNG file besides its pixels.

    Attributes:
        pixels: A PNG file of the chunks that pixels are made from; usually the file itself.
        depth: Bits per sample in the file.
        color_type: From the header: 0 for gray, 2 for RGB, 3 for palette, 4 and 6 with alpha.
        key: The samples of the one transparent colour, in the file's own depth.
        profile: The ICC profile.
        carries_profile: Whether copies keep the profile; not if it is larger than 1 MiB.
        coding: Primaries and transfer function, by their numbers in ITU-T H.273.
        gamma: The exponent that samples were encoded with.
        chromaticities: x and y of white, red, green and blue.
        is_srgb: Whether the file states that its colours are sRGB.
        exif: The EXIF block.
        xmp: The XMP packet.
        frames: Frames of an animation; otherwise 1.
        marks: What was dropped.
    """

    pixels: bytes
    depth: int = 8
    color_type: int = _COLOUR
    key: tuple[int, ...] | None = None
    profile: bytes | None = None
    carries_profile: bool = True
    coding: tuple[int, int] | None = None
    gamma: float | None = None
    chromaticities: tuple[float, ...] | None = None
    is_srgb: bool = False
    exif: bytes = b""
    xmp: bytes = b""
    frames: int = 1
    marks: list[str] = field(default_factory=list[str])


def read_png(content: bytes) -> Png:
    """Reads all chunks of a PNG file except its pixels.

    Raises:
        ValueError: It has more than a million chunks.
    """
    png, reader = Png(content), _Reader()
    kept: list[tuple[int, int]] = []
    kept_pixels = is_in_animation = False
    for kind, start, end in png_chunks(content):
        data = memoryview(content)[start + 8 : end - 4]
        is_ancillary = bool(kind[:1].islower())
        if is_ancillary and zlib.crc32(data, zlib.crc32(kind)) != _checksum(content, end):
            reader.drop(png, _NAMES.get(kind, "text" if kind.endswith(b"Xt") else "metadata"))
            continue
        if kind == b"fcTL" and not kept_pixels:
            is_in_animation = True
        if kind not in {b"IDAT", b"fdAT"}:
            reader.read(png, kind, bytes(data) if len(data) < _LARGEST_TEXTS else b"")
        if kind in _FOR_PIXELS:
            kept_pixels = kept_pixels or kind == b"IDAT"
            if kept and kept[-1][1] == start:
                kept[-1] = (kept[-1][0], end)
            else:
                kept.append((start, end))
    if png.frames > 1 and not is_in_animation:
        png.frames += 1  # The image itself is not part of the animation.
    if kept != [(_SIGNATURE_BYTES, len(content))]:
        whole = memoryview(content)
        pieces = [whole[:_SIGNATURE_BYTES], *(whole[start:end] for start, end in kept)]
        png.pixels = b"".join(pieces)
    return png


def png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yields each chunk's name, start and end; one that is cut off ends with the file.

    Raises:
        ValueError: There are more than a million.
    """
    position = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        if position + 8 > len(content):
            return
        length, kind = struct.unpack_from(">I4s", content, position)
        end = min(position + length + _CHUNK_BYTES, len(content))
        yield kind, position, end
        if kind == b"IEND":
            return
        position = end
    reason = f"more than {_MOST_CHUNKS:,} pieces"
    raise ValueError(reason)


def animation_chunks(content: bytes) -> bytes:
    """Returns a PNG file with only the chunks that the pixels of all frames are made from."""
    kept = _FOR_PIXELS | _FOR_FRAMES
    pieces = [content[start:end] for kind, start, end in png_chunks(content) if kind in kept]
    return content[:_SIGNATURE_BYTES] + b"".join(pieces)


def _checksum(content: bytes, end: int) -> int:
    return int.from_bytes(content[end - 4 : end])


class _Reader:
    """Reads single chunks into a `Png`."""

    def __init__(self) -> None:
        self._text_left = _LARGEST_TEXTS

    def drop(self, png: Png, what: str) -> None:
        """Notes once that something was dropped."""
        if (mark := f"dropped: {what}") not in png.marks:
            png.marks.append(mark)

    def read(self, png: Png, kind: bytes, data: bytes) -> None:
        """Reads one chunk with a correct checksum; it is dropped if it cannot be read."""
        try:
            match kind:
                case b"IHDR":
                    png.depth, png.color_type = data[8], data[9]
                case b"tRNS":
                    png.key = _key(png, data)
                case b"eXIf":
                    png.exif = data
                case b"acTL":
                    png.frames = max(struct.unpack_from(">I", data)[0], 1)
                case b"tEXt" | b"zTXt" | b"iTXt":
                    self._text(png, kind, data)
                case _:
                    self._colours(png, kind, data)
        except (struct.error, zlib.error, ValueError, IndexError):
            self.drop(png, _NAMES.get(kind, "text"))

    def _colours(self, png: Png, kind: bytes, data: bytes) -> None:
        match kind:
            case b"iCCP":
                self._profile(png, data)
            case b"cICP":
                png.coding = data[0], data[1]
            case b"gAMA":
                png.gamma = struct.unpack(">I", data)[0] / 100_000
            case b"cHRM":
                numbers = struct.unpack(f">{_CHROMATICITIES}I", data)
                png.chromaticities = tuple(number / 100_000 for number in numbers)
            case b"sRGB":
                png.is_srgb = True
            case _:
                pass

    def _profile(self, png: Png, data: bytes) -> None:
        _, _, packed = data.partition(b"\0")
        png.profile = _unpack(packed[1:], _LARGEST_PROFILE)
        if len(png.profile) > _CARRIED_PROFILE:
            png.carries_profile = False
            self.drop(png, "colour profile")

    def _text(self, png: Png, kind: bytes, data: bytes) -> None:
        key, _, text = data.partition(b"\0")
        if kind == b"iTXt":
            is_packed = text[:1] == b"\1"
            text = text[2:].split(b"\0", 2)[2]
        else:
            is_packed = kind == b"zTXt"
            text = text[1:] if is_packed else text
        if is_packed:
            text = _unpack(text, min(_LARGEST_TEXT, self._text_left))
            self._text_left -= len(text)
        match key:
            case b"XML:com.adobe.xmp":
                png.xmp = text
            case b"Raw profile type exif" if not png.exif:
                png.exif = bytes.fromhex("".join(text.decode("latin-1").split("\n")[3:]))
            case _:
                pass


def _key(png: Png, data: bytes) -> tuple[int, ...] | None:
    """Returns the transparent colour of a gray or RGB image; bits beyond its depth are ignored."""
    if png.color_type not in {_GRAY, _COLOUR}:
        return None
    samples = struct.unpack_from(">H" if png.color_type == _GRAY else ">3H", data)
    return tuple(sample & ((1 << png.depth) - 1) for sample in samples)


def _unpack(packed: bytes, most: int) -> bytes:
    """Decompresses up to a maximum size.

    Raises:
        ValueError: There is more.
        zlib.error: It is damaged.
    """
    stream = zlib.decompressobj()
    content = stream.decompress(packed, most)
    if stream.unconsumed_tail or not stream.eof:
        reason = f"more than {most:,} bytes, or cut off"
        raise ValueError(reason)
    return content
