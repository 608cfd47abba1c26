"""`media-assets sql`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


def test_a_query_runs_over_the_catalog_of_this_home(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 3)
    run("insert", "photos", tmp_path / "uploads", "-f", project)

    outcome = run("sql", "select count(*) as n, min(width) as w from photos", "--format", "json")

    assert json.loads(outcome.output) == [{"n": 3, "w": 48}]


def test_a_failed_query_is_reported_with_the_known_tables(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 1)
    run("insert", "photos", tmp_path / "uploads", "-f", project)

    outcome = run("sql", "select * from fotos")

    assert outcome.exit_code == 1
    assert "fotos" in outcome.errors
    assert "DuckDB's SQL over photos" in outcome.errors


def test_before_anything_was_inserted_there_are_no_files(project: Path) -> None:
    outcome = run("sql", "select * from media_assets.files", "--format", "json")

    assert json.loads(outcome.output) == []


def test_the_catalog_can_be_asked_as_it_was(project: Path, tmp_path: Path) -> None:
    make(project, *save_photos(tmp_path / "uploads", 2))
    query, options = "select count(*) as n from photos", ("--format", "csv")

    by_run = run("sql", query, "--as-of", "a-run", *options)
    by_time = run("sql", query, "--as-of", "2020-01-01T00:00+00:00", *options)
    unknown = run("sql", query, "--as-of", "no-run", *options)

    assert (by_run.output, by_time.output) == ("n\n2\n", "n\n0\n")
    assert "no run 'no-run'" in unknown.errors


def test_the_rows_go_to_a_file(project: Path, tmp_path: Path) -> None:
    make(project, *save_photos(tmp_path / "uploads", 2))

    outcome = run("sql", "select row, width from photos order by row", "-o", "rows.csv")

    assert outcome.output == "Wrote 2 rows to rows.csv\n"
    assert Path("rows.csv").read_text() == "row,width\nphoto-000.jpg,48\nphoto-001.jpg,48\n"


def test_ctrl_c_cancels_a_long_query(home: Path) -> None:
    endless = "select count(*) from range(1000000) a, range(10000000) b where a.range + b.range = 3"
    # Whoever starts the tests in the background of a shell has them ignore Ctrl-C.
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{listen}; from media_assets.cli import main; main()"
    asking = subprocess.Popen(
        [sys.executable, "-c", program, "sql", endless],
        stderr=subprocess.PIPE,
        text=True,
    )
    while asking.poll() is None and _seconds_of_work(asking.pid) < 3:
        time.sleep(0.05)

    asking.send_signal(signal.SIGINT)
    try:
        _, errors = asking.communicate(timeout=_LONGEST_SECONDS)
    finally:
        asking.kill()

    assert asking.returncode == 130
    assert errors.startswith("Interrupted by SIGINT.")
    assert errors.count("\n") == 1


_LONGEST_SECONDS = 120


def _seconds_of_work(process_id: int) -> float:
    """CPU seconds: imports and all else are done by then."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_query_can_do_more_than_read_with_open(project: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "uploads", 1)
    run("insert", "photos", tmp_path / "uploads", "-f", project)
    labels = tmp_path / "labels.csv"
    labels.write_text("row,label\nphoto-000.jpg,cat\n")
    query = f"select label from photos join '{labels}' using (row)"  # noqa: S608  a test's own

    closed = run("sql", query)
    opened = run("sql", "--open", query, "--format", "json")

    assert closed.exit_code == 1
    assert json.loads(opened.output) == [{"label": "cat"}]
