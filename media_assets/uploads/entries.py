"""The files of an upload log: numbered entries, and segments that hold a hundred of them each."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

from media_assets.errors import FileExistsInStoreError, StoreFaultError
from media_assets.records.database import quote_name, quote_text
from media_assets.records.ledger import Ledger
from media_assets.records.local_copies import LocalCopies
from media_assets.records.parquet import (
    SQL_TYPES,
    ArrowTable,
    ColumnKind,
    RowGroups,
    Schema,
    in_groups,
    write_parquet,
    write_parquet_parts,
)

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
"""What the upload of a row supersedes that did not exist. Older entries have null there, as they
have where the row was in the same partition before: they leave open which of both it was."""
SEGMENT_ENTRIES = 100
_ROWS_OF_GROUP = 10_000
"""What is read at least: of a range of names only the groups that it meets."""


@dataclass(slots=True)
class Entries:
    """Entries as they were last seen; each is one file, counted from 1, and never changes.

    To open a file takes longer than to read what an entry holds, so every hundred entries are kept
    once more in one file, their segment. Nothing depends on it: an entry without one is read from
    its own file, and the next append makes the segment.
    """

    ledger: Ledger
    files: LocalCopies
    newest: int = 0
    _segments: set[int] = field(default_factory=set[int])
    """The number of the last entry of each."""

    def refresh(self) -> bool:
        """Looks for entries that others added; False when there are none.

        Raises:
            ManifestFormatError: The newest entry is damaged, or written by a newer version.
        """
        store, prefix = self.ledger.store, self._segment_prefix
        after = self._segment_key(max(self._segments)) if self._segments else prefix
        names = (
            file.key.removeprefix(prefix).removesuffix(".parquet")
            for file in store.list(prefix, start_after=after)
        )
        # Not added one by one: other threads may be reading the set.
        self._segments = self._segments | {int(last) for last in names if last.isdigit()}
        seen = max([self.newest, *self._segments])
        newest = max(self.ledger.numbers(after=seen), default=seen)
        if newest == self.newest:
            return False
        self.header(newest)
        self.newest = newest
        return True

    def append(self, header: Mapping[str, object], table: ArrowTable) -> bool:
        """Adds an entry after the newest; False when somebody else did, and nothing was added."""
        number = self.newest + 1
        if not self.ledger.claim(number, write_parquet(header, table)):
            return False
        self.newest = number
        with suppress(StoreFaultError):  # the entry is recorded; without a segment, reading is slow
            self._make_a_segment()
        return True

    def until(self, newest: int) -> Self:
        """Returns the entries up to a number alone."""
        segments = {last for last in self._segments if last <= newest}
        return type(self)(self.ledger, self.files, newest, segments)

    def header(self, number: int) -> dict[str, object]:
        """Returns what an entry says of itself.

        Raises:
            ManifestFormatError: It is damaged, or written by a newer version.
        """
        key = self.ledger.key(number)
        return RowGroups(self.files.read(key), key=key).header

    def source(self) -> str:
        """Returns what stands after `from` to read all entries with DuckDB."""
        # A table of pyarrow would do, but that takes a tenth of a second to import.
        empty = (
            f"null::{SQL_TYPES[kind]} as {quote_name(column)}" for column, kind in SCHEMA.items()
        )
        nothing = f"select {', '.join(empty)} limit 0"
        if not (paths := self.paths()):
            return f"({nothing})"
        files = ", ".join(quote_text(path) for path in paths)
        # By name: files of older versions lack some columns, perhaps all of them the same.
        found = f"read_parquet([{files}], hive_partitioning = false, union_by_name = true)"
        return f"(({nothing}) union all by name from {found})"

    def paths(self) -> list[str]:
        """Returns the paths of the files that hold all entries, on this machine."""
        return [str(path) for path in self.files.paths(self._keys())]

    def check(self) -> None:
        """Reads every file.

        Raises:
            ManifestFormatError: One is damaged, or written by a newer version; the text has its
                name.
        """
        for key in self._keys():
            self._read(key)

    @contextmanager
    def naming_damage(self) -> Generator[None]:
        """Reads every file where DuckDB fails, which would not say whether one is damaged.

        Raises:
            ManifestFormatError: One is; the text has its name.
        """
        import duckdb  # noqa: PLC0415  slow to import

        try:
            yield
        except duckdb.Error:
            self.check()
            raise

    @property
    def _segment_prefix(self) -> str:
        # Sorts behind all entries, so that either are listed without the other.
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
        """Makes the oldest segment that is missing, if its entries are all there."""
        complete = range(SEGMENT_ENTRIES, self.newest + 1, SEGMENT_ENTRIES)
        last = next((last for last in complete if last not in self._segments), None)
        if last is None:
            return
        tables = (self._read(self.ledger.key(number)) for number in _entries_of(last))
        data = write_parquet_parts({}, SCHEMA, in_groups(SCHEMA, tables, _ROWS_OF_GROUP))
        with suppress(FileExistsInStoreError):  # whoever made it read the same entries
            self.ledger.store.create(self._segment_key(last), data)
        self._segments = self._segments | {last}

    def _read(self, key: str) -> ArrowTable:
        return RowGroups(self.files.read(key), key=key, schema=SCHEMA).read_all()


def _entries_of(last: int) -> range:
    """The entries of the segment that ends with this one."""
    return range(last - SEGMENT_ENTRIES + 1, last + 1)
