"""The header of a catalog's file, read from the file's end without pyarrow.

Whoever reads no rows needs no more. pyarrow, with the NumPy that it imports, takes longer to import
than everything else that such a command does.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from io import SEEK_END, BytesIO
from typing import BinaryIO

from media_assets.errors import ManifestFormatError

FORMAT_VERSION = 2
METADATA_KEY = b"media_assets"
ROWS = "rows"
"""The number of rows: Parquet checks only the content of rows."""

_DIGEST = "header_digest"
_MAGIC = b"PAR1"
_END_BYTES = 8
"""The length of the footer, and the magic bytes."""
_BEFORE_TEXT = b"\x18"
"""What precedes the length of a text in the footer, which is in the compact protocol of Thrift."""
_KEY = _BEFORE_TEXT + bytes([len(METADATA_KEY)]) + METADATA_KEY + _BEFORE_TEXT


def read_file_header(data: bytes | BinaryIO, *, key: str) -> dict[str, object]:
    """Returns the header of a file, and reads only the file's end.

    Raises:
        ManifestFormatError: The file is damaged, is another kind of file, or its format version is
            not supported; the text names `key`.
    """
    try:
        header = parse_header(_text(BytesIO(data) if isinstance(data, bytes) else data), key=key)
    except ManifestFormatError:
        raise
    except (OSError, LookupError, ValueError, TypeError) as error:
        raise ManifestFormatError(found="unreadable", supported=FORMAT_VERSION, key=key) from error
    header.pop(ROWS, None)
    return header


def parse_header(text: bytes, *, key: str) -> dict[str, object]:
    """Returns the header in a file's metadata; older files have no digest of it.

    Raises:
        ManifestFormatError: The format version is not supported.
        ValueError: The text is damaged; some damage raises a LookupError or TypeError.
    """
    header: dict[str, object] = dict(json.loads(text))
    found = header.get("format_version")
    if type(found) is not int or not 1 <= found <= FORMAT_VERSION:
        raise ManifestFormatError(found=found, supported=FORMAT_VERSION, key=key)
    digest = header.pop(_DIGEST, None)
    if digest is not None and digest != _digest(header):
        raise ValueError(digest)
    return header


def header_text(header: Mapping[str, object], rows: int) -> str:
    """Returns the text for the metadata of a file with this many rows."""
    full = {"format_version": FORMAT_VERSION, **header, ROWS: rows}
    return json.dumps({**full, _DIGEST: _digest(full)})


def _text(file: BinaryIO) -> bytes:
    """Returns the header's text: the last value of our key, since rows' statistics come before."""
    size = file.seek(-_END_BYTES, SEEK_END)
    end = file.read()
    length = int.from_bytes(end[:4], "little")
    if end[4:] != _MAGIC or length > size:
        raise ValueError(end)
    file.seek(size - length)
    footer = file.read(length)
    place = footer.rindex(_KEY) + len(_KEY)
    shift = size = 0
    while True:
        part = footer[place]
        place, size, shift = place + 1, size | (part & 0x7F) << shift, shift + 7
        if part < 0x80:  # noqa: PLR2004  the last part of a number has no bit above these
            return footer[place : place + size]


def _digest(header: Mapping[str, object]) -> str:
    return sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()[:16]
