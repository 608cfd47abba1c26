"""The EXIF block of a result that keeps some facts of its source: `keep_metadata=`."""

import os
import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from media_assets.images.source_file import SourceFile

_BYTE, _TEXT, _LONG, _FRACTION = 1, 2, 4, 5
_EXIF, _GPS = 0x8769, 0x8825
_MOST = 2**32 - 1
_HEADER, _START = b"Exif\0\0", 8
_FINEST = 1_000_000
_Entry = tuple[int, int, int, bytes]
"""Tag, type, count and value."""

KEEPABLE = ("artist", "camera", "copyright", "exposure", "lens", "location", "taken_at")
"""The facts that a result can keep."""


@dataclass(frozen=True, slots=True)
class KeptMetadata:
    """What is written into a result: the entries of its main, EXIF and GPS directories.

    They are made anew from facts, so nothing else of the source is in them, and equal facts give
    equal bytes.
    """

    main: tuple[_Entry, ...] = ()
    exif: tuple[_Entry, ...] = ()
    gps: tuple[_Entry, ...] = ()

    @classmethod
    def of(cls, source: "SourceFile", keep: Collection[str]) -> "KeptMetadata | None":
        """Returns the facts of a source that are kept; None if it has none of them.

        >>> from media_assets.images.source_file import SourceFile
        >>> source = SourceFile(name="a.jpg", address="/a.jpg", size_bytes=1)
        >>> KeptMetadata.of(source, ["copyright"]) is None
        True
        """
        made = cls(
            tuple(entry for name in keep for entry in _main(source, name)),
            tuple(entry for name in keep for entry in _exif(source, name)),
            tuple(_location(source)) if "location" in keep else (),
        )
        return None if made == cls() else made

    def block(self) -> bytes:
        """Returns the EXIF block."""
        return _HEADER + b"II*\0" + struct.pack("<I", _START) + self._tree([], _START)

    def add_to_tiff(self, file: BinaryIO) -> None:
        """Adds it to a TIFF of one page, whose pixels stay where they are.

        Pillow would write question marks for what is not ASCII, and cannot write the links to
        other directories in a compressed file.
        """
        file.seek(0)
        (place,) = struct.unpack("<4xI", file.read(_START))
        file.seek(place)
        (count,) = struct.unpack("<H", file.read(2))
        standing = [struct.unpack("<HHI4s", file.read(12)) for _ in range(count)]
        end = file.seek(0, os.SEEK_END)
        start = end + end % 2
        file.write(bytes(start - end) + self._tree(standing, start))
        file.seek(4)
        file.write(struct.pack("<I", start))
        file.seek(0, os.SEEK_END)

    def _tree(self, standing: Sequence[_Entry], start: int) -> bytes:
        """Returns the main directory, which starts there, and those that it links to."""
        main = [*standing, *self.main]
        linked = {link: found for link, found in ((_EXIF, self.exif), (_GPS, self.gps)) if found}
        links = dict.fromkeys(linked, 0)
        # Where the linked directories are does not change the length of the main one.
        place = start + len(_directory([*main, *map(_link, links.items())], start))
        bodies = b""
        for link, found in linked.items():
            links[link] = place + len(bodies)
            bodies += _directory(found, links[link])
        return _directory([*main, *map(_link, links.items())], start) + bodies


def _main(source: "SourceFile", name: str) -> Iterator[_Entry]:
    match name:
        case "artist":
            yield from _text(0x013B, source.artist)
        case "camera":
            yield from _text(0x010F, source.camera_make)
            yield from _text(0x0110, source.camera_model)
        case "copyright":
            yield from _text(0x8298, source.copyright)
        case _:
            pass


def _exif(source: "SourceFile", name: str) -> Iterator[_Entry]:
    match name:
        case "exposure":
            yield from _fractions(0x829A, source.exposure_seconds)
            yield from _fractions(0x829D, source.f_number)
            if source.iso is not None:
                yield 0x8827, _LONG, 1, struct.pack("<I", min(source.iso, _MOST))
            yield from _fractions(0x920A, source.focal_length_mm)
        case "lens":
            yield from _text(0xA434, source.lens)
        case "taken_at" if source.taken_at is not None:
            yield from _text(0x9003, source.taken_at.strftime("%Y:%m:%d %H:%M:%S").rjust(19, "0"))
            if (offset := source.taken_at.utcoffset()) is not None:
                yield from _text(0x9011, _offset(offset))
            if source.taken_at.microsecond:
                yield from _text(0x9291, f"{source.taken_at.microsecond:06}")
        case _:
            pass


def _offset(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"


def _location(source: "SourceFile") -> Iterator[_Entry]:
    if source.latitude is not None and source.longitude is not None:
        yield from _text(1, "S" if source.latitude < 0 else "N")
        yield from _fractions(2, abs(source.latitude), 0.0, 0.0)
        yield from _text(3, "W" if source.longitude < 0 else "E")
        yield from _fractions(4, abs(source.longitude), 0.0, 0.0)
    if source.altitude_meters is not None:
        yield 5, _BYTE, 1, bytes([source.altitude_meters < 0])
        yield from _fractions(6, abs(source.altitude_meters))


def _text(tag: int, text: str | None) -> Iterator[_Entry]:
    if text:
        content = text.encode() + b"\0"
        yield tag, _TEXT, len(content), content


def _fractions(tag: int, *numbers: float | None) -> Iterator[_Entry]:
    found = [Fraction(min(n, _MOST)).limit_denominator(_FINEST) for n in numbers if n is not None]
    if found:
        pairs = (struct.pack("<II", *_in_32_bits(each)) for each in found)
        yield tag, _FRACTION, len(found), b"".join(pairs)


def _in_32_bits(number: Fraction) -> tuple[int, int]:
    """Returns numerator and denominator, as exact as 32 bits allow."""
    if number.numerator > _MOST:
        number = number.limit_denominator(max(_MOST // (int(number) + 1), 1))
    return min(number.numerator, _MOST), number.denominator


def _link(link: tuple[int, int]) -> _Entry:
    tag, place = link
    return tag, _LONG, 1, struct.pack("<I", place)


def _directory(entries: Sequence[_Entry], position: int) -> bytes:
    """Returns a directory that starts at a position, followed by the values that it links to."""
    head, values = struct.pack("<H", len(entries)), b""
    after = position + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in sorted(entries):
        head += struct.pack("<HHI", tag, kind, count)
        if len(value) <= 4:  # noqa: PLR2004
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack("<I", after + len(values))
            values += value + b"\0" * (len(value) % 2)
    return head + bytes(4) + values
