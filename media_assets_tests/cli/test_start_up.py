"""What a command imports before it does anything: as little as it needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets.cli.main import VERBS
from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import Outcome, run, write_project
from media_assets_tests.photos import save_photo, save_photos

PROGRAM = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from media_assets.cli import main
sys.argv = ["media-assets", *sys.argv[1:]]
main()
"""
HEAVY = {"dagster", "pandas"}
LIBRARIES = {*HEAVY, "PIL", "duckdb", "numpy", "obstore", "pyarrow", "rich"}
READING = (
    ("show", "photos"),
    ("errors", "photos"),
    ("sql", "select row, width from photos"),
    ("verify", "photos"),
    ("export", "photos", "flipped", "exported"),
)


READING_ROWS = ("export",)
"""Verbs that read manifests themselves; others leave that to DuckDB."""
OF_OTHERS = {
    *("PIL", "obstore", "http.client", "multiprocessing", "pyarrow.compute", "pyarrow.dataset"),
    *("media_assets.split", "media_assets.images.decode", "media_assets.stores.s3"),
}
"""What only pixels, parts, buckets and the web need."""


COLLECTIONS = """
import atexit, gc, sys
usual = gc.get_threshold()
def tell():
    full = gc.get_stats()[2]["collections"]
    print(gc.get_threshold() == usual, gc.get_freeze_count() > 50_000, full, file=sys.stderr)
atexit.register(tell)
import media_assets.cli
media_assets.cli.main()
"""
"""Says whether collections are as usual at exit, without most objects, and how many were full."""


