"""Verification that a table's files exist and match their records, column by column."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from math import inf
from types import MappingProxyType

from media_assets.addresses import is_part
from media_assets.concurrency import map_concurrently
from media_assets.errors import StoredFileMissingError, StoredFileRefusedError
from media_assets.file_keys import is_file_name
from media_assets.reading import Reader
from media_assets.records.brief_records import read_briefly
from media_assets.records.manifests import Record
from media_assets.stores import StoredFile
from media_assets.upkeep.lookup import look_up
from media_assets.uploads.stored_table import StoredTable

SAMPLED = 3
"""Files read completely in each column and partition by default."""


class Trouble(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    SIZE = "size differs"
    DIGEST = "digest differs"
    REFUSED = "refused by its storage"
    NOT_PUBLISHED = "published copy missing or outdated"
    SOURCE_REFUSED = "source refused by its storage"
    SOURCE_GONE = "source missing, results kept"
    SOURCE_CHANGED = "source changed in place"


_OF_SOURCE = MappingProxyType(
    {
        Trouble.MISSING: Trouble.SOURCE_GONE,
        Trouble.SIZE: Trouble.SOURCE_CHANGED,
        Trouble.DIGEST: Trouble.SOURCE_CHANGED,
        Trouble.REFUSED: Trouble.SOURCE_REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that does not match its record."""

    column: str
    partition: str
    row: str
    fileurl: str
    trouble: Trouble

    @property
    def is_failure(self) -> bool:
        """Whether one of our own files is wrong; changed uploads are only reported."""
        return self.trouble not in _OF_SOURCE.values()


@dataclass(slots=True)
class Verified:
    """The result for one column in one partition.

    Attributes:
        column: The column.
        partition: The partition.
        rows: Rows of its newest manifest that the table still has.
        errors: The records of rows with an error, with the fields of `BRIEF` at least.
        files: Files that were looked up; sources on the web are not.
        digests: Files that were read completely.
        problems: The problems found, by row.
    """

    column: str
    partition: str
    rows: int = 0
    errors: list[Record] = field(default_factory=list[Record])
    files: int = 0
    digests: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])


def verify(
    table: StoredTable,
    reader: Reader,
    columns: Sequence[str],
    partitions: Iterable[str],
    *,
    sample: float = SAMPLED,
) -> Iterator[Verified]:
    """Checks the files that the newest manifests name; one partition at a time is in memory.

    Args:
        table: The table.
        reader: Access to the files.
        columns: The columns to check.
        partitions: The partitions to check.
        sample: How many files of each column and partition are read and compared by digest;
            `math.inf` for all, and all published copies.

    Raises:
        StoreFaultError: A storage cannot be reached.
    """
    gone = table.gone_rows()

    def look(place: tuple[str, str]) -> Verified:
        partition, column = place
        verified = Verified(column, partition)
        if (found := read_briefly(table.ledger(column, partition))) is not None:
            header, everything = found
            left = gone.get(partition, {})
            records = [record for record in everything if record.row not in left]
            verified.rows = len(records)
            verified.errors = [r for r in records if r.error_class is not None]
            is_in_place = header.destination is None
            _look_at_files(reader, records, verified, sample=sample, is_in_place=is_in_place)
            _look_at_published(reader, records, verified, reads_all=sample == inf)
        return verified

    return map_concurrently(look, product(partitions, columns))


def _look_at_files(
    reader: Reader,
    records: Sequence[Record],
    verified: Verified,
    *,
    sample: float,
    is_in_place: bool,
) -> None:
    wanted = {
        r.fileurl: r
        for r in records
        if r.fileurl and not is_part(r.fileurl) and not reader.is_web(r.fileurl)
    }
    looked = look_up(reader.storage, wanted)
    verified.files = len(wanted)
    troubles = {
        fileurl: trouble
        for fileurl, record in wanted.items()
        if (trouble := _trouble(record, looked.found.get(fileurl)))
    }
    troubles |= dict.fromkeys(looked.refused, Trouble.REFUSED)
    whole = [fileurl for fileurl in wanted if fileurl not in troubles]
    chosen = whole if sample == inf else random.sample(whole, min(int(sample), len(whole)))
    verified.digests = len(chosen)
    for fileurl in chosen:
        if trouble := _trouble_of_content(reader, wanted[fileurl], fileurl):
            troubles[fileurl] = trouble
    for record in records:
        fileurl = record.fileurl or ""
        if trouble := troubles.get(fileurl):
            is_ours = is_file_name(fileurl.rpartition("/")[2])
            shown = _OF_SOURCE[trouble] if is_in_place and not is_ours else trouble
            place = (verified.column, verified.partition, record.row, fileurl)
            verified.problems.append(Problem(*place, shown))


def _look_at_published(
    reader: Reader, records: Sequence[Record], verified: Verified, *, reads_all: bool
) -> None:
    wanted = {r.published: r for r in records if r.published and r.fileurl}
    looked = look_up(reader.storage, wanted)
    verified.files += len(wanted)
    for name, record in wanted.items():
        trouble = _trouble(record, looked.found.get(name))
        if trouble is None and reads_all:
            trouble = _trouble_of_content(reader, record, name)
            verified.digests += 1
        if trouble:
            place = (verified.column, verified.partition, record.row, name)
            verified.problems.append(Problem(*place, Trouble.NOT_PUBLISHED))


def _trouble(record: Record, stored: StoredFile | None) -> Trouble | None:
    if stored is None:
        return Trouble.MISSING
    return Trouble.SIZE if stored.size_bytes != record.size_bytes else None


def _trouble_of_content(reader: Reader, record: Record, fileurl: str) -> Trouble | None:
    """Reads a whole file, and compares its digest with the recorded one."""
    store, key = reader.storage.store_of(fileurl)
    digest = hashlib.sha256()
    try:
        for chunk in store.stream(key):
            digest.update(chunk)
    except StoredFileMissingError:  # deleted in the meantime
        return Trouble.MISSING
    except StoredFileRefusedError:
        return Trouble.REFUSED
    return None if digest.hexdigest() == record.digest else Trouble.DIGEST
