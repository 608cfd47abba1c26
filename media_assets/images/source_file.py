"""`SourceFile`: what the header of a photo says about it, as values."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import isfinite
from pathlib import Path
from urllib.parse import unquote

from media_assets.images.blocks import Block, find_blocks, profile_name
from media_assets.images.exif import entries

Number = float | int
Found = Mapping[int, "str | tuple[Number, ...]"]

_MAKE, _MODEL, _ORIENTATION, _ARTIST, _COPYRIGHT = 0x010F, 0x0110, 0x0112, 0x013B, 0x8298
_EXIF, _GPS = 0x8769, 0x8825
_EXPOSURE, _F_NUMBER, _ISO, _FOCAL_LENGTH, _LENS = 0x829A, 0x829D, 0x8827, 0x920A, 0xA434
_TAKEN, _TAKEN_OFFSET, _TAKEN_FRACTION = 0x9003, 0x9011, 0x9291
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_ALTITUDE_REF, _ALTITUDE, _BELOW_SEA = 5, 6, 1
_TEXT = 2
_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
_FRACTIONS = {5: "II", 10: "ii"}
_LONGEST_TEXT, _MOST_NUMBERS = 4_096, 16
_CLASSIC, _HEADER = 42, 8
_ORIENTATIONS = range(1, 9)
_DATE = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d{1,2}):(\d\d)")
_LARGEST_OFFSET = timedelta(hours=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A row's source file: its name, and what its header says, without a pixel being decoded.

    What the file does not say, or says in a damaged way, is None. All of it is as the file says,
    which nobody has checked.

    Attributes:
        name: The file's name, the last part of its address.
        address: Where the upload is, without a signature. A move makes no cell stale.
        size_bytes: Its size.
        taken_at: When the photo was taken. It has a time zone only where the file gives one
            (`OffsetTimeOriginal`); otherwise it is naive: what the camera's clock showed.
        camera_make: Such as "Canon".
        camera_model: Such as "Canon EOS R5".
        lens: The model of the lens.
        exposure_seconds: The exposure time.
        f_number: The aperture.
        iso: The sensitivity.
        focal_length_mm: The focal length of the lens as it was, in millimetres.
        latitude: Decimal degrees, negative in the south.
        longitude: Decimal degrees, negative in the west.
        altitude_meters: Above sea level; negative below.
        orientation: 1 to 8 as in EXIF, before the image was turned upright.
        copyright: The copyright notice.
        artist: The author.
        profile: The name of the colour profile, such as "Display P3".

    Examples:
        >>> SourceFile.of(b"no image", "/photos/a.jpg").taken_at is None
        True
    """

    name: str
    address: str
    size_bytes: int
    taken_at: datetime | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens: str | None = None
    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude_meters: float | None = None
    orientation: int | None = None
    copyright: str | None = None
    artist: str | None = None
    profile: str | None = None

    @classmethod
    def of(cls, content: bytes | Path, address: str) -> "SourceFile":
        """Returns what the header of a file says.

        Args:
            content: The bytes of an image file; the path of any other, of which no fact is read.
            address: Where it is.
        """
        name = unquote(address.rstrip("/").rpartition("/")[2])
        if isinstance(content, Path):
            return cls(name=name, address=address, size_bytes=content.stat().st_size)
        blocks = find_blocks(content)
        main, exif, gps = _directories(blocks.exif)
        latitude = _degrees(gps, _LATITUDE, _LATITUDE_REF, "NS", most=90)
        longitude = _degrees(gps, _LONGITUDE, _LONGITUDE_REF, "EW", most=180)
        is_placed = latitude is not None and longitude is not None
        orientation, iso = _number(main, _ORIENTATION), _positive(exif, _ISO)
        return cls(
            name=name,
            address=address,
            size_bytes=len(content),
            taken_at=_taken_at(exif),
            camera_make=_text(main, _MAKE),
            camera_model=_text(main, _MODEL),
            lens=_text(exif, _LENS),
            exposure_seconds=_positive(exif, _EXPOSURE),
            f_number=_positive(exif, _F_NUMBER),
            iso=None if iso is None else int(iso),
            focal_length_mm=_positive(exif, _FOCAL_LENGTH),
            latitude=latitude if is_placed else None,
            longitude=longitude if is_placed else None,
            altitude_meters=_altitude(gps),
            orientation=next((known for known in _ORIENTATIONS if known == orientation), None),
            copyright=_text(main, _COPYRIGHT),
            artist=_text(main, _ARTIST),
            profile=profile_name(blocks.profile),
        )


