"""Many manifests in few files: faster to open, the same to read, and gone with what they held."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from media_assets.catalog import Catalog
from media_assets.errors import ManifestFormatError
from media_assets.records.column_folders import list_columns, list_tables
from media_assets.records.ledger import CatalogRoot
from media_assets.records.local_copies import LocalCopies
from media_assets.records.merged import FEW, list_merged, read_merged
from media_assets.stores import StoredFile
from media_assets.stores.memory import MemoryStore
from media_assets.upkeep.dropping import Drop
from media_assets.upkeep.merging import merge_manifests
from media_assets.upkeep.retention import Retention
from media_assets.uploads.log import UploadLog
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    delete_rows,
    header,
    image,
    memory_root,
    upload,
)
from media_assets_tests.retentions import ONLY_CURRENT, tomorrow
from media_assets_tests.stored import STORAGE, collect_all, find, urls

PARTITIONS = [f"P {number:03d}" for number in range(FEW + 20)]
"""Names that their folders do not have."""


def fill(root: CatalogRoot, partitions: Iterable[str], *, version: str = "1") -> None:
    """Commits a row named like its partition in each of them."""
    for partition in partitions:
        commit(root, header("flipped", partition), [image(partition, f"/{version}/{partition}")])


def full(root: CatalogRoot) -> CatalogRoot:
    """Fills all partitions, and merges their manifests."""
    log = UploadLog(root, "photos")
    assert log.append(log.refresh(), [upload(partition, partition) for partition in PARTITIONS])
    fill(root, PARTITIONS)
    merge_manifests(root, "photos", "flipped")
    return root


def names(root: CatalogRoot) -> list[str]:
    return [file.key for file in list_merged(root, "photos", "flipped")]


def shown(root: CatalogRoot) -> dict[str, str]:
    """What a catalog that has read nothing yet shows."""
    frame = catalog_of(root).sql("select row, flipped from photos")
    return dict(zip(frame["row"], frame["flipped"], strict=True))


def expected(replaced: Iterable[str] = (), *, version: str = "2") -> dict[str, str]:
    cells = {partition: f"/1/{partition}" for partition in PARTITIONS}
    return cells | {partition: f"/{version}/{partition}" for partition in replaced}


class Downloads(MemoryStore):
    """Counts the files that are downloaded."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.keys: list[str] = []

    def download(self, key: str, target: Path) -> None:
        self.keys.append(key)
        super().download(key, target)


def test_what_was_merged_is_read_from_few_files() -> None:
    root = full(memory_root())
    store = Downloads(root.destination.bucket)
    root = CatalogRoot(store, root.destination)

    assert shown(root) == expected()

    of_column = [key for key in store.keys if "flipped" in key]
    assert of_column == names(root)


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_a_manifest_that_came_since_wins(kind: str, tmp_path: Path) -> None:
    root = full(CatalogRoot.open(str(tmp_path)) if kind == "local" else memory_root())
    replaced = PARTITIONS[5:50:7]

    fill(root, replaced, version="2")

    assert shown(root) == expected(replaced)
    assert len(catalog_of(root).sql("from media_assets.files")) == len(PARTITIONS)


def test_few_manifests_are_not_merged(root: CatalogRoot) -> None:
    fill(root, PARTITIONS[: FEW - 1])
    merge_manifests(root, "photos", "flipped")
    assert names(root) == []

    fill(root, PARTITIONS[FEW - 1 : FEW])
    merge_manifests(root, "photos", "flipped")
    assert len(names(root)) == 1


def test_to_merge_again_changes_nothing_until_many_manifests_came(root: CatalogRoot) -> None:
    (first,) = names(full(root))
    fill(root, PARTITIONS[:50], version="2")

    merge_manifests(root, "photos", "flipped")
    assert names(root) == [first]

    fill(root, PARTITIONS[50:], version="2")
    merge_manifests(root, "photos", "flipped")
    assert len(names(root)) == 2
    assert shown(root) == expected(PARTITIONS)


