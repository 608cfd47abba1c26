"""Garbage goes: in an order that leaves no record of a file that is gone, wherever it stops."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import commit_manifest, read_manifest
from media_assets.stores import Storage
from media_assets.upkeep.garbage import FolderGarbage, Garbage
from media_assets.upkeep.referenced_files import ReferencedFiles

COLLECTOR = "gc"
"""What a manifest that leaves gone rows out says in the place of a run."""


def collect(root: CatalogRoot, storage: Storage, found: FolderGarbage) -> Iterator[Garbage]:
    """Removes the garbage of one folder, and yields each file once it is gone.

    First a manifest is committed that leaves gone rows out, if there are any; then old manifests
    go, lowest number first, then work records, then what none of them names any more.
    """
    if found.newest is not None and found.gone:
        header = replace(found.newest.header, run_id=COLLECTOR)
        ledger = found.folder.ledger(root)
        commit_manifest(ledger, header, {}, base=found.newest, gone=found.gone)
    for garbage in found.manifests:
        yield from remove([garbage])
    yield from remove(found.work)
    yield from remove(_still_unnamed(root, storage, found))
    yield from remove(found.staged)


def remove(garbage: Iterable[Garbage]) -> Iterator[Garbage]:
    """Deletes files, those of one store at once, and yields them."""
    for store, same_store in groupby(garbage, key=lambda one: one.located.store):
        batch = list(same_store)
        store.delete(one.located.file.key for one in batch)
        yield from batch


def _still_unnamed(root: CatalogRoot, storage: Storage, found: FolderGarbage) -> list[Garbage]:
    """Leaves out what was named by a manifest that came after the search, like a restored one."""
    if not found.files:
        return []
    ledger = found.folder.ledger(root)
    newest = found.newest.number if found.newest else 0
    named: set[str] = set()
    for number in ledger.numbers(after=newest):
        records = read_manifest(ledger, number).records.values()
        named.update(record.fileurl for record in records if record.fileurl is not None)
    files = ReferencedFiles(storage, named)
    return [garbage for garbage in found.files if not files.has(garbage.located)]
