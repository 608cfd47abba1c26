"""Published copies that no row has any more, and those that a killed run did not make."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from media_assets.concurrency import map_concurrently
from media_assets.errors import StoredFileMissingError
from media_assets.file_keys import column_prefix
from media_assets.records.claims import Claim, digest_of
from media_assets.records.column_folders import ColumnFolder, column_folders
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Manifest, commit_manifest, read_manifest
from media_assets.records.publications import Publications, published_names, publishing_columns
from media_assets.records.written_files import LocatedFile
from media_assets.spellings import spellings
from media_assets.stores import Storage, StoredFile
from media_assets.upkeep.garbage import FolderGarbage, Garbage
from media_assets.uploads.parts import parent_of
from media_assets.uploads.stored_table import StoredTable

Places = dict[str, set[str]]
"""Rows by partition."""

_WHY = "no row has this published name any more"
_DELETION = "delete"
"""What stands in place of a run for manifests without rows that were deleted."""
_CLAIM = "the claim on a published name that no row has any more"


def find_unpublished(
    table: StoredTable, storage: Storage, *, since: datetime
) -> Iterator[FolderGarbage]:
    """Yields the published copies to delete, and the manifests to publish, column by column.

    Args:
        table: The table.
        storage: Access to the destinations.
        since: The beginning of the grace period: what is newer is left alone.
    """
    for column in publishing_columns(table.root, table.name):
        published = Publications(table.root, storage, table.name, column)
        # Listed first: a claim is made after its manifest is committed.
        claims = _older(published.claims(), since)
        notes = _older(published.unfinished(), since)
        newest = list(_newest_manifests(table.root, table.name, column))
        named = {digest_of(name) for one in newest for name in _names(table, one, since)}
        found = _garbage(table.root, storage, table.name, column, claims, claims.keys() - named)
        waiting = {published.partition_of(note) for note in notes}
        gone = table.gone_rows()
        found.unpublished = [
            (published, one, gone.get(one.header.partition, {}).keys())
            for one in newest
            if one.header.partition in waiting
        ]
        yield found


def all_published(root: CatalogRoot, storage: Storage, table: str, column: str) -> FolderGarbage:
    """Returns all published copies of a column, with everything that is kept of them."""
    published = Publications(root, storage, table, column)
    claims = published.claims()
    found = _garbage(root, storage, table, column, claims, claims.keys())
    notes = published.unfinished().values()
    found.staged += [Garbage(LocatedFile(root.store, file), _CLAIM) for file in notes]
    return found


def unpublish_rows(
    table: StoredTable,
    storage: Storage,
    rows: Collection[str],
    *,
    derived: Collection[StoredTable] = (),
) -> None:
    """Deletes the published copies of rows that were just deleted, and of their parts.

    Their cells go first, so that a row that comes back is made and published again.

    Args:
        table: The table.
        storage: Access to the destinations.
        rows: The rows' names, in either form of Unicode.
        derived: The tables of their parts, each after the one that it is derived from.
    """
    tables = (table, *derived)
    columns = {one.name: publishing_columns(one.root, one.name) for one in tables}
    if not any(columns.values()):
        return
    table.refresh()
    gone: dict[str, Places] = {table.name: {}}
    names = {name for row in rows for name in spellings(row)}
    for row, one in table.log.histories(names).items():
        if one.is_deleted:
            gone[table.name].setdefault(one.upload.partition, set()).add(row)
    for one in tables:
        if one.parent is not None and one is not table:
            gone[one.name] = _parts_of(gone[one.parent.name], one)
        for column in columns[one.name]:
            _unpublish(one, storage, column, gone[one.name])


def _parts_of(parents: Places, table: StoredTable) -> Places:
    """Returns the recorded parts of rows, which no view shows any more."""
    return {
        partition: {
            row for row, one in table.log.live_rows(partition).items() if parent_of(one) in rows
        }
        for partition, rows in parents.items()
    }


def _unpublish(table: StoredTable, storage: Storage, column: str, gone: Places) -> None:
    for partition, rows in gone.items():
        manifest = table.manifest(column, partition)
        if manifest is None:
            continue
        ledger, header = table.ledger(column, partition), manifest.header
        without = replace(header, run_id=_DELETION)
        commit_manifest(ledger, without, {}, base=manifest, gone=rows)
        named = published_names(manifest)
        owners = {named[row]: row for row in sorted(named.keys() & rows)}
        Publications(table.root, storage, table.name, column).remove(owners)


def _newest_manifests(root: CatalogRoot, table: str, column: str) -> Iterator[Manifest]:
    for folder in column_folders(root, table, column):
        if folder.manifests:
            yield read_manifest(folder.ledger(root), max(folder.manifests))


def _names(table: StoredTable, manifest: Manifest, since: datetime) -> Iterable[str]:
    """Returns the published names of the rows that a partition still has."""
    gone = table.gone_rows(by=since).get(manifest.header.partition, {})
    return (name for row, name in published_names(manifest).items() if row not in gone)


def _older(files: Mapping[str, StoredFile], since: datetime) -> dict[str, StoredFile]:
    return {name: file for name, file in files.items() if file.modified_at <= since}


def _garbage(
    root: CatalogRoot,
    storage: Storage,
    table: str,
    column: str,
    claims: Mapping[str, StoredFile],
    unnamed: Iterable[str],
) -> FolderGarbage:
    """Returns claims and the copies that they are for; the copies are deleted first."""
    found = FolderGarbage(ColumnFolder(column_prefix(table, column)))
    digests = sorted(unnamed)

    def look(claim: Claim) -> LocatedFile | None:
        store, key = storage.store_of(claim.fileurl)
        try:
            return LocatedFile(store, store.head(key))
        except StoredFileMissingError:
            return None

    read = Publications(root, storage, table, column).read(digests)
    located = [one for one in map_concurrently(look, read) if one is not None]
    found.files = [Garbage(one, _WHY) for one in located]
    found.staged = [Garbage(LocatedFile(root.store, claims[each]), _CLAIM) for each in digests]
    return found
