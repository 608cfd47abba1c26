"""Tables with tables derived from them, whose steps run without Dagster around them."""

import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from media_assets.catalog import Catalog
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.tables.scanning import record
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.upkeep.collection import collect
from media_assets.upkeep.garbage import GarbageFinder
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.retention import Retention
from media_assets.uploads.folders import find_files
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.rows_of_data import insert_rows
from media_assets_tests.steps import NO_VERSIONS, made, run_step


def save(folder: Path, name: str, shade: int, *, height: int = 10, at: int = 10**18) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, height), shade).save(path, "PNG")
    os.utime(path, ns=(at, at))
    return path


def insert(table: MediaTable, *paths: Path) -> str:
    found = find_files(paths)
    return record(MediaIOManager().installation, table, found, is_named=True).partitions[0]


def run(*tables: MediaTable, partition: str) -> list[int]:
    """Runs the steps of tables, and returns how many cells each made."""
    return [made(run_step(table, partition)) for table in tables]


def shown(table: str = "photos/strips", columns: str = "row, shade") -> list[tuple[object, ...]]:
    query = f'select {columns} from "{table}" order by row'  # noqa: S608
    frame = Catalog.open().sql(query)
    return [tuple(line) for line in frame.itertuples(index=False)]


def rows(table: str = "photos/strips") -> list[object]:
    return [row for (row,) in shown(table, "row")]


def stored(table: MediaTable) -> StoredTable:
    return stored_table(MediaIOManager().installation.catalog, table)


def stale(table: MediaTable, partition: str) -> dict[str, dict[Reason, list[str]]]:
    found = stale_columns(table, stored(table), NO_VERSIONS, partition)
    return {column.column: dict(column.stale) for column in found if column.stale}


def errors_of(table: MediaTable, partition: str) -> Sequence[Record]:
    return errors_in(table, table.source.name, partition)


def collected(table: MediaTable, retention: Retention = ONLY_CURRENT) -> set[str]:
    """Collects the garbage of a table, of now, and returns what was deleted."""
    installation = MediaIOManager().installation
    root, storage = installation.catalog, installation.storage
    in_place = files_uploaded_in_place(root, storage)
    finder = GarbageFinder(StoredTable(root, table.name), storage, retention, in_place=in_place)
    return {
        garbage.located.fileurl
        for found in finder.find()
        for garbage in collect(root, storage, found)
    }


def errors_in(table: MediaTable, column: str, partition: str) -> Sequence[Record]:
    manifest = stored(table).manifest(column, partition)
    assert manifest is not None
    return manifest.errors


def insert_with(table: MediaTable, path: Path, **values: object) -> str:
    data = [{"source": str(path), **values}]
    return insert_rows(MediaIOManager().installation, table, data).partitions[0]
