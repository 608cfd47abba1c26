"""`media-assets branch` and `--branch`: all verbs work on a branch, and main stays as it is."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from media_assets.catalog import Catalog
from media_assets.cli.location import Location
from media_assets.home import BRANCH_VARIABLE, Home
from media_assets.instances import open_branch_instance
from media_assets.io_manager import MediaIOManager
from media_assets.records.branches import list_branches
from media_assets.run_processes import BRANCH_TAG
from media_assets_tests.cli.verbs import Outcome, run, write_project
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog

TWICE = "return 2 * flipped.width"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
COLUMN = """
@photos.computed_column()
def height(flipped: Image.Image) -> int:
    return flipped.height

defs ="""


@pytest.fixture
def made(project: Path, tmp_path: Path, home: Path, empty_home: Path) -> Path:
    """Four photos, all columns made, and then a branch of them."""
    write_project(project)
    outcome = run("insert", "photos", *save_photos(tmp_path / "uploads", 4), "-f", project)
    assert outcome.exit_code == 0, outcome.errors
    shutil.copytree(empty_home, home / "media" / "branches" / "blur")
    outcome = run("branch", "blur", "-f", project)
    assert outcome.first_line == "Made branch blur of main as it is now. No file was copied."
    return project


def on_branch(verb: str, *arguments: str | Path) -> Outcome:
    return run("--branch", "blur", verb, *arguments)


def files_of_main(home: Path) -> dict[str, bytes]:
    folder = home / "media" / "catalog"
    found = (path for path in folder.rglob("*") if path.is_file())
    own = {"_branches", "_destinations"}  # of destinations, all know the same
    return {str(p): p.read_bytes() for p in found if own.isdisjoint(p.parts)}


def widths(branch: str | None = None) -> list[object]:
    rows = Catalog.open(branch=branch).answer("select width from photos order by row").rows
    return [width for (width,) in rows]


def test_a_run_on_a_branch_changes_nothing_of_main_and_tells_its_dagster_nothing(
    made: Path, home: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    before, runs = files_of_main(home), instance.get_runs_count()
    media = {path for path in (home / "media" / "files").rglob("*") if path.is_file()}
    event = instance.get_latest_materialization_event(dg.AssetKey(["photos", "width"]))
    write_project(made, width_body=TWICE)

    stale = on_branch("status", "--stale", "--format", "csv", "-f", made).output
    outcome = on_branch("materialize", "photos", "--partitions", "stale", "-f", made)
    (new,) = save_photos(tmp_path / "more", 1)
    inserted = on_branch("insert", "photos", new, "--name-by", "path", "-f", made)

    assert "code changed,4,1" in stale
    assert "4 cells made" in outcome.output, outcome.errors
    assert "3 cells made" in inserted.output, inserted.errors
    assert widths("blur") == [96, 96, 96, 96, 96]
    assert widths() == [48, 48, 48, 48]
    assert files_of_main(home) == before
    now = {path for path in (home / "media" / "files").rglob("*") if path.is_file()}
    assert now == media, "equal pictures are one file"
    assert instance.get_runs_count() == runs
    assert instance.get_latest_materialization_event(dg.AssetKey(["photos", "width"])) == event
    assert len(instance.get_dynamic_partitions("media_assets/photos")) == 1
    listed = run("branch", "--format", "csv", "-f", made).output.splitlines()
    assert listed[1].startswith("blur,")
    assert listed[1].endswith(",4,1"), "width twice, flipped and the source once; one insert"
    assert Catalog.open(branch="blur").branches() == Catalog.open().branches() == ["blur"]
    with open_branch_instance(Home(home), "blur") as of_branch:
        assert {one.tags[BRANCH_TAG] for one in of_branch.get_runs()} == {"blur"}
    assert on_branch("errors", "photos", "-f", made).exit_code == 0
    assert "96" in on_branch("show", "photos", "-f", made).output


def test_what_is_deleted_accepted_and_declared_on_a_branch_is_seen_on_it_alone(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_branch("delete", "photos", "photo-000.jpg", "-f", made)
    write_project(made, width_body="w = flipped.width; return w")
    accepted = on_branch("accept", "width", "--because", "renamed", "-f", made)

    assert "Accepted 4 cells" in accepted.output, accepted.errors
    assert len(widths("blur")) == 3
    assert len(widths()) == 4
    assert "code changed" in run("status", "--stale", "-f", made).output
    assert "code changed" not in on_branch("status", "--stale", "-f", made).output

    made.write_text(made.read_text().replace("defs =", COLUMN))
    monkeypatch.setenv(BRANCH_VARIABLE, "blur")
    outcome = run("materialize", "photos", "--columns", "height", "-f", made)
    listed = run("branch", "-f", made).output

    assert "3 cells made" in outcome.output, outcome.errors
    assert "height" in Catalog.open().columns("photos")
    assert "blur" in listed
    monkeypatch.delenv(BRANCH_VARIABLE)
    assert "height" not in catalog().columns("photos")
    assert "height" in Catalog.open(branch="blur").columns("photos")


def test_bad_input_is_reported_and_changes_nothing(made: Path, home: Path) -> None:
    before = files_of_main(home)

    for arguments, told in (
        (("--branch", "blur", "gc"), "gc works on main, and this is branch 'blur'"),
        (("--branch", "blur", "drop", "photos", "--yes"), "drop works on main"),
        (("--branch", "blur", "branch", "other"), "there is no branch of a branch"),
        (("--branch", "blur", "branch", "blur", "--drop"), "it may be the one in use"),
        (("--branch", "nope", "materialize", "photos"), "no branch 'nope'. Its branches: blur."),
        (("--branch", "nope", "insert", "photos", made), "no branch 'nope'"),
        (("--branch", "nope", "sql", "from photos"), "no branch 'nope'"),
        (("--branch", "", "status"), "it is empty"),
        (("branch", "main"), "is what a catalog without a branch is called"),
        (("branch", "blur"), "Branch 'blur' exists"),
        (("branch", "nope", "--drop"), "no branch 'nope'"),
        (("branch", "--drop"), "Missing argument"),
        (("drop", "photos", "--yes"), "Table 'photos' is read by branches: blur. Nothing was"),
    ):
        outcome = run(*arguments, "-f", made)
        assert outcome.exit_code in (1, 2), arguments
        assert told in outcome.errors, arguments
        assert outcome.errors.count("Error: ") == 1
        assert files_of_main(home) == before
    assert [branch.name for branch in list_branches(MediaIOManager().installation.catalog)] == [
        "blur"
    ]
    assert run("branch", "blur", "--drop", "-f", made).exit_code == 0
    assert not (home / "media" / "branches" / "blur").exists()
    assert run("drop", "photos", "--yes", "-f", made).exit_code == 0


def test_a_run_that_mains_dagster_would_record_is_refused(
    made: Path, home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of_main(home)
    partition = instance.get_dynamic_partitions("media_assets/photos")[0]
    monkeypatch.setenv(BRANCH_VARIABLE, "blur")

    result = (
        Location(None, made)
        .defs.resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance, partition_key=partition, raise_on_error=False, run_config=QUIET
        )
    )

    assert not result.success
    assert "main's Dagster instance would show" in str(result.all_events)
    assert not result.get_asset_materialization_events()
    assert files_of_main(home) == before
