"""Collection of garbage, in an order that never leaves a record of a deleted file."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from media_assets.errors import PublishError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import commit_manifest, read_manifest
from media_assets.stores import Storage
from media_assets.upkeep.branches import Branches
from media_assets.upkeep.garbage import FolderGarbage, Garbage
from media_assets.upkeep.referenced_files import ReferencedFiles

COLLECTOR = "gc"
"""The run id of manifests that `gc` commits to leave out rows that are gone."""


def collect(root: CatalogRoot, storage: Storage, found: FolderGarbage) -> Iterator[Garbage]:
    """Deletes the garbage of one folder, and yields each file after its deletion.

    If rows are gone, a manifest without them is committed first. Then old manifests are deleted,
    lowest number first, then work records, then the files that none of them names any more.
    """
    if found.newest is not None and found.gone:
        header = replace(found.newest.header, run_id=COLLECTOR)
        ledger = found.folder.ledger(root)
        commit_manifest(ledger, header, {}, base=found.newest, gone=found.gone)
    for garbage in found.manifests:
        yield from remove([garbage])
    yield from remove(found.work)
    for published, manifest, gone in found.unpublished:
        try:
            published.publish(manifest, gone=gone)
        except PublishError as error:
            found.faults.append(error)
    yield from remove(_still_unnamed(root, storage, found))
    yield from remove(found.staged)


def remove(garbage: Iterable[Garbage]) -> Iterator[Garbage]:
    """Deletes files, one call for each run of files in one store, and yields them."""
    for store, same_store in groupby(garbage, key=lambda one: one.located.store):
        batch = list(same_store)
        store.delete(one.located.file.key for one in batch)
        yield from batch


def _still_unnamed(root: CatalogRoot, storage: Storage, found: FolderGarbage) -> list[Garbage]:
    """Leaves out files named by a manifest committed since the search, such as a restored one."""
    if not found.files:
        return []
    ledger = found.folder.ledger(root)
    newest = found.newest.number if found.newest else 0
    named: set[str] = set()
    for number in ledger.numbers(after=newest):
        records = read_manifest(ledger, number).records.values()
        named.update(record.fileurl for record in records if record.fileurl is not None)
    named |= Branches.of(root).fileurls(found.folder.path)
    files = ReferencedFiles(storage, named)
    return [garbage for garbage in found.files if not files.has(garbage.located)]
