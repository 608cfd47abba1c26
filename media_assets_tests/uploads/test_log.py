"""The upload log: which rows a partition holds, whatever was inserted, replaced and deleted."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from media_assets.errors import ManifestFormatError
from media_assets.records.database import connect
from media_assets.records.held_rows import HeldRows
from media_assets.records.ledger import CatalogRoot
from media_assets.records.local_copies import LocalCopies
from media_assets.records.parquet import table_of, write_parquet
from media_assets.uploads.entries import SCHEMA, Entries
from media_assets.uploads.log import LogPosition, UploadLog
from media_assets_tests.catalogs import delete_rows, memory_root, record_rows, upload


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    # A path that is hard to quote, and looks like a pattern and like a partition.
    folder = tmp_path / 'it\'s [a] "catalog"' / "partition=x"
    return CatalogRoot.open(str(folder)) if request.param == "local" else memory_root()


@pytest.fixture
def log(root: CatalogRoot) -> UploadLog:
    return UploadLog(root, "photos")


def refreshed(root: CatalogRoot, table: str = "photos") -> UploadLog:
    log = UploadLog(root, table)
    log.refresh()
    return log


def live(log: UploadLog) -> list[tuple[str, str]]:
    return [(cell["row"], cell["partition"]) for cell in log.live().table.to_pylist()]


def test_an_empty_log_holds_nothing(log: UploadLog) -> None:
    assert log.refresh() == LogPosition(0)
    assert log.partitions() == []
    assert log.rows_recorded("p1") == 0
    assert log.live_rows("p1") == {}
    assert log.newest_of(["a"]) == {}
    assert live(log) == []


def test_what_was_recorded_comes_back(root: CatalogRoot, log: UploadLog) -> None:
    row = 'Zürich\'s "best"; drop table log --\n日本 100%.jpg'
    first = upload(row, "p1", uri="s3://b/k?x='1'", size_bytes=2**40, version='"etag"')
    second = upload("b.jpg", "p2", supersedes="p1")

    assert log.append(log.refresh(), [first, second])

    for seen in (log, refreshed(root)):
        assert seen.newest_of([row, "b.jpg", "other"]) == {row: first, "b.jpg": second}
        assert seen.live_rows("p1") == {row: first}
        assert seen.live_rows("p2") == {"b.jpg": second}


def test_who_appends_knows_the_partitions_as_one_does_who_reads_them(
    root: CatalogRoot, log: UploadLog
) -> None:
    assert log.append(log.refresh(), [upload("a", "p2")])
    assert log.partitions() == ["p2"]

    assert log.append(log.refresh(), [upload("b", "p10"), upload("c", "p9"), upload("d", "p2")])

    assert log.partitions() == refreshed(root).partitions() == ["p2", "p9", "p10"]


def test_partitions_come_in_the_order_of_their_making(root: CatalogRoot) -> None:
    for partition in ("p9", "p1", "p10"):
        record_rows(root, partition, [partition])

    assert refreshed(root).partitions() == ["p9", "p1", "p10"]


def test_within_one_entry_batches_come_in_the_order_of_their_numbers(log: UploadLog) -> None:
    keys = [f"20261122T1513-{number:04d}" for number in (9_998, 9_999, 10_000, 10_001)]

    log.append(log.refresh(), [upload(key, key) for key in keys])

    assert log.partitions() == keys


def test_a_newer_version_in_the_same_partition_replaces_the_row(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a", "b"])
    record_rows(root, "p1", ["a"])
    log = refreshed(root)

    assert log.rows_recorded("p1") == 2
    assert sorted(log.live_rows("p1")) == ["a", "b"]
    assert live(log) == [("a", "p1"), ("b", "p1")]


def test_a_newer_partition_takes_the_row_over(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a", "b"])
    record_rows(root, "p2", ["a"])
    log = refreshed(root)

    assert list(log.live_rows("p1")) == ["b"]
    assert list(log.live_rows("p2")) == ["a"]
    assert log.newest_of(["a"])["a"].partition == "p2"
    assert live(log) == [("a", "p2"), ("b", "p1")]


def test_a_row_may_come_back_to_a_partition_that_it_left(root: CatalogRoot) -> None:
    for partition in ("p1", "p2", "p1"):
        record_rows(root, partition, ["a"])
    log = refreshed(root)

    assert list(log.live_rows("p1")) == ["a"]
    assert log.live_rows("p2") == {}
    assert live(log) == [("a", "p1")]


def test_a_deleted_row_is_gone_and_its_older_versions_stay_gone(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a", "b"])
    record_rows(root, "p2", ["a"])
    delete_rows(root, ["a"])
    log = refreshed(root)

    assert log.newest_of(["a", "b"]).keys() == {"b"}
    assert log.live_rows("p2") == {}
    assert live(log) == [("b", "p1")]
    assert log.partitions() == ["p1", "p2"]


def test_a_deleted_row_may_be_uploaded_again(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a"])
    delete_rows(root, ["a"])
    record_rows(root, "p1", ["a"])
    log = refreshed(root)

    assert list(log.live_rows("p1")) == list(log.newest_of(["a"])) == ["a"]
    assert live(log) == [("a", "p1")]
    assert log.rows_recorded("p1") == 1


def test_live_rows_are_sorted_by_name(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["c", "a"])
    record_rows(root, "p2", ["b"])

    assert [row for row, _ in live(refreshed(root))] == ["a", "b", "c"]


def shown(held: HeldRows) -> list[str]:
    """The names of held rows, as another connection reads them."""
    with connect() as connection:
        held.show_in(connection, "held")
        found = connection.execute("select row from held order by row").fetchall()
    return [row for (row,) in found]


def test_only_rows_that_are_named_again_are_ranked(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a", "b", "c", "d"])
    assert refreshed(root).live().changed is None

    record_rows(root, "p2", ["b", "e"])
    record_rows(root, "p1", ["c"])
    delete_rows(root, ["d"])
    rows = refreshed(root).live()

    assert rows.changed is not None
    assert rows.ranked is not None
    assert shown(rows.changed) == ["b", "c", "d"]
    assert shown(rows.ranked) == ["b", "c"]
    assert rows.table.num_rows == 4


def test_an_older_log_that_leaves_open_what_is_replaced_shows_each_row_once(
    root: CatalogRoot,
) -> None:
    entries = Entries(root.upload_ledger("photos"), LocalCopies(root.store))
    for number, rows in ((1, ["a", "b"]), (2, ["a"])):
        same = {"entry": number, "action": "upload", "partition": "p1", "size_bytes": 1}
        lines: dict[str, list[object]] = {name: [same.get(name)] * len(rows) for name in SCHEMA}
        lines["row"] = lines["uri"] = lines["version"] = list(rows)
        assert entries.append({"recorded_at": "2026-11-22T00:00:00+00:00"}, table_of(SCHEMA, lines))
    record_rows(root, "p1", ["b"])
    record_rows(root, "p2", ["a", "c"])

    assert live(refreshed(root)) == [("a", "p2"), ("b", "p1"), ("c", "p2")]
    assert list(refreshed(root).live_rows("p1")) == ["b"]


def test_live_rows_stay_what_they_were_when_more_is_recorded(root: CatalogRoot) -> None:
    record_rows(root, "p1", ["a"])
    log = refreshed(root)
    rows = log.live()
    record_rows(root, "p1", ["b"])
    log.refresh()

    assert rows.table.column("row").to_pylist() == ["a"]
    assert [row for row, _ in live(log)] == ["a", "b"]


def test_tables_have_logs_of_their_own(root: CatalogRoot) -> None:
    for table in ("photos", "team/photos", "team"):
        record_rows(root, table, ["a"], table=table)

    for table in ("photos", "team/photos", "team"):
        assert refreshed(root, table).partitions() == [table]


def test_whoever_appends_to_an_old_position_records_nothing(
    root: CatalogRoot, log: UploadLog
) -> None:
    position = log.refresh()
    record_rows(root, "p1", ["a"])

    assert not log.append(position, [upload("b", "p1")])
    assert not log.append(position, deletions=[upload("a", "p1")])

    assert live(refreshed(root)) == [("a", "p1")]


def test_a_log_sees_its_own_entries_at_once_and_others_after_a_refresh(
    root: CatalogRoot, log: UploadLog
) -> None:
    log.append(log.refresh(), [upload("a", "p1")])
    own = (live(log), log.partitions())
    record_rows(root, "p2", ["b"])
    before = (live(log), log.partitions())
    log.refresh()

    assert own == before == ([("a", "p1")], ["p1"])
    assert (live(log), log.partitions()) == ([("a", "p1"), ("b", "p2")], ["p1", "p2"])


def test_of_many_writers_each_records_its_upload(root: CatalogRoot) -> None:
    def insert(row: str) -> None:
        log = UploadLog(root, "photos")
        while not log.append(log.refresh(), [upload(row, "p1")]):
            continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(insert, "abcdefghijklmnop"))

    assert [row for row, _ in live(refreshed(root))] == list("abcdefghijklmnop")
    assert refreshed(root).refresh() == LogPosition(16)


def test_an_entry_of_a_newer_version_is_refused(root: CatalogRoot, log: UploadLog) -> None:
    record_rows(root, "p1", ["a"])
    newer = write_parquet({"format_version": 9}, table_of(SCHEMA, {"row": ["a"]}))
    root.upload_ledger("photos").claim(2, newer)

    with pytest.raises(ManifestFormatError, match=r"_uploads/_/00000002.parquet' has .* version 9"):
        log.refresh()


def test_a_damaged_entry_is_refused_by_its_name(root: CatalogRoot) -> None:
    root.upload_ledger("photos").claim(1, b"PAR1 and no more")
    root.upload_ledger("photos").claim(
        2, write_parquet({}, table_of(SCHEMA, {name: [] for name in SCHEMA}))
    )
    log = refreshed(root)

    with pytest.raises(ManifestFormatError, match=r"00000001.parquet' is damaged"):
        log.partitions()
