"""A table as the catalog keeps it, whatever code declares."""

from dataclasses import replace

from media_assets.records.ledger import CatalogRoot
from media_assets.uploads.folders import Found
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.catalogs import (
    commit,
    delete_rows,
    header,
    image,
    record_rows,
    recorder,
    upload,
)


def test_its_log_is_read_when_first_needed_and_again_only_by_a_refresh(
    root: CatalogRoot,
) -> None:
    table = StoredTable(root, "photos")
    record_rows(root, "p1", ["a"])
    assert table.partitions() == ["p1"]

    record_rows(root, "p2", ["b"])

    assert table.partitions() == ["p1"]
    assert table.refresh().entry == 2
    assert table.partitions() == ["p1", "p2"]
    assert [*table.live_rows("p2")] == ["b"]


def test_its_cells_are_always_those_of_the_newest_manifest(
    root: CatalogRoot,
) -> None:
    table = StoredTable(root, "photos")
    assert table.manifest("flipped", "p1") is None
    assert table.cells("flipped", "p1") == {}

    for fileurl in ("/1.png", "/2.png"):
        commit(root, header(), [image("a", fileurl)])

        assert table.cells("flipped", "p1")["a"].fileurl == fileurl


def test_records_of_rows_that_left_the_partition_are_left_out(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a", "b", "c"])
    manifest = commit(root, header(), [image(row, f"/{row}.png") for row in "abc"])
    record_rows(root, "p2", ["b"])
    delete_rows(root, ["c"])
    table = StoredTable(root, "photos")

    assert [*table.still_live(manifest)] == ["a"]
    assert table.gone_rows() == {"p1": {"b": False, "c": True}}


def test_without_an_upload_log_a_manifest_determines_the_rows(root: CatalogRoot) -> None:
    manifest = commit(root, header(), [image("a", "/a.png")])

    assert [*StoredTable(root, "photos").still_live(manifest)] == ["a"]


def test_rows_that_a_recorder_adds_are_known_without_a_refresh(root: CatalogRoot) -> None:
    table = StoredTable(root, "photos")
    assert table.partitions() == []

    recorded = replace(recorder(root), table=table).record(Found((upload("a"),)))

    assert table.partitions() == [*recorded.partitions]
