"""The files of an upload log: numbered entries, and segments of a hundred entries each."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

from media_assets.errors import FileExistsInStoreError, StoreFaultError
from media_assets.records.database import quote_text
from media_assets.records.file_headers import read_file_header
from media_assets.records.ledger import Ledger
from media_assets.records.local_copies import LocalCopies
from media_assets.records.parquet import (
    ArrowTable,
    ColumnKind,
    RowGroups,
    Schema,
    in_groups,
    no_rows,
    write_parquet,
    write_parquet_parts,
)
from media_assets.stores import StoredFile

SCHEMA: Schema = {
    "entry": ColumnKind.INT64,
    "action": ColumnKind.CODE,
    "row": ColumnKind.TEXT,
    "partition": ColumnKind.CODE,
    "supersedes": ColumnKind.CODE,
    "uri": ColumnKind.TEXT,
    "size_bytes": ColumnKind.INT64,
    "version": ColumnKind.TEXT,
    "digest": ColumnKind.TEXT,
    "content": ColumnKind.TEXT,
    "values": ColumnKind.TEXT,
}
NOTHING = ""
"""The superseded partition of a row that did not exist. Older entries have null both here and for a
row that was in the same partition before."""
SEGMENT_ENTRIES = 100
_ROWS_OF_GROUP = 10_000
"""Rows of a row group: a query for a range of names reads only the groups that overlap it."""


@dataclass(slots=True)
class Entries:
    """The entries known so far; each is one file, numbered from 1, that never changes.

    Opening a file takes longer than reading an entry, so every hundred entries are copied to one
    file, their segment. Segments are optional: without one, entries are read from their own files,
    and the next append makes the segment.
    """

    ledger: Ledger
    files: LocalCopies
    newest: int = 0
    _segments: set[int] = field(default_factory=set[int])
    """The number of the last entry of each segment."""
    _file: StoredFile | None = None
    """The newest entry as it was listed; None if it was not, such as one's own."""

    def refresh(self) -> bool:
        """Looks for new entries of other writers; returns False if there are none.

        If the table was dropped in the meantime, all entries are new, though they have the numbers
        of those before.

        Raises:
            ManifestFormatError: The newest entry is damaged, or written by a newer version.
        """
        store, prefix = self.ledger.store, self._segment_prefix
        after = self._segment_key(max(self._segments)) if self._segments else prefix
        names = (
            file.key.removeprefix(prefix).removesuffix(".parquet")
            for file in store.list(prefix, start_after=after)
        )
        # Replaced as a whole, since other threads may be reading the set.
        self._segments = self._segments | {int(last) for last in names if last.isdigit()}
        seen = max([self.newest, *self._segments])
        found = self.ledger.files(after=self.newest - 1 if self.newest else seen)
        if self.newest:
            file = found.get(self.newest)
            if file is None or self._file not in (None, file):
                self.newest, self._segments, self._file = 0, set(), None
                self.files = LocalCopies(store)
                return self.refresh() or True
            self._file = file
        newest = max([seen, *found])
        if newest == self.newest:
            return False
        self.header(newest)
        self.newest, self._file = newest, found.get(newest)
        return True

    def append(self, header: Mapping[str, object], table: ArrowTable) -> bool:
        """Adds an entry after the newest; returns False if another writer was first."""
        number = self.newest + 1
        if not self.ledger.claim(number, write_parquet(header, table)):
            return False
        self.newest, self._file = number, None
        with suppress(
            StoreFaultError
        ):  # the entry is recorded; a missing segment only makes reading slow
            self._make_a_segment()
        return True

    def until(self, newest: int) -> Self:
        """Returns the entries up to a number."""
        segments = {last for last in self._segments if last <= newest}
        return type(self)(self.ledger, self.files, newest, segments)

    def header(self, number: int) -> dict[str, object]:
        """Returns the header of an entry.

        Raises:
            ManifestFormatError: It is damaged, or written by a newer version.
        """
        key = self.ledger.key(number)
        return read_file_header(self.files.read(key), key=key)

    def source(self) -> str:
        """Returns the text after `from` that reads all entries with DuckDB."""
        nothing = no_rows(SCHEMA)
        if not (paths := self.paths()):
            return f"({nothing})"
        files = ", ".join(quote_text(path) for path in paths)
        # By name: files of older versions lack some columns, perhaps all the same ones.
        found = f"read_parquet([{files}], hive_partitioning = false, union_by_name = true)"
        return f"(({nothing}) union all by name from {found})"

    def paths(self) -> list[str]:
        """Returns the local paths of the files that hold all entries."""
        return [str(path) for path in self.files.paths(self._keys())]

    def size_bytes(self) -> int:
        """Returns the size of the files that hold all entries."""
        return sum(path.stat().st_size for path in self.files.paths(self._keys()))

    def check(self) -> None:
        """Reads every file.

        Raises:
            ManifestFormatError: One is damaged, or written by a newer version; the text names it.
        """
        for key in self._keys():
            self._read(key)

    @contextmanager
    def naming_damage(self) -> Generator[None]:
        """Checks every file after an error of DuckDB, which does not name a damaged file.

        Raises:
            ManifestFormatError: A file is damaged; the text names it.
        """
        import duckdb  # noqa: PLC0415  slow to import

        try:
            yield
        except duckdb.Error:
            self.check()
            raise

    @property
    def _segment_prefix(self) -> str:
        # Sorts after all entries, so that each kind is listed without the other.
        return f"{self.ledger.prefix}segment-"

    def _segment_key(self, last: int) -> str:
        return self.ledger.key(last).replace(self.ledger.prefix, self._segment_prefix)

    def _keys(self) -> list[str]:
        """The fewest files that hold all entries."""
        in_segments = {number for last in self._segments for number in _entries_of(last)}
        singly = [n for n in range(1, self.newest + 1) if n not in in_segments]
        return [
            *(self._segment_key(last) for last in sorted(self._segments)),
            *(self.ledger.key(number) for number in singly),
        ]

    def _make_a_segment(self) -> None:
        """Makes the oldest missing segment, if all its entries exist."""
        complete = range(SEGMENT_ENTRIES, self.newest + 1, SEGMENT_ENTRIES)
        last = next((last for last in complete if last not in self._segments), None)
        if last is None:
            return
        tables = (self._read(self.ledger.key(number)) for number in _entries_of(last))
        data = write_parquet_parts({}, SCHEMA, in_groups(SCHEMA, tables, _ROWS_OF_GROUP))
        with suppress(FileExistsInStoreError):  # another writer made it from the same entries
            self.ledger.store.create(self._segment_key(last), data)
        self._segments = self._segments | {last}

    def _read(self, key: str) -> ArrowTable:
        return RowGroups(self.files.read(key), key=key, schema=SCHEMA).read_all()


def _entries_of(last: int) -> range:
    """Returns the numbers of the entries in the segment that ends with this one."""
    return range(last - SEGMENT_ENTRIES + 1, last + 1)
