"""Columns with real files, without a run: stored, noted and committed as a step would do it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from media_assets.destinations import parse_destination
from media_assets.file_keys import file_key
from media_assets.records.known_destinations import note_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Manifest, Record, commit_manifest, newest_manifest
from media_assets.stores import Storage
from media_assets.upkeep.collection import collect
from media_assets.upkeep.garbage import FolderGarbage, Garbage, GarbageFinder
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.retention import Retention
from media_assets.uploads.stored_table import StoredTable
from media_assets.values import ColumnType
from media_assets_tests.catalogs import header

STORAGE = Storage()


def put_file(
    root: CatalogRoot,
    destination: str,
    row: str,
    content: str,
    *,
    column: str = "flipped",
    partition: str = "p1",
    table: str = "photos",
    storage: Storage = STORAGE,
) -> Record:
    """Notes the destination and stores one file, as a run does before it commits."""
    place = parse_destination(destination)
    note_destination(root, table, column, partition, place)
    data = content.encode()
    digest = sha256(data).hexdigest()
    key = place.key(
        file_key(
            table=table, column=column, partition=partition, row=row, digest=digest, extension="jpg"
        )
    )
    store = storage.open(place)
    store.put(key, data)
    return Record(row, store.fileurl(key), digest, len(data))


def put_column(
    root: CatalogRoot,
    destination: str,
    contents: Mapping[str, str],
    *,
    column: str = "flipped",
    partition: str = "p1",
    table: str = "photos",
    run_id: str = "run",
    storage: Storage = STORAGE,
) -> Manifest:
    """Stores a file per row and commits them over what stands there."""
    cells = {
        row: put_file(
            root,
            destination,
            row,
            content,
            column=column,
            partition=partition,
            table=table,
            storage=storage,
        )
        for row, content in contents.items()
    }
    ledger = root.ledger(table, column, partition)
    head = header(column, partition, table=table, type=ColumnType.IMAGE)
    head = replace(head, run_id=run_id, destination=parse_destination(destination).uri)
    return commit_manifest(ledger, head, cells, base=newest_manifest(ledger))


def find(
    root: CatalogRoot, retention: Retention, *, table: str = "photos", storage: Storage = STORAGE
) -> list[FolderGarbage]:
    """The garbage of a table, folder by folder."""
    in_place = files_uploaded_in_place(root, storage)
    kept = StoredTable(root, table)
    return list(GarbageFinder(kept, storage, retention, in_place=in_place).find())


def collect_all(
    root: CatalogRoot, retention: Retention, *, table: str = "photos", storage: Storage = STORAGE
) -> list[str]:
    """Removes the garbage of a table, and returns the fileurls that went."""
    found = find(root, retention, table=table, storage=storage)
    return urls(garbage for folder in found for garbage in collect(root, storage, folder))


def urls(garbage: Iterable[Garbage]) -> list[str]:
    """The fileurls of garbage, in its order."""
    return [one.located.fileurl for one in garbage]


def fileurls(manifest: Manifest) -> set[str]:
    return {record.fileurl for record in manifest.records.values() if record.fileurl}


def stored(destination: str, storage: Storage = STORAGE) -> set[str]:
    """The fileurls of all files below a destination."""
    place = parse_destination(destination)
    store = storage.open(place)
    return {store.fileurl(file.key) for file in store.list(place.prefix)}
