"""A column's partition as it was."""

import pytest

from media_assets.errors import FilesCollectedError, UnknownNameError
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import newest_manifest
from media_assets.upkeep.restoring import check_found, find_earlier, restore
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.catalogs import delete_rows, record_rows
from media_assets_tests.stored import STORAGE, put_column

READER = Reader()


def test_the_newest_manifest_says_what_the_earlier_one_said(
    root: CatalogRoot, destination: str
) -> None:
    record_rows(root, "p1", ["a", "b"])
    first = put_column(root, destination, {"a": "1", "b": "1"})
    put_column(root, destination, {"a": "2"})

    (now,) = restore(StoredTable(root, "photos"), READER, [first])

    assert now.number == 3
    assert now.records == first.records
    assert now.header.run_id == "restore of 1"
    assert newest_manifest(root.ledger("photos", "flipped", "p1")) == now


def test_rows_that_were_deleted_or_moved_since_do_not_come_back(
    root: CatalogRoot, destination: str
) -> None:
    record_rows(root, "p1", ["a", "b", "c"])
    first = put_column(root, destination, {"a": "1", "b": "1", "c": "1"})
    put_column(root, destination, {"c": "2"})
    delete_rows(root, ["a"])
    record_rows(root, "p2", ["b"])

    (now,) = restore(StoredTable(root, "photos"), READER, [first])

    assert list(now.records) == ["c"]


def test_a_row_that_came_later_has_no_cell_after_it(root: CatalogRoot, destination: str) -> None:
    first = put_column(root, destination, {"a": "1"})
    put_column(root, destination, {"b": "1"})

    (now,) = restore(StoredTable(root, "photos"), READER, [first])

    assert list(now.records) == ["a"]


def test_it_is_refused_when_a_file_is_gone_and_then_no_column_is_changed(
    root: CatalogRoot, destination: str
) -> None:
    whole = put_column(root, destination, {"a": "1"}, column="gray")
    put_column(root, destination, {"a": "2"}, column="gray")
    first = put_column(root, destination, {"a": "1", "b": "1"})
    put_column(root, destination, {"a": "2"})
    store, key = STORAGE.store_of(first.records["a"].fileurl or "")
    store.delete([key])

    with pytest.raises(
        FilesCollectedError, match=r"Manifest 1 of column 'flipped'.*changed: 'a'\."
    ):
        restore(StoredTable(root, "photos"), READER, [whole, first])

    assert root.ledger("photos", "gray", "p1").latest() == 2
    assert root.ledger("photos", "flipped", "p1").latest() == 2


def test_restoring_what_stands_makes_no_new_manifest(root: CatalogRoot, destination: str) -> None:
    newest = put_column(root, destination, {"a": "1"})

    assert restore(StoredTable(root, "photos"), READER, [newest]) == [newest]


def test_a_manifest_is_found_by_its_number_or_as_the_last_one_of_a_run(
    root: CatalogRoot, destination: str
) -> None:
    for content, run_id in (("1", "monday"), ("2", "monday"), ("3", "tuesday")):
        put_column(root, destination, {"a": content}, run_id=run_id)
    ledger = root.ledger("photos", "flipped", "p1")

    found = [find_earlier(ledger, to) for to in ("1", "monday", "tuesday", "9", "sunday")]

    assert [manifest and manifest.number for manifest in found] == [1, 2, 3, None, None]


def test_a_number_must_be_known_to_every_column_and_a_run_to_one_of_them(
    root: CatalogRoot, destination: str
) -> None:
    manifest = put_column(root, destination, {"a": "1"})
    names = ("flipped", "gray")
    ledgers = {name: root.ledger("photos", name, "p1") for name in names}

    check_found({"flipped": manifest, "gray": None}, ledgers, "run")
    with pytest.raises(UnknownNameError, match=r"no manifest '1'.*'gray'"):
        check_found({"flipped": manifest, "gray": None}, ledgers, "1")
    with pytest.raises(UnknownNameError, match=r"no manifest 'sunday'.*Known: 1"):
        check_found({"flipped": None, "gray": None}, ledgers, "sunday")
