"""The parts of a table's rows, for columns that read them."""

from collections.abc import Iterable, Mapping

from media_assets.columns import Column
from media_assets.errors import InputFailedError, InputNotMaterializedError
from media_assets.parts import PartCells
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record
from media_assets.tables.reads import columns_of_parts, parts_read
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.uploads.parts import live_parts, parent_of, standing_parts, unsplit
from media_assets.uploads.row_cells import value_records

_NOT_SPLIT = "It was not split yet, or has changed since."


class PartsOfRows:
    """The parts of the rows of one partition, by derived table."""

    def __init__(
        self, root: CatalogRoot, table: MediaTable, partition: str, columns: Iterable[Column]
    ) -> None:
        """Reads the cells of the parts that columns read.

        Raises:
            InputNotMaterializedError: A derived table was never materialized in the partition.
        """
        self._found: dict[str, dict[str, PartCells]] = {}
        self._types: dict[str, PartCells] = {}
        self._errors: dict[str, dict[str, str]] = {}
        readers: dict[str, list[str]] = {}
        for column in columns:
            for name in parts_read(table, column):
                readers.setdefault(name, []).append(column.name)
        for name, names in readers.items():
            self._read(root, table, name, partition, names)

    def _read(
        self, root: CatalogRoot, table: MediaTable, name: str, partition: str, readers: list[str]
    ) -> None:
        derived = table.derived[name]
        stored = stored_table(root, derived)
        columns = columns_of_parts(table, name, readers)
        manifests = {column.name: stored.manifest_of(column, partition) for column in columns}
        source = manifests[derived.source.name]
        if source is None:
            raise InputNotMaterializedError(
                column=f"{table.name}/{readers[0]}",
                reads=f"{derived.name}/{derived.source.name}",
                partition=partition,
            )
        cells: dict[str, dict[str, Mapping[str, Record]]] = {}
        assert stored.parent is not None  # noqa: S101  the table is derived
        contents = stored.parent.contents(partition)
        standing = standing_parts(stored, partition, contents)
        self._errors[name] = dict.fromkeys(unsplit(standing, contents), _NOT_SPLIT)
        for row, upload in live_parts(standing, contents).items():
            records = {n: m.records.get(row) for n, m in manifests.items() if m is not None}
            parent = parent_of(upload)
            of_part = records.get(derived.source.name)
            if row in (parent, f"{parent}/error") and of_part and of_part.error_class:
                self._errors[name][parent] = of_part.error_message or ""
                continue
            known = {n: record for n, record in records.items() if record is not None}
            values = value_records(derived.values, upload)
            cells.setdefault(parent, {})[row] = {**values, **known}
        types = {n: value.type for n, value in derived.values.items()}
        types |= {column.name: column.type for column in columns}
        self._types[name] = PartCells(types)
        self._found[name] = {parent: PartCells(types, found) for parent, found in cells.items()}

    def of(self, row: str) -> dict[str, PartCells]:
        """Returns the parts of a row by derived table; of one that failed, none."""
        return {name: self._of(name, row) for name in self._found if row not in self._errors[name]}

    def records(self, row: str) -> dict[str, Record]:
        """Returns what stands for the parts of a row among its cells, by derived table."""
        return {name: self._record(name, row) for name in self._found}

    def _of(self, name: str, row: str) -> PartCells:
        return self._found[name].get(row, self._types[name])

    def _record(self, name: str, row: str) -> Record:
        if (problem := self._errors[name].get(row)) is not None:
            return Record(row, error_class=InputFailedError.__name__, error_message=problem)
        return Record(row, digest=self._of(name, row).digest)


def parts_of(root: CatalogRoot, table: MediaTable, partition: str) -> PartsOfRows | None:
    """Returns what all columns of a table read of their rows' parts; None if there are none yet."""
    try:
        return PartsOfRows(root, table, partition, table.columns)
    except InputNotMaterializedError:
        return None
