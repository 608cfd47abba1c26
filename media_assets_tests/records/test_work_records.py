"""Work records: what a killed run finished is found again, and gone after the commit."""

from datetime import timedelta
from pathlib import Path

import pytest

from media_assets.records import work_records
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import to_parquet
from media_assets.records.start_marks import StartMark
from media_assets.records.work_records import WorkRecords
from media_assets_tests.catalogs import NOON, image, memory_root


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    return CatalogRoot.open(str(tmp_path)) if request.param == "local" else memory_root()


def records_of(root: CatalogRoot, *, column: str = "flipped") -> WorkRecords:
    return WorkRecords(root, "photos", column, "p1")


def files(root: CatalogRoot) -> list[str]:
    return [file.key for file in root.store.list(root.destination.prefix)]


def test_at_first_there_is_nothing(root: CatalogRoot) -> None:
    assert records_of(root).left_behind() == {}
    assert files(root) == []


def test_what_was_flushed_is_found_by_the_next_run(root: CatalogRoot) -> None:
    killed = records_of(root)
    cells = {name: image(name, f"/{name}.jpg") for name in ("a", "b", "c")}
    for name, cell in cells.items():
        killed.add(cell, run_id="run-1")
        if name == "b":
            killed.flush(run_id="run-1")
    killed.flush(run_id="run-1")

    assert records_of(root).left_behind() == cells
    assert len(files(root)) == 2


def test_records_are_written_every_few_seconds_and_not_sooner(
    root: CatalogRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = records_of(root)
    records.add(image("a", "/a.jpg"), run_id="run-1")
    before = files(root)

    monkeypatch.setattr(work_records, "FLUSH_SECONDS", 0.0)
    records.add(image("b", "/b.jpg"), run_id="run-1")

    assert before == []
    assert list(records_of(root).left_behind()) == ["a", "b"]


def test_a_flush_without_cells_writes_nothing(root: CatalogRoot) -> None:
    records_of(root).flush(run_id="run-1")

    assert files(root) == []


def test_the_newest_record_of_a_row_counts_whatever_its_run_is_called(root: CatalogRoot) -> None:
    for run_id, minutes in (("z-old", 0), ("m-newest", 2), ("a-older", 1)):
        records = records_of(root)
        written_at = NOON + timedelta(minutes=minutes)
        records.add(image("a", f"/{run_id}.jpg", written_at=written_at), run_id=run_id)
        records.flush(run_id=run_id)

    found = records_of(root).left_behind()

    assert found["a"].fileurl == "/m-newest.jpg"


def test_a_retry_under_the_same_run_overwrites_nothing(root: CatalogRoot) -> None:
    for name in "abc":
        records = records_of(root)
        records.add(image(name, f"/{name}.jpg"), run_id="run-1")
        records.flush(run_id="run-1")

    assert sorted(records_of(root).left_behind()) == ["a", "b", "c"]


def test_the_commit_removes_what_was_read_and_what_was_written(root: CatalogRoot) -> None:
    killed = records_of(root)
    killed.add(image("a", "/a.jpg"), run_id="run-1")
    killed.flush(run_id="run-1")
    records = records_of(root)
    records.left_behind()
    records.add(image("b", "/b.jpg"), run_id="run-2")
    records.flush(run_id="run-2")
    records.add(image("c", "/c.jpg"), run_id="run-2")

    records.remove()
    records.flush(run_id="run-2")

    assert files(root) == []


def test_the_commit_leaves_the_records_of_other_columns_and_of_later_runs(
    root: CatalogRoot,
) -> None:
    committing = records_of(root)
    committing.left_behind()
    for other in (records_of(root), records_of(root, column="rotated")):
        other.add(image("a", "/a.jpg"), run_id="run-2")
        other.flush(run_id="run-2")

    committing.remove()

    assert list(records_of(root).left_behind()) == ["a"]
    assert list(records_of(root, column="rotated").left_behind()) == ["a"]


def test_a_damaged_file_is_passed_over_and_removed_with_the_others(root: CatalogRoot) -> None:
    good = records_of(root)
    good.add(image("a", "/a.jpg"), run_id="run-1")
    good.flush(run_id="run-1")
    prefix = root.work_prefix("photos", "flipped", "p1")
    root.store.put(f"{prefix}run-0-damaged.parquet", b"PAR1")
    records = records_of(root)

    found = records.left_behind()
    records.remove()

    assert list(found) == ["a"]
    assert files(root) == []


def test_a_start_mark_of_another_form_counts_for_nothing(root: CatalogRoot) -> None:
    key = f"{root.work_prefix('photos', 'flipped', 'p1')}start.parquet"
    for mark in ("a text", [1], {"process": 1}, {"process": "", "rows": 1, "cell": [1]}):
        root.store.put(key, to_parquet({"start_mark": mark}, ()))
        records = records_of(root)

        assert records.left_behind() == {}
        assert records.marks == []


def test_the_mark_of_a_running_process_shows_no_death(root: CatalogRoot) -> None:
    records_of(root).write_mark(StartMark.of_this_process())
    found = records_of(root)

    assert found.left_behind() == {}
    assert found.marks == []