def called(*arguments: str | Path, **variables: str) -> tuple[Outcome, set[str]]:
    """Runs a command in a process of its own, and returns the modules that it had imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )
    errors, _, modules = done.stderr.rstrip("\n").rpartition("\n")
    return Outcome(done.returncode, done.stdout, errors), {*modules.split()}


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Path:
    """A project that its folder names, with two rows; whoever loads its code leaves a file."""
    folder = project.parent
    (folder / "pyproject.toml").write_text('[tool.dagster]\nmodule_name = "my_definitions"\n')
    make(project, *save_photos(tmp_path / "uploads", 2))
    loads = "from pathlib import Path\nPath('loaded').touch()\n"
    project.write_text(loads + project.read_text("utf-8"))
    return project


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_verb_and_no_library(option: str) -> None:
    outcome, modules = called(option)

    assert outcome.exit_code == 0
    assert modules & LIBRARIES == set()
    assert modules & {f"media_assets.cli.{verb}" for verb in VERBS} == set()


def test_completion_imports_only_the_verb_whose_options_it_completes() -> None:
    shell = {"_MEDIA_ASSETS_COMPLETE": "bash_complete"}
    verbs, modules = called(**shell, COMP_WORDS="media-assets s", COMP_CWORD="1")
    options, of_show = called(**shell, COMP_WORDS="media-assets show --l", COMP_CWORD="2")

    names = ("scan", "ship", "show", "status", "sql")
    assert verbs.output.split() == [f"plain,{name}" for name in names]
    assert modules & LIBRARIES == set()
    assert modules & {f"media_assets.cli.{verb}" for verb in VERBS} == set()
    assert options.output.split() == ["plain,--limit", "plain,--long"]
    assert of_show & HEAVY == set()


def test_the_help_has_a_whole_line_for_each_verb() -> None:
    outcome = run("--help")

    lines = outcome.output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == [*VERBS]
    assert all(line.endswith(".") and "..." not in line for line in lines)


@pytest.mark.parametrize("verb", READING, ids=lambda verb: verb[0])
def test_a_verb_that_only_reads_imports_neither_dagster_nor_pandas_nor_the_code(
    made: Path, verb: tuple[str, ...]
) -> None:
    outcome, modules = called(*verb)

    assert (outcome.exit_code, outcome.errors) == (0, "")
    assert outcome.output
    assert modules & HEAVY == set()
    assert verb[0] == "export" or modules & OF_OTHERS == set()
    assert verb[0] in READING_ROWS or "pyarrow" not in modules
    assert not (made.parent / "loaded").exists()


def test_of_a_table_with_changed_and_deleted_rows_the_verbs_import_no_more(
    made: Path, tmp_path: Path
) -> None:
    save_photo(tmp_path / "uploads" / "photo-000.jpg", seed=9)
    assert run("insert", "photos", tmp_path / "uploads").exit_code == 0
    assert run("delete", "photos", "photo-001.jpg").exit_code == 0

    for verb in (("show", "photos"), ("verify", "photos")):
        outcome, modules = called(*verb)

        assert (outcome.exit_code, outcome.errors) == (0, "")
        assert modules & {*HEAVY, "numpy", "pyarrow"} == set()


def test_an_insert_of_nothing_new_opens_no_instance_and_imports_nothing_for_buckets(
    made: Path, tmp_path: Path
) -> None:
    outcome, modules = called("insert", "photos", tmp_path / "uploads")

    assert (made.parent / "loaded").exists()
    assert "0 new, 0 replaced, 2 unchanged" in outcome.output
    assert modules & {"pandas", "obstore", "sqlalchemy", "media_assets.stores.s3"} == set()


def test_what_a_command_has_imported_is_not_searched_for_garbage(made: Path) -> None:
    for verb in ("status", "plan", "describe photos"):
        done = subprocess.run(
            [sys.executable, "-c", COLLECTIONS, *verb.split()],
            cwd=made.parent,
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stderr.split() == ["True", "True", "0"]


def test_presigning_a_column_imports_neither(made: Path) -> None:
    arguments = ("--table", "photos", "--column", "flipped", "--expires-in", "60")
    outcome, modules = called("presign", *arguments)

    assert "it is not in cloud storage" in outcome.errors
    assert modules & HEAVY == set()
    assert not (made.parent / "loaded").exists()


def test_a_gallery_imports_neither_dagster_nor_the_code_nor_what_made_its_thumbnails(
    made: Path,
) -> None:
    first = run("gallery", "photos")
    again, modules = called("gallery", "photos")

    assert first.first_line.startswith("2 rows, 0 with errors, 4 thumbnails made")
    assert again.first_line.startswith("2 rows, 0 with errors, 0 thumbnails made")
    assert modules & {*HEAVY, "PIL", "pyarrow", "obstore", "rich"} == set()
    assert not (made.parent / "loaded").exists()


def test_a_table_that_the_catalog_lacks_is_looked_up_in_the_code(made: Path) -> None:
    made.write_text(
        made.read_text("utf-8").replace(
            "defs = ma.build_defs([photos])",
            "new = ma.MediaTable('new')\ndefs = ma.build_defs([photos, new])",
        )
    )

    shown, _ = called("show", "new", "--format", "json")
    table, _ = called("show", "new")
    listed, _ = called("errors", "new")
    unknown, _ = called("show", "nwe")

    assert json.loads(shown.output) == []
    assert "new: 0 rows" in table.output
    assert (listed.exit_code, listed.errors) == (0, "")
    assert unknown.exit_code == 1
    where = "in this code location and its catalog"
    assert f"There is no table 'nwe' ({where}). Known: new, photos." in unknown.errors


def test_a_column_that_only_the_code_has_is_shown_empty_if_it_is_named(made: Path) -> None:
    write_project(made, width_body="return flipped.width")
    text = made.read_text("utf-8")
    later = "@photos.computed_column()\ndef height(flipped: Image.Image) -> int:\n    return 1\n"
    made.write_text(text.replace("defs =", f"{later}\n\ndefs ="))

    shown, _ = called("show", "photos", "--columns", "height", "--format", "csv")
    everything, _ = called("show", "photos", "--format", "csv")
    unknown, _ = called("show", "photos", "--columns", "heihgt")

    assert shown.output.splitlines()[:2] == ["row,height", "photo-000.jpg,"]
    assert everything.output.splitlines()[0] == "row,source_image,flipped,width"
    assert "Did you mean 'height'?" in unknown.errors


def test_verifying_a_range_of_partitions_asks_the_code(made: Path) -> None:
    (partition,) = {
        row["partition"]
        for row in json.loads(
            run("sql", "select distinct partition from photos", "--format", "json").output
        )
    }

    one, modules = called("verify", "photos", "--partitions", partition)
    spanned = run("verify", "photos", "--partitions", f"{partition}...{partition}")
    unknown = run("verify", "photos", "--partitions", "2020")

    assert one.output == spanned.output
    assert one.output.startswith("4 files, 4 of them read")
    assert modules & HEAVY == set()
    assert "There is no partition '2020'" in unknown.errors


def test_a_verb_in_a_project_without_code_names_the_columns_it_knows(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = run("show", "photos", "--columns", "widht")

    assert outcome.exit_code == 1
    assert "Did you mean 'width'?" in outcome.errors