def test_a_merged_file_goes_when_nobody_reads_it_any_more(root: CatalogRoot) -> None:
    (first,) = names(full(root))
    fill(root, PARTITIONS, version="2")
    merge_manifests(root, "photos", "flipped")

    assert collect_all(root, Retention()) == []
    removed = collect_all(root, tomorrow())

    assert removed == [root.store.fileurl(first)]
    assert len(names(root)) == 1
    assert shown(root) == expected(PARTITIONS)


def test_a_deleted_row_leaves_the_merged_files_too(root: CatalogRoot) -> None:
    (first,) = names(full(root))
    delete_rows(root, [PARTITIONS[0]])

    collect_all(root, tomorrow())
    merge_manifests(root, "photos", "flipped")
    between = names(root)
    collect_all(root, tomorrow())

    assert first in between
    assert first not in names(root)
    assert len(between) == 2
    held = b"".join(root.store.get(key) for key in names(root))
    assert PARTITIONS[1].encode() in held
    assert shown(root).keys() == set(PARTITIONS[1:])


def test_without_any_grace_it_leaves_them_at_once(root: CatalogRoot) -> None:
    (first,) = names(full(root))
    delete_rows(root, [PARTITIONS[0]])

    would = [url for folder in find(root, ONLY_CURRENT) for url in urls(folder.all)]
    removed = collect_all(root, ONLY_CURRENT)

    assert removed == would
    assert root.store.fileurl(first) in removed
    assert names(root) == []
    assert shown(root).keys() == set(PARTITIONS[1:])


class Stale(MemoryStore):
    """Lists merged files, which then go at once."""

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        files = list(super().list(prefix, start_after=start_after))
        self.delete(file.key for file in files if "_merged/" in file.key)
        return iter(files)


def test_a_merged_file_that_went_meanwhile_is_not_missed() -> None:
    root = full(memory_root())

    assert shown(CatalogRoot(Stale(root.destination.bucket), root.destination)) == expected()
    assert names(root) == []


def test_a_merged_file_that_is_gone_holds_nothing(root: CatalogRoot) -> None:
    (file,) = list_merged(full(root), "photos", "flipped")
    root.store.delete([file.key])

    assert read_merged(LocalCopies(root.store), file) is None


def test_a_damaged_merged_file_is_named(root: CatalogRoot) -> None:
    (first,) = names(full(root))
    root.store.put(first, b"damaged")

    with pytest.raises(ManifestFormatError, match=first.rpartition("/")[2]):
        shown(root)


def test_merged_files_are_not_a_table_and_go_with_their_column(root: CatalogRoot) -> None:
    full(root)
    commit(root, header("gray", "p1"), [image("a", "/a")])

    assert list_tables(root) == ["photos"]
    assert list(catalog_of(root).sql("from media_assets.materializations")["column"].unique()) == [
        "flipped"
    ]
    list(Drop(root, STORAGE, "photos", ["flipped"]).run())

    assert names(root) == []
    assert list_columns(root, "photos") == ["gray"]


def test_readers_and_writers_go_on_while_manifests_are_merged(
    root: CatalogRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(root)
    monkeypatch.setattr("media_assets.upkeep.merging.FEW", 1)
    is_done = Event()
    merging = Thread(target=_merge_until, args=(root, is_done))
    merging.start()
    catalog = Catalog(root)

    try:
        for version in range(2, 4):
            for part in (PARTITIONS[:8], PARTITIONS[60:68]):
                fill(root, part, version=str(version))
                cells = catalog.sql("select row, flipped from photos")
                assert len(cells) == len(PARTITIONS)
                found = dict(zip(cells["row"], cells["flipped"], strict=True))
                assert {found[row] for row in part} == {f"/{version}/{row}" for row in part}
    finally:
        is_done.set()
        merging.join()


def _merge_until(root: CatalogRoot, is_done: Event) -> None:
    while not is_done.is_set():
        merge_manifests(root, "photos", "flipped")
        collect_all(root, Retention())
