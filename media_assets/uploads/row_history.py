"""The history of single rows in an upload log: every upload that they had, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from media_assets.addresses import spellings_of, strip_signature
from media_assets.file_keys import row_stem
from media_assets.uploads.log import UPLOAD_FIELDS, Upload, UploadLog

_ROWS_OF_FILE = """
    select distinct row, uri from log
    where uri >= $2 and uri <= $3 and split_part(uri, '?', 1) in (select unnest($1::varchar[]))
"""
_LINES_OF_ROW = f"""
    select entry, action, {UPLOAD_FIELDS} from log
    where row = ? and action <> 'touch' order by entry
"""  # noqa: S608  a constant
_ROWS_OF_PARTITION = "select distinct row from log where partition = ? order by row"
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class PastUpload:
    """What one entry of the log says of a row.

    Attributes:
        upload: The row's upload.
        is_deletion: Whether the entry deleted the row.
        recorded_at: When it was recorded.
    """

    upload: Upload
    is_deletion: bool
    recorded_at: datetime


def history_of_row(log: UploadLog, row: str) -> list[PastUpload]:
    """Returns what became of a row, oldest first; empty if the table never had it."""
    return [
        PastUpload(Upload(*facts), action == "delete", log.recorded_at(entry))
        for entry, action, *facts in log.query(_LINES_OF_ROW, [row])
    ]


def upload_at(history: Sequence[PastUpload], moment: datetime | None) -> PastUpload | None:
    """Returns the upload that a row had at a time; None if it had none yet."""
    found = [past for past in history if moment is None or past.recorded_at <= moment]
    return found[-1] if found else None


def rows_of_file(log: UploadLog, addresses: Iterable[str]) -> list[str]:
    """Returns the rows that ever had the file at one of these addresses as their upload."""
    wanted = set(addresses)
    texts = sorted({text for address in wanted for text in spellings_of(address)})
    found = log.query(_ROWS_OF_FILE, [texts, texts[0], texts[-1] + _LAST])
    return sorted({row for row, known in found if strip_signature(known) in wanted})


def rows_of_stem(log: UploadLog, partition: str, name: str) -> list[str]:
    """Returns the rows that a partition ever had whose files have names like this one."""
    stem = name.rpartition("-")[0]
    return [row for (row,) in log.query(_ROWS_OF_PARTITION, [partition]) if row_stem(row) == stem]
