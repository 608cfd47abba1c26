"""What a branch changed, table by table, in the order in which main can take it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from media_assets.branches.cells import Changed
from media_assets.branches.partition_rows import PartitionRows
from media_assets.branches.rows import BranchRows
from media_assets.columns import Column
from media_assets.concurrency import map_concurrently
from media_assets.errors import UnknownNameError
from media_assets.file_keys import safe_segment, table_prefix
from media_assets.records.branches import own_columns, own_logs
from media_assets.records.ledger import CatalogRoot, Ledger, number_in
from media_assets.tables.reads import keys_read
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True, slots=True)
class ChangedColumn:
    """One column of one partition that a branch changed.

    Attributes:
        table: The table, as declared; None if the code has none of its name.
        column: The column, as declared; None if the code has none of its name.
        changed: What the branch changed.
        main: The partition's rows on main.
        branch: The same, as the branch sees them.
    """

    table: MediaTable | None
    column: Column | None
    changed: Changed
    main: PartitionRows
    branch: PartitionRows


class BranchChanges:
    """What a branch changed of main.

    Attributes:
        main: The catalog.
        branch: The catalog as the branch sees it.
        tables: The tables that it changed and the code has, parents before their parts.
    """

    def __init__(
        self, main: CatalogRoot, branch: CatalogRoot, declared: Mapping[str, MediaTable]
    ) -> None:
        """Lists the branch's own files.

        Raises:
            UnknownBranchError: There is no such branch.
            UnknownNameError: It changed rows of a table that the code does not have.
        """
        self.main, self.branch = main, branch
        self._columns, self._logs = own_columns(branch), own_logs(branch)
        self._known: dict[str, tuple[StoredTable, StoredTable]] = {}
        touched = {table for table, _ in self._columns} | self._logs
        in_order = [t for each in declared.values() for t in (each.root, *each.root.all_derived)]
        paths = {_path(table.name): table for table in in_order}
        self.tables: Sequence[MediaTable] = [t for path, t in paths.items() if path in touched]
        if unknown := sorted(self._logs - paths.keys()):
            where = "in this code location, and the branch has rows of it"
            raise UnknownNameError(kind="table", name=unknown[0], known=declared, where=where)

    def rows(self) -> list[tuple[MediaTable, BranchRows]]:
        """Returns the rows of the tables whose uploads it changed, parents before their parts."""
        return [
            (table, BranchRows(self.main, self.branch, table.name, parent=_parent(table)))
            for table in self.tables
            if _path(table.name) in self._logs
        ]

    @property
    def folders(self) -> list[str]:
        """The folders of the partitions whose cells it changed, sorted."""
        return sorted({folder for found in self._columns.values() for folder in found})

    def columns(self) -> Iterator[ChangedColumn]:
        """Yields what it changed partition by partition."""
        for found in map_concurrently(lambda each: [*self.columns_of(each)], self.folders):
            yield from found

    def columns_of(self, folder: str) -> Iterator[ChangedColumn]:
        """Yields what it changed in one partition, each column after those that it reads."""
        known: dict[str, tuple[PartitionRows, PartitionRows]] = {}
        places = [(_place(table, column), table, column) for table, column in self.in_order]
        declared = {place for place, _, _ in places}
        others = [(place, None, None) for place in sorted(self._columns.keys() - declared)]
        for place, table, column in [*places, *others]:
            if folder not in self._columns.get(place, ()):
                continue
            changed = self._changed(place, folder)
            head = changed.newest.header
            if head.table not in known:
                on_main, on_branch = self._stored(table, head.table)
                of_main = PartitionRows(on_main, head.partition)
                known[head.table] = of_main, PartitionRows(on_branch, head.partition)
            main, branch = known[head.table]
            if not branch.is_without_log:
                changed = replace(changed, live=branch.live)
            yield ChangedColumn(table, column, changed, main, branch)

    def _changed(self, place: tuple[str, str], folder: str) -> Changed:
        path = f"{place[0]}/{place[1]}/{folder}/"
        assert self.branch.on is not None  # noqa: S101  it is a branch
        of_base = [number_in(file.key) for file in self.branch.on.base.below(path)]
        prefix = self.branch.destination.key(path)
        return Changed.of(Ledger(self.branch.store, prefix), max(of_base, default=0))

    def _stored(self, table: MediaTable | None, name: str) -> tuple[StoredTable, StoredTable]:
        """Returns the table on main and on the branch, opened once for all partitions."""
        if name not in self._known:
            parent = _parent(table) if table else None
            main, branch = (StoredTable(r, name, parent=parent) for r in (self.main, self.branch))
            self._known.setdefault(name, (main, branch))
        return self._known[name]

    @cached_property
    def in_order(self) -> list[tuple[MediaTable, Column]]:
        """All columns of the tables, each after all that it reads."""
        by_key = {t.asset_key(c.name): (t, c) for t in self.tables for c in t.columns}
        reads: dict[dg.AssetKey, list[dg.AssetKey]] = {
            key: [k for name in column.reads for k in keys_read(table, name, by=column)]
            for key, (table, column) in by_key.items()
        }
        return [by_key[k] for k in TopologicalSorter(reads).static_order() if k in by_key]


def _path(table: str) -> str:
    return table_prefix(table).rstrip("/")


def _parent(table: MediaTable) -> str | None:
    return table.splitting.parent.name if table.splitting else None


def _place(table: MediaTable, column: Column) -> tuple[str, str]:
    return _path(table.name), safe_segment(column.name)
