"""The row values of an upload as the cells that columns read."""

import hashlib
from collections.abc import Mapping

from media_assets.errors import RowValueMissingError
from media_assets.records.manifests import Record
from media_assets.row_value import RowValue
from media_assets.uploads.row_values import unpack_values
from media_assets.uploads.upload import Upload
from media_assets.values import Stored, decode_value

_NO_TEXT, _BYTES = b"\xff", b"\xfe"
"""The hash input for None, and the prefix of that for bytes: no text contains either byte."""


def value_digest(stored: Stored) -> str:
    """Returns the digest of what is kept of a value; null has one, too."""
    if isinstance(stored, bytes):
        return hashlib.sha256(_BYTES + stored).hexdigest()
    return hashlib.sha256(_NO_TEXT if stored is None else stored.encode()).hexdigest()


def state_of_value(value: RowValue, uploads: Mapping[str, Upload]) -> tuple[int, str]:
    """Returns how many rows have a row value, and its data version: a digest over rows and values.

    The rows are those of a partition, sorted by name.
    """
    digest, rows = hashlib.sha256(), 0
    for row, upload in uploads.items():
        held = unpack_values(upload.values)
        if value.name in held:
            rows += 1
            digest.update(f"{row}\0{value_digest(held[value.name])}\n".encode())
    return rows, digest.hexdigest()[:32]


def value_records(values: Mapping[str, RowValue], upload: Upload) -> dict[str, Record]:
    """Returns the cells of a row's values by column; an error where a value cannot be read.

    That is one that was never given, or is not what the table declares now.
    """
    if not values:
        return {}
    held = unpack_values(upload.values)
    return {name: _record(value, upload.row, held) for name, value in values.items()}


def _record(value: RowValue, row: str, held: Mapping[str, str | None]) -> Record:
    text = held.get(value.name)
    if value.name in held and (text is not None or value.is_nullable):
        try:
            decode_value(text, value.type)
        except (TypeError, ValueError, OverflowError):
            pass
        else:
            return Record(row, value=text, digest=value_digest(text))
    error = RowValueMissingError(row, value.name, value.type, text if value.name in held else "")
    return Record(row, error_class=type(error).__name__, error_message=str(error))
