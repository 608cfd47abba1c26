"""The files behind the catalog: the newest of each kind, and local copies made once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assets.catalog import Catalog
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import LocalStore, StoredFile
from media_assets.stores.memory import MemoryStore
from media_assets.uploads.log import UploadLog
from media_assets_tests.catalogs import commit, header, image, memory_root, record_rows, upload


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    return CatalogRoot.open(str(tmp_path)) if request.param == "local" else memory_root()


def add(root: CatalogRoot, column: str, partition: str, *, table: str = "photos") -> None:
    commit(root, header(column, partition, table=table), [image("a", f"/{column}.jpg")])


def test_the_newest_manifest_has_the_highest_number(root: CatalogRoot) -> None:
    for _ in range(11):
        add(root, "flipped", "p1")
    add(root, "flipped", "p2")
    files = CatalogFiles(root)
    folder = root.destination.key("photos", "flipped")

    expected = {"p1": f"{folder}/p1/00000011.parquet", "p2": f"{folder}/p2/00000001.parquet"}

    assert files.tables() == {"photos": {"flipped": expected}}
    assert files.newest_of("photos", "flipped") == expected
    assert files.newest_in("photos", ["flipped", "other"], ["p1", "p2", "p3"]) == {
        "flipped": expected
    }


def test_a_table_is_listed_without_unneeded_columns(root: CatalogRoot) -> None:
    for column in ("a", "b", "Capital"):
        for partition in ("p1", "p2"):
            add(root, column, partition)
            add(root, column, partition, table="photos/a")
    files = CatalogFiles(root)
    everything = files.tables()["photos"]

    assert files.table("photos", None) == everything
    for name in everything:
        assert files.table("photos", {name.lower()}) == {name: everything[name]}
    assert files.table("photos", set()) == {}
    assert files.table("photo", None) is None


class Recording(LocalStore):
    """Local files, and the columns of those that were listed."""

    def __init__(self) -> None:
        self.columns = Counter[str]()

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        for file in super().list(prefix, start_after=start_after):
            self.columns[file.key.rsplit("/", 3)[1]] += 1
            yield file


def test_a_query_lists_all_of_the_columns_that_it_reads_and_nothing_of_others(
    tmp_path: Path,
) -> None:
    written = CatalogRoot.open(str(tmp_path))
    partitions = [f"p{number}" for number in range(5)]
    for partition in partitions:
        record_rows(written, partition, [partition])
        for table in ("albums", "photos", "scans"):
            for column in ("flipped", "read", "turned"):
                add(written, column, partition, table=table)
    store = Recording()
    catalog = Catalog(CatalogRoot(store, written.destination))

    catalog.sql("select read from photos where read is not null")

    assert store.columns["read"] == len(partitions)
    assert store.columns["flipped"] == store.columns["turned"] == 0


def test_many_partitions_are_listed_in_parallel(root: CatalogRoot) -> None:
    add(root, "flipped", "p1")
    partitions = [f"p{number}" for number in range(1_000)]

    found = CatalogFiles(root).newest_in("photos", ["flipped"], partitions)

    assert list(found["flipped"]) == ["p1"]


def test_columns_of_a_nested_table_are_not_listed(root: CatalogRoot) -> None:
    for table in ("team", "team/flipped", "team/a/b", "teams", "tea"):
        record_rows(root, "p1", ["a"], table=table)
        for column in ("flipped", "flipped_2", f"only_{table.replace('/', '_')}"):
            add(root, column, "p1", table=table)
            add(root, column, "p2", table=table)
    files = CatalogFiles(root)

    for table in ("team", "team/flipped", "team/a/b", "teams", "tea"):
        assert sorted(files.columns(table)) == sorted(
            ["flipped", "flipped_2", f"only_{table.replace('/', '_')}"]
        )
    assert files.columns("team/a") == files.columns("other") == []


def test_manifests_are_local_files_however_they_are_kept(root: CatalogRoot) -> None:
    add(root, "flipped", "p2")
    add(root, "flipped", "p1")
    files = CatalogFiles(root)
    newest = files.tables()["photos"]

    cells = files.cells("photos", newest)

    contents = [root.store.get(newest["flipped"][partition]) for partition in ("p1", "p2")]
    assert [Path(one.path).read_bytes() for one in cells["flipped"]] == contents
    assert files.cells("photos", newest) == cells


def test_local_copies_end_with_the_catalog_that_made_them() -> None:
    root = memory_root()
    add(root, "flipped", "p1")
    files = CatalogFiles(root)
    (cells,) = files.cells("photos", files.tables()["photos"])["flipped"]
    existed = Path(cells.path).exists()

    del files

    assert existed
    assert not Path(cells.path).exists()


def test_headers_come_in_the_order_of_the_table(root: CatalogRoot) -> None:
    for position, column in enumerate(["z", "a", "m"]):
        commit(root, header(column, position=position), [])
    files = CatalogFiles(root)

    assert list(files.headers(files.tables()["photos"])) == ["z", "a", "m"]


class _Pages(MemoryStore):
    """Notes which listings were asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.begun: list[str] = []

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        self.begun.append(start_after)
        return super().list(prefix, start_after=start_after)


def test_thousands_of_partitions_of_a_bucket_are_listed_in_parts() -> None:
    written = memory_root()
    partitions = [f"p{number:04d}" for number in range(3_500)]
    log = UploadLog(written, "photos")
    assert log.append(log.refresh(), [upload(partition, partition) for partition in partitions])
    of_each = put_manifests(written, "flipped", partitions)
    store = _Pages(written.destination.bucket)
    files = CatalogFiles(CatalogRoot(store, written.destination))

    listed = files.table("photos", {"flipped"})

    assert listed == {"flipped": of_each}
    assert files.newest_of("photos", "flipped") == of_each
    folder = written.column_prefix("photos", "flipped")
    assert store.begun.count(f"{folder}p2000") == store.begun.count(f"{folder}p3000") == 2


def put_manifests(root: CatalogRoot, column: str, partitions: list[str]) -> dict[str, str]:
    """Puts the same manifest twice into each partition, and returns the keys of the newest."""
    commit(root, header(column, partitions[0]), [])
    data = root.ledger("photos", column, partitions[0]).read(1)
    newest: dict[str, str] = {}
    for partition in partitions:
        ledger = root.ledger("photos", column, partition)
        for number in (1, 2):
            root.store.put(ledger.key(number), data)
        newest[partition] = ledger.key(2)
    return newest
