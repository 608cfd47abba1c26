"""`media-assets ship`: main takes what a branch changed, and Dagster shows it as fresh."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from media_assets_tests.cli.test_accept import stale_in_dagster
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog

TWICE = "return 2 * flipped.width"
VALUES = ', values={"label": str}'


def widths() -> Sequence[tuple[object, ...]]:
    return catalog().answer("select row, width from photos order by row").rows


def test_main_takes_rows_and_cells_makes_none_and_dagster_shows_them_as_fresh(
    project: Path, tmp_path: Path, home: Path, empty_home: Path, instance: dg.DagsterInstance
) -> None:
    options = ", rows_per_partition=2"
    write_project(project, table_options=options)
    first, second, third, fourth = save_photos(tmp_path / "uploads", 4)
    assert run("insert", "photos", first, second, "-f", project).exit_code == 0
    run("branch", "blur", "-f", project)
    shutil.copytree(empty_home, home / "media" / "branches" / "blur")
    write_project(project, table_options=options, width_body=TWICE)
    on_branch = run("--branch", "blur", "insert", "photos", third, "-f", project)
    assert on_branch.exit_code == 0, on_branch.errors
    run("--branch", "blur", "materialize", "photos", "-f", project)
    assert run("insert", "photos", fourth, "-f", project).exit_code == 0, "main moves on"

    differs = run("diff", "blur", "--html", tmp_path / "page", "--exit-code", "-f", project)

    assert differs.exit_code == 3, differs.errors
    assert "| rows of photos | 1 new |" in differs.output
    assert (
        "| photos/width | 2 differ (by +48 to +48, median +48), 1 without a cell" in differs.output
    )
    assert (tmp_path / "page" / "photos" / "index.html").is_file()
    assert widths() == [(f"photo-00{n}.jpg", 96 if n == 3 else 48) for n in (0, 1, 3)]
    counted = run("diff", "blur", "-f", project)
    assert counted.exit_code == 0
    assert "2 differ, 1 without a cell before" in counted.output

    outcome = run("ship", "blur", "-f", project)

    assert outcome.errors == ""
    assert outcome.first_line == (
        "Shipped branch blur: 1 row and 5 cells, in 2 partitions. 0 cells made."
    )
    assert widths() == [(f"photo-00{n}.jpg", 96) for n in range(4)]
    assert run("status", "--stale", "--format", "csv", "-f", project).output.count("\n") == 1
    assert stale_in_dagster(project, instance) == {"flipped FRESH", "width FRESH"}
    again = run("ship", "blur", "-f", project)
    assert again.first_line == "Nothing to ship: main has all of branch blur that holds there."
    same = run("diff", "blur", "--exit-code", "-f", project)
    assert (same.exit_code, same.first_line) == (0, "Branch blur does not differ from main.")
    made = run("materialize", "photos", "-f", project).output
    assert "0 cells made, 12 reused." in made
    assert "'nope'" in run("ship", "nope", "-f", project).errors
    assert "works on main" in run("--branch", "blur", "ship", "blur", "-f", project).errors
    history = catalog().answer(
        "select run_id, note from media_assets.history where run_id like 'ship%'"
    )
    assert {run_id for run_id, _ in history.rows} == {"ship blur"}
