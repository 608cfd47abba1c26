"""A branch shows main as it was when it was made, and what was made on it since."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.cache import Cache
from media_assets.catalog import Catalog
from media_assets.errors import (
    BranchBaseCollectedError,
    BranchExistsError,
    BranchNameError,
    BranchRemadeError,
    FileExistsInStoreError,
    NoExclusiveCreateError,
    UnknownBranchError,
)
from media_assets.records.branch_store import BranchStore, base_file, base_key
from media_assets.records.branches import drop_branch, find_branch, list_branches, make_branch
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Header, newest_manifest
from media_assets.records.merged import list_merged, merge
from media_assets.stores import Storage, Store
from media_assets.stores.s3 import S3Settings
from media_assets.upkeep.branches import Branches
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    commit,
    delete_rows,
    header,
    memory_root,
    record_rows,
    value,
)
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.stored import collect_all, fileurls, put_column, put_file, stored
from media_assets_tests.stores.contract import NAMES_THAT_ARE_HARD, StoreContract, staged

__all__ = ["staged"]


class TestStoreOfABranch(StoreContract):
    """A branch of an empty catalog is a store like any other."""

    @pytest.fixture
    def store(self) -> Store:
        root = memory_root()
        prefix = root.destination.prefix
        root.store.put(base_key("", "blur"), base_file({"branch": "blur"}, [], prefix=prefix))
        return BranchStore(root.store, "", "blur")

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"

    @pytest.mark.parametrize("name", NAMES_THAT_ARE_HARD)
    def test_a_file_of_any_name_comes_back(self, store: Store, base: str, name: str) -> None:
        """Its fileurl says where it really is, so it comes back under another key."""
        store.put(base + name, name.encode())

        assert store.get(base + name) == name.encode()


def branch_of(root: CatalogRoot, name: str = "blur") -> CatalogRoot:
    make_branch(root, name, made_by="somebody")
    return root.on_branch(name)


def widths(partition: str = "p1") -> Header:
    return header("width", partition, type=ColumnType.INT)


def shown(root: CatalogRoot) -> Sequence[tuple[object, ...]]:
    return Catalog(root).answer("select row, width from photos order by row").rows


@pytest.fixture
def main(root: CatalogRoot) -> CatalogRoot:
    """A table of two rows with a column, committed twice."""
    record_rows(root, "p1", ["a", "b"])
    commit(root, widths(), [value("a", "0"), value("b", "0")])
    commit(root, widths(), [value("a", "1"), value("b", "1")])
    return root


def test_neither_sees_what_is_made_on_the_other(main: CatalogRoot) -> None:
    branch = branch_of(main)
    before = shown(main)

    record_rows(branch, "p1", ["c"])
    delete_rows(branch, ["b"])
    commit(branch, widths(), [value("a", "2"), value("c", "2")])
    of_branch = shown(branch)

    assert shown(main) == before == [("a", 1), ("b", 1)]
    assert of_branch == [("a", 2), ("c", 2)]
    commit(main, widths(), [value("a", "3")])
    record_rows(main, "p2", ["d"])
    assert shown(branch) == of_branch, "main as it was"
    newest = newest_manifest(branch.ledger("photos", "width", "p1"))
    assert newest is not None
    assert newest.number == 3
    assert branch.ledger("photos", "width", "p1").numbers() == [2, 3], "its history begins there"


def test_a_branch_is_one_listing_and_one_file(main: CatalogRoot) -> None:
    before = [file.key for file in main.store.list(main.destination.prefix)]

    branch_of(main, "feature/Blur 2")

    after = [file.key for file in main.store.list(main.destination.prefix)]
    (made,) = set(after) - set(before)
    assert made.endswith("/00000001.parquet")
    assert [branch.name for branch in list_branches(main)] == ["feature/Blur 2"]
    found = find_branch(main, "feature/Blur 2")
    assert (found.made_by, found.manifests, found.entries) == ("somebody", 0, 0)


def test_files_of_the_base_can_be_neither_changed_nor_deleted(main: CatalogRoot) -> None:
    branch = branch_of(main)
    key = branch.ledger("photos", "width", "p1").key(2)

    branch.store.delete([key])

    with pytest.raises(FileExistsInStoreError):
        branch.store.put(key, b"")
    assert main.store.get(key) == branch.store.get(key)


def test_gc_on_main_keeps_what_a_branch_names(root: CatalogRoot, destination: str) -> None:
    record_rows(root, "p1", ["a", "b"])
    base = put_column(root, destination, {"a": "1", "b": "1"})
    branch = branch_of(root)
    own = put_column(branch, destination, {"a": "2"})
    orphan = put_file(branch, destination, "a", "of a killed run")
    new_column = put_column(branch, destination, {"a": "3"}, column="mirrored")
    since = put_column(root, destination, {"a": "4"})  # history has no gaps
    newest = put_column(root, destination, {"a": "5"})
    delete_rows(root, ["b"])

    gone = collect_all(root, ONLY_CURRENT)

    kept = [base, own, new_column, since, newest]
    assert stored(destination) == set().union(*map(fileurls, kept))
    assert orphan.fileurl in gone
    assert find_branch(root, "blur").manifests == 2
    assert branch.on is not None
    branch.on.check_base()

    drop_branch(root, "blur")
    collect_all(root, ONLY_CURRENT)
    assert stored(destination) == {newest.records["a"].fileurl}


def test_gc_keeps_merged_files_and_manifests_that_a_branch_began_with(root: CatalogRoot) -> None:
    for number in range(3):
        record_rows(root, f"p{number}", [f"row {number}"])
        commit(root, widths(f"p{number}"), [value(f"row {number}", "1")])
    merge(root, "photos", "width", {f"p{number}": 1 for number in range(3)})
    branch = branch_of(root)
    before = shown(branch)

    for number in range(3):
        commit(root, widths(f"p{number}"), [value(f"row {number}", "2")])
    merge(root, "photos", "width", {f"p{number}": 2 for number in range(3)})
    collect_all(root, ONLY_CURRENT)

    assert shown(branch) == before
    assert len(list_merged(branch, "photos", "width")) == 1
    assert len(list_merged(root, "photos", "width")) == 2
    assert {width for _, width in shown(root)} == {2}
    drop_branch(root, "blur")
    collect_all(root, ONLY_CURRENT)
    assert len(list_merged(root, "photos", "width")) == 1
    assert root.ledger("photos", "width", "p1").numbers() == [2]


def test_a_branch_whose_base_is_gone_says_so(main: CatalogRoot, tmp_path: Path) -> None:
    local = CatalogRoot.open(str(tmp_path))
    record_rows(local, "p1", ["a"])
    commit(local, widths(), [value("a", "1")])
    for root in (main, local):
        branch = branch_of(root)
        ledger = root.ledger("photos", "width", "p1")
        root.store.delete([ledger.key(ledger.latest())])

        with pytest.raises(BranchBaseCollectedError, match=r"photos/width/p1/0000000\d"):
            shown(branch)
        with pytest.raises(BranchBaseCollectedError):
            newest_manifest(branch.ledger("photos", "width", "p1"))
        assert Branches.of(root).fileurls("photos/width/p1/") == set()


def test_a_dropped_branch_leaves_nothing_and_is_known_no_more(main: CatalogRoot) -> None:
    before = [file.key for file in main.store.list(main.destination.prefix)]
    branch = branch_of(main)
    commit(branch, widths(), [value("a", "2")])
    branch.store.put(branch.work_prefix("photos", "width", "p1") + "x.parquet", b"")

    assert drop_branch(main, "blur") == 3

    assert [file.key for file in main.store.list(main.destination.prefix)] == before
    with pytest.raises(UnknownBranchError, match="no branch 'blur'"):
        shown(main.on_branch("blur"))
    with pytest.raises(UnknownBranchError):
        drop_branch(main, "blur")


def test_what_an_interrupted_drop_left_is_not_taken_for_a_new_branch(main: CatalogRoot) -> None:
    branch = branch_of(main)
    commit(branch, widths(), [value("a", "2")])
    main.store.delete([base_key(main.destination.prefix, "blur")])

    with pytest.raises(BranchExistsError, match="was dropped, and some of its files are left"):
        make_branch(main, "blur", made_by="somebody")
    assert list_branches(main) == []
    assert drop_branch(main, "blur") == 1
    assert shown(branch_of(main)) == shown(main)


def test_a_name_that_exists_is_refused_and_the_branch_stays(main: CatalogRoot) -> None:
    branch = branch_of(main)
    commit(branch, widths(), [value("a", "2")])
    before = shown(branch)

    with pytest.raises(BranchExistsError, match="Branch 'blur' exists"):
        make_branch(main, "blur", made_by="another")

    assert shown(main.on_branch("blur")) == before


def test_a_branch_that_is_made_again_is_not_taken_for_the_one_that_is_open(
    main: CatalogRoot,
) -> None:
    branch, catalog = branch_of(main), Catalog(main.on_branch("blur"))
    assert len(catalog.answer("from photos").rows) == len(shown(branch)) == 2
    drop_branch(main, "blur")
    record_rows(main, "p1", ["c"])
    branch_of(main)

    for use in (
        lambda: catalog.answer("from photos"),
        lambda: shown(branch),
        lambda: branch.ledger("photos", "width", "p1").claim(9, b""),
    ):
        with pytest.raises(BranchRemadeError, match="dropped and made again"):
            use()
    assert len(shown(main.on_branch("blur"))) == 3


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is empty"),
        ("main", "is what a catalog without a branch is called"),
        ("-x", "begins with '-'"),
        ("../x", "begins with '.'"),
        ("_destinations", "begins with '_'"),
        (" x", "begins with ' '"),
        ("x ", "ends in a space"),
        ("x/", "ends in a space or '/'"),
        ("a//b", "has '//'"),
        ("a\nb", "cannot be printed"),
        ("e\u0301", "NFC"),
        ("x" * 101, "has 101 characters"),
    ],
)
def test_a_bad_name_is_refused(main: CatalogRoot, name: str, problem: str) -> None:
    with pytest.raises(BranchNameError, match=problem):
        make_branch(main, name, made_by="somebody")

    assert list_branches(main) == []


@pytest.mark.parametrize("name", ["a/../../photos", "Ünï cödé", "A", "CON", "2", "x--0123456789ab"])
def test_an_odd_name_is_a_folder_of_its_own(main: CatalogRoot, name: str) -> None:
    branch = branch_of(main, name)

    commit(branch, widths(), [value("a", "2")])

    assert shown(main) == [("a", 1), ("b", 1)]
    assert [each.name for each in list_branches(main)] == [name]
    drop_branch(main, name)
    assert list_branches(main) == []


def test_a_storage_that_cannot_create_exclusively_has_no_branches() -> None:
    listed = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    deleted = "<DeleteResult><Deleted><Key>catalog</Key></Deleted></DeleteResult>"
    with canned_answers(
        (200, listed), (200, listed), (200, ""), (200, ""), (200, deleted)
    ) as server:
        settings = S3Settings(endpoint=server.url, access_key_id="key", secret_access_key="secret")
        root = CatalogRoot.open("s3://bucket/catalog/", storage=Storage(s3=settings))

        with pytest.raises(NoExclusiveCreateError, match="If-None-Match"):
            make_branch(root, "blur", made_by="somebody")

        assert [line.split(" ")[0] for line in server.requests][2:] == ["PUT", "PUT", "POST"]


def test_manifests_of_a_bucket_are_fetched_once_for_main_and_its_branches(
    s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"branches-{uuid4().hex}")
    location = f"s3://{bucket}/catalog/"

    def opened(branch: str | None = None) -> CatalogRoot:
        return CatalogRoot.open(location, copies=Cache(tmp_path), branch=branch)

    record_rows(opened(), "p1", ["a"])
    commit(opened(), widths(), [value("a", "1")])
    make_branch(opened(), "blur", made_by="somebody")
    on_main = shown(opened())
    before = len(s3_environment.requests(bucket))

    assert shown(opened("blur")) == on_main

    lines = s3_environment.requests(bucket)[before:]
    fetched = [line for line in lines if line.startswith(f"GET /{bucket}/catalog/")]
    assert len(fetched) == 1, "the base alone"
