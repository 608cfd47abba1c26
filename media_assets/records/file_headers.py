"""The header of a catalog's file, with the file's checksum, read without pyarrow.

Whoever reads no rows needs no more. pyarrow, with the NumPy that it imports, takes longer to import
than everything else that such a command does.

Parquet's own checksums leave out the headers of pages and the footer. The header's covers each byte
of the file but the header's text, and that has a digest of its own.
"""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import SEEK_END, BytesIO
from typing import BinaryIO
from zlib import crc32

from media_assets.errors import DamagedRecordError, ManifestFormatError

FORMAT_VERSION = 2
METADATA_KEY = b"media_assets"
ROWS = "rows"
"""The number of rows: Parquet checks only the content of rows."""

CHECKSUM = "checksum"
"""Of all other bytes; a version that does not know it reads the file without."""
_DIGEST = "header_digest"
_MAGIC = b"PAR1"
_END_BYTES = 8
"""The length of the footer, and the magic bytes."""
_PART_BYTES = 1 << 20
_BEFORE_TEXT = b"\x18"
"""What precedes the length of a text in the footer, which is in the compact protocol of Thrift."""
_KEY = _BEFORE_TEXT + bytes([len(METADATA_KEY)]) + METADATA_KEY + _BEFORE_TEXT


@contextmanager
def naming_damage(key: str, *others: type[Exception]) -> Generator[None]:
    """Turns errors of a damaged file, and others, into a `DamagedRecordError` that names it."""
    try:
        yield
    except ManifestFormatError:
        raise
    except (OSError, LookupError, ValueError, TypeError, OverflowError, *others) as error:
        raise DamagedRecordError(key) from error


def read_file_header(data: bytes | BinaryIO, *, key: str) -> dict[str, object]:
    """Returns the header of a file, and reads only the file's end.

    Raises:
        ManifestFormatError: The file is damaged, is another kind of file, or its format version is
            not supported; the text names `key`.
    """
    with naming_damage(key):
        header = _parse(_find_text(_opened(data))[1], key=key)
    header.pop(CHECKSUM, None)
    header.pop(ROWS, None)
    return header


def has_checksum(data: bytes | BinaryIO, *, key: str) -> bool:
    """Whether a file, of which it reads only the end, has a checksum; raises as `read_file_header`.

    Older files have those of their pages alone, which pyarrow compares and DuckDB does not.
    """
    with naming_damage(key):
        return CHECKSUM in _parse(_find_text(_opened(data))[1], key=key)


def read_whole_header(data: bytes | BinaryIO, *, key: str) -> dict[str, object]:
    """Returns the header of a file whose every byte is as it was written, with rows and checksum.

    Files of older versions have no checksum, and neither have their headers a digest.

    Raises:
        ManifestFormatError: As in `read_file_header`.
    """
    with naming_damage(key):
        file = _opened(data)
        place, text = _find_text(file)
        header = _parse(text, key=key)
        checksum = header.get(CHECKSUM)
        if checksum is not None and checksum != _checksum(file, place, len(text)):
            raise ValueError(checksum)
        return header


def header_text(header: Mapping[str, object], rows: int, checksum: int = 0) -> str:
    """Returns the text for the metadata of a file with this many rows; its length is always one."""
    full = {"format_version": FORMAT_VERSION, **header, ROWS: rows, CHECKSUM: f"{checksum:08x}"}
    return json.dumps({**full, _DIGEST: digest_of_facts(full)})


def add_checksum(file: BytesIO, header: Mapping[str, object], rows: int) -> None:
    """Replaces the text of the header in a file that was written with it without a checksum."""
    place, text = _find_text(file)
    checksum = int(_checksum(file, place, len(text)), 16)
    file.seek(place)
    file.write(header_text(header, rows, checksum).encode())


def _opened(data: bytes | BinaryIO) -> BinaryIO:
    return BytesIO(data) if isinstance(data, bytes) else data


def _parse(text: bytes, *, key: str) -> dict[str, object]:
    header: dict[str, object] = dict(json.loads(text))
    found = header.get("format_version")
    if type(found) is not int or not 1 <= found <= FORMAT_VERSION:
        raise ManifestFormatError(found=found, supported=FORMAT_VERSION, key=key)
    digest = header.pop(_DIGEST, None)
    is_older = digest is None and CHECKSUM not in header
    if not is_older and digest != digest_of_facts(header):
        raise ValueError(digest)
    return header


def _find_text(file: BinaryIO) -> tuple[int, bytes]:
    """Returns the header's text and its place.

    It is the last value of our key, since rows' statistics come before.
    """
    file_size = file.seek(0, SEEK_END)
    file.seek(file_size - _END_BYTES)
    end = file.read()
    start = file_size - _END_BYTES - int.from_bytes(end[:4], "little")
    if end[4:] != _MAGIC or start < 0:
        raise ValueError(end)
    file.seek(start)
    footer = file.read(file_size - _END_BYTES - start)
    place = footer.rindex(_KEY) + len(_KEY)
    size = shift = 0
    while True:
        part = footer[place]
        place, size, shift = place + 1, size | (part & 0x7F) << shift, shift + 7
        if part < 0x80:  # noqa: PLR2004  the last part of a number has no bit above these
            return start + place, footer[place : place + size]


def _checksum(file: BinaryIO, place: int, length: int) -> str:
    """Returns the checksum of all of a file but the text at a place; little of it is in memory."""
    file.seek(0)
    checksum, left = 0, place
    while part := file.read(min(left, _PART_BYTES)):
        checksum, left = crc32(part, checksum), left - len(part)
    file.seek(place + length)
    while part := file.read(_PART_BYTES):
        checksum = crc32(part, checksum)
    return f"{checksum:08x}"


def digest_of_facts(facts: Mapping[str, object]) -> str:
    """Returns a digest of what is kept as JSON, to tell damage."""
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
