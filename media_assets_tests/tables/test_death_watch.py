"""A row in whose work the step's own process died twice is an error row; the others go on."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

import pytest

from media_assets.errors import StoreFullError
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.faults.places import Place, S3Access
from media_assets_tests.photos import save_photos
from media_assets_tests.pipeline.test_writing import files_of_at_most, noise
from media_assets_tests.runs import insert, manifest
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import NO_VERSIONS, run_step
from media_assets_tests.tables.deaths import Steps, save, save_one, thumbnail, turned

ROWS = 12
DEADLY = "5.jpg"


def inserted(steps: Steps, tmp_path: Path, rows: int = ROWS) -> str:
    (partition,) = insert(steps.table(), *save(tmp_path / "uploads", rows))
    return partition


def errors(partition: str, column: str) -> dict[str, str | None]:
    """The error rows of a column, with their classes."""
    records = records_of(column, partition)
    return {row: r.error_class for row, r in records.items() if r.error_class is not None}


def records_of(column: str, partition: str) -> Mapping[str, Record]:
    found = manifest(MediaTable("photos"), column, partition)
    assert found is not None
    return found.records


def work_files(home: Path) -> list[Path]:
    return list((home / "media" / "catalog" / "_work").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("fault", "code"), [("is killed", -signal.SIGKILL), ("crashes", -signal.SIGSEGV)]
)
def test_a_row_in_whose_work_the_process_died_twice_is_an_error_row(
    home: Path, tmp_path: Path, fault: str, code: int
) -> None:
    steps = Steps(home, fault, (DEADLY,))
    partition = inserted(steps, tmp_path)

    codes = [steps.exit_code(partition) for _ in range(4)]

    assert codes == [code, code, code, 0]
    assert errors(partition, "flipped") == {DEADLY: "StepDiedError"}
    assert errors(partition, "width") == {DEADLY: "InputFailedError"}
    assert errors(partition, "before") == errors(partition, "source_image") == {}
    assert len(records_of("flipped", partition)) == ROWS
    assert work_files(home) == []
    message = records_of("flipped", partition)[DEADLY].error_message or ""
    assert "died again and again while they made column 'flipped' of row '5.jpg'" in message
    assert "processes=True" in message


def test_several_deadly_rows_cost_two_deaths_each_and_one_for_all(
    home: Path, tmp_path: Path
) -> None:
    deadly = ("1.jpg", "10.jpg")
    steps = Steps(home, "is killed", deadly)
    partition = inserted(steps, tmp_path)

    codes = list[int | None]()
    while not codes or codes[-1] != 0:
        codes.append(steps.exit_code(partition))
        assert len(codes) <= 6, "two deaths each, the first one, and the last run"

    assert errors(partition, "flipped") == dict.fromkeys(deadly, "StepDiedError")


def test_it_is_not_tried_again_until_something_changes(home: Path, tmp_path: Path) -> None:
    steps = Steps(home, "is killed", (DEADLY,))
    partition = inserted(steps, tmp_path)
    while steps.exit_code(partition) != 0:
        pass
    tried = len(steps.calls("flipped"))

    assert steps.exit_code(partition) == 0

    assert len(steps.calls("flipped")) == tried
    assert errors(partition, "flipped") == {DEADLY: "StepDiedError"}
    table = steps.table()
    stored = StoredTable(MediaIOManager().installation.catalog, table.name)
    stale = {
        found.column: found.stale for found in stale_columns(table, stored, NO_VERSIONS, partition)
    }
    assert stale["flipped"] == {Reason.DEADLY: [DEADLY]}


@pytest.mark.parametrize("change", ["a retry", "another source", "processes=True"])
def test_it_is_tried_again_if_that_may_help(home: Path, tmp_path: Path, change: str) -> None:
    steps = Steps(home, "is killed", (DEADLY,))
    partition = inserted(steps, tmp_path)
    while steps.exit_code(partition) != 0:
        pass
    tried = steps.calls("flipped")
    harmless = Steps(home, processes=change == "processes=True")
    if change == "another source":
        insert(harmless.table(), save_one(tmp_path / "uploads", 5, seed=99))

    assert harmless.exit_code(partition, retries=change == "a retry") == 0

    assert harmless.calls("flipped")[len(tried) :] == [DEADLY]
    assert errors(partition, "flipped") == errors(partition, "width") == {}


def test_a_kill_from_outside_blames_no_row(home: Path, tmp_path: Path) -> None:
    steps = Steps(home, "waits", (DEADLY,))
    partition = inserted(steps, tmp_path)
    for _ in range(2):
        process = steps.start(partition)
        reached = 10.0
        while DEADLY not in _calls(steps) and (reached := reached - 0.05) > 0:
            time.sleep(0.05)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        (home / "calls.txt").unlink()

    assert Steps(home).exit_code(partition) == 0

    assert errors(partition, "flipped") == {}
    assert work_files(home) == []


def _calls(steps: Steps) -> list[str]:
    return steps.calls("flipped") if (steps.home / "calls.txt").exists() else []


def test_an_ordinary_step_writes_one_mark_and_one_that_makes_nothing_writes_none(
    s3_server: S3Server, home: Path, tmp_path: Path
) -> None:
    bucket = s3_server.make_bucket("marks")
    access = S3Access(s3_server.url, s3_server.access_key_id, s3_server.secret_access_key)
    manager = Place(home, f"s3://{bucket}", access).manager
    table = MediaTable("photos")
    table.computed_column()(thumbnail)
    table.computed_column(name="again")(thumbnail)
    (partition,) = insert(table, *save_photos(tmp_path / "uploads", 3), manager=manager)

    def step() -> list[str]:
        already = len(s3_server.requests(bucket))
        run_step(table, partition, manager=manager)
        return s3_server.requests(bucket)[already:]

    first, second = step(), step()

    marks = [line for line in first if line.startswith("PUT") and "/start.parquet" in line]
    assert len(marks) == 1
    assert len([line for line in first if line.startswith("POST")]) == 2, "one after the probe"
    assert not [line for line in second if line.startswith(("PUT", "POST"))]


def test_a_step_that_fails_by_itself_does_not_count_as_dead(home: Path, tmp_path: Path) -> None:
    table = MediaTable("photos")
    table.computed_column()(turned)
    noise().save(tmp_path / "large.png")
    (partition,) = insert(table, tmp_path / "large.png")

    with files_of_at_most(60_000), pytest.raises(StoreFullError):
        run_step(table, partition)

    assert work_files(home) == []


def test_a_fork_has_the_environment_of_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_A_TEST", "1")
    process = get_context("forkserver").Process(target=end_with_what_is_set)
    process.start()
    process.join()

    assert process.exitcode == 0


def end_with_what_is_set() -> None:
    sys.exit("OF_A_TEST" in os.environ)