def _directories(block: Block) -> tuple[Found, Found, Found]:
    """Returns the values of the main directory of an EXIF block, of its EXIF and GPS directories.

    Only these three are followed, each once: links cannot lead in a circle.
    """
    tiff = memoryview(block)
    order = {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]))
    try:
        version, first = struct.unpack_from((order or "<") + "HI", tiff, 2)
    except struct.error:
        return {}, {}, {}
    if order is None or version != _CLASSIC:
        return {}, {}, {}
    main = _directory(tiff, order, first)
    exif, gps = (_directory(tiff, order, int(_number(main, link) or 0)) for link in (_EXIF, _GPS))
    return main, exif, gps


def _directory(tiff: memoryview, order: str, position: int) -> Found:
    """Returns the values of a directory by tag, up to where it is damaged; the first of each."""
    found: dict[int, str | tuple[Number, ...]] = {}
    if position < _HEADER:  # as for a link that is missing
        return found
    try:
        for tag, kind, place in entries(tiff, order, position):
            if tag not in found and (value := _value(tiff, order, kind, place)) is not None:
                found[tag] = value
    except (struct.error, OverflowError):
        pass
    return found


def _value(
    tiff: memoryview, order: str, kind: int, place: int
) -> "str | tuple[Number, ...] | None":
    """Returns a text or numbers; None for other types, long lists, and what is damaged."""
    form = _FRACTIONS.get(kind) or _NUMBERS.get(kind) or ("s" if kind == _TEXT else "")
    try:
        (count,) = struct.unpack_from(order + "I", tiff, place - 4)
        if not form or count > (_LONGEST_TEXT if kind == _TEXT else _MOST_NUMBERS):
            return None
        size = struct.calcsize(order + form) * count
        start = place if size <= 4 else struct.unpack_from(order + "I", tiff, place)[0]  # noqa: PLR2004
        if kind == _TEXT:
            text = bytes(tiff[start : start + count])
            return _decoded(text) if len(text) == count else None
        numbers = struct.unpack_from(order + form * count, tiff, start)
        if kind in _FRACTIONS:
            numbers = tuple(a / b for a, b in zip(numbers[::2], numbers[1::2], strict=True))
    except (struct.error, ZeroDivisionError):
        return None
    return numbers if all(map(isfinite, numbers)) else None


def _decoded(text: bytes) -> str:
    """Returns a text without control characters: the first part that is not blank."""
    try:
        plain = text.decode()
    except UnicodeDecodeError:
        plain = text.decode("latin-1")
    parts = (re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", part).strip() for part in plain.split("\0"))
    return next(filter(None, parts), "")


def _text(found: Found, tag: int) -> str | None:
    value = found.get(tag)
    return value or None if isinstance(value, str) else None


def _number(found: Found, tag: int) -> Number | None:
    value = found.get(tag)
    return value[0] if isinstance(value, tuple) and value else None


def _positive(found: Found, tag: int) -> float | None:
    number = _number(found, tag)
    return float(number) if number is not None and number > 0 else None


def _taken_at(exif: Found) -> datetime | None:
    match = _DATE.match(_text(exif, _TAKEN) or "")
    if match is None:
        return None
    fraction = re.match(r"\d{1,6}", _text(exif, _TAKEN_FRACTION) or "")
    microseconds = int(fraction[0].ljust(6, "0")) if fraction else 0
    try:
        year, month, day, hour, minute, second = map(int, match.groups())
        naive = datetime(year, month, day, hour, minute, second, microseconds)  # noqa: DTZ001  what the clock showed
    except ValueError:
        return None
    return naive.replace(tzinfo=_time_zone(_text(exif, _TAKEN_OFFSET) or ""))


def _time_zone(text: str) -> timezone | None:
    if text.upper() == "Z":
        return timezone(timedelta())
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset > _LARGEST_OFFSET:
        return None
    return timezone(-offset if match[1] == "-" else offset)


def _degrees(gps: Found, tag: int, reference: int, signs: str, *, most: int) -> float | None:
    """Returns degrees from degrees, minutes and seconds; None if nothing says on which side."""
    parts, side = gps.get(tag), (_text(gps, reference) or "")[:1].upper()
    if not isinstance(parts, tuple) or not side or side not in signs:
        return None
    degrees = sum(part / 60**power for power, part in enumerate(parts[:3]))
    if not 0 <= degrees <= most:
        return None
    return -degrees if side == signs[1] else degrees


def _altitude(gps: Found) -> float | None:
    altitude = _number(gps, _ALTITUDE)
    if altitude is None:
        return None
    return -float(altitude) if _number(gps, _ALTITUDE_REF) == _BELOW_SEA else float(altitude)
