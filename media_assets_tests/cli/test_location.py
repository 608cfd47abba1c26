"""Which project the command line serves."""

import json
from pathlib import Path
from shlex import quote

import pytest

from media_assets.cli.location import Location
from media_assets.errors import LocationError
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photo

LAZY = """
import dagster as dg
from lazy_shop.tables import photos

import media_assets as ma


@dg.asset
def report() -> int:
    return 1


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions.merge(ma.build_defs([photos]), dg.Definitions(assets=[report]))
"""


def planned(*arguments: str | Path) -> list[str]:
    """The columns that a plan shows."""
    outcome = run("plan", "--format", "json", *arguments)
    assert outcome.errors == ""
    return [row["column"] for row in json.loads(outcome.output)]


def test_a_location_loads_no_code_until_it_is_needed() -> None:
    location = Location("no_such_module")

    assert location.is_named
    with pytest.raises(LocationError, match="'no_such_module' cannot be imported"):
        location.table("photos")


def test_a_module_is_named_by_m(project: Path) -> None:
    assert planned("-m", "my_definitions") == ["source_image", "flipped", "width"]


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.dagster]\nmodule_name = "{module}"\n',
        '[tool.dg.project]\nroot_module = "x"\ncode_location_target_module = "{module}"\n',
        '[tool.dg.project]\nroot_module = "{package}"\n',
    ],
    ids=["tool.dagster", "tool.dg", "tool.dg root module"],
)
def test_a_foreign_project_is_found_by_its_pyproject_from_any_folder_of_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, settings: str, request: pytest.FixtureRequest
) -> None:
    package = f"shop_{abs(hash(request.node.name))}"
    root = project.parent
    write_project(root / package / "definitions.py")
    text = settings.format(module=f"{package}.definitions", package=package)
    (root / "pyproject.toml").write_text(f"[project]\nname = 'shop'\n\n{text}")
    (root / "deeper").mkdir()
    monkeypatch.chdir(root / "deeper")

    assert planned() == ["source_image", "flipped", "width"]


def test_definitions_may_be_lazy_and_hold_assets_of_other_kinds(
    project: Path, tmp_path: Path
) -> None:
    write_project(project.parent / "lazy_shop" / "tables.py")
    (project.parent / "lazy_shop" / "definitions.py").write_text(LAZY)
    photo = save_photo(tmp_path / "a.jpg")

    outcome = run("insert", "photos", photo, "-m", "lazy_shop.definitions")

    assert outcome.exit_code == 0
    assert "3 cells made" in outcome.output


@pytest.mark.parametrize(
    "pyproject", [None, "[project]\nname = 'other'\n", "[tool.ruff]\nline-length = 100\n"]
)
def test_a_missing_code_location_is_reported_with_how_to_name_one(
    project: Path, pyproject: str | None
) -> None:
    if pyproject is not None:
        (project.parent / "pyproject.toml").write_text(pyproject)

    outcome = run("plan")

    assert outcome.exit_code == 1
    assert "-m" in outcome.errors
    assert "[tool.dagster]" in outcome.errors


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = 1\n", "holds no dg.Definitions"),
        ("import dagster as dg\ndefs = dg.Definitions()\n", "holds no media tables"),
        ("import no_such_package_here\n", "no_such_package_here"),
    ],
)
def test_a_module_that_serves_no_tables_is_reported(project: Path, content: str, said: str) -> None:
    name = f"bad_{abs(hash(content))}"
    (project.parent / f"{name}.py").write_text(content)

    outcome = run("plan", "-m", name)

    assert outcome.exit_code == 1
    assert said in outcome.errors


def test_an_unknown_table_is_reported_with_the_known_ones(project: Path) -> None:
    outcome = run("show", "fotos", "-f", project)

    assert outcome.exit_code == 1
    where = "in this code location and its catalog"
    assert f"There is no table 'fotos' ({where}). Known: photos." in outcome.errors


def test_without_a_home_no_temporary_instance_is_used(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    monkeypatch.delenv("DAGSTER_HOME")

    outcome = run("insert", "photos", photo, "-f", project)

    assert outcome.exit_code == 1
    assert "export DAGSTER_HOME=" in outcome.errors
    assert not list(tmp_path.rglob(".tmp_dagster_home*"))


def test_without_dagster_home_the_nearest_dagster_yaml_names_the_home(
    project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    (home / "deeper").mkdir()
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.chdir(home / "deeper")

    outcome = run("insert", "photos", photo, "-f", project)

    assert outcome.exit_code == 0
    assert list((home / "media" / "catalog" / "photos").iterdir())


def test_a_home_in_the_environment_that_is_not_the_projects_is_reported(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my photos"
    (folder / "deep").mkdir(parents=True)
    (folder / "dagster.yaml").touch()
    monkeypatch.chdir(folder / "deep")

    (folder / ".env").write_text(f"DAGSTER_HOME='{folder}'\n")
    told = run("sql", "select 1 as a", "--format", "csv")
    (folder / ".env").write_text(f"DAGSTER_HOME='{home}'\n")
    quiet = run("sql", "select 1 as a", "--format", "csv")

    assert (told.output, told.exit_code) == ("a\n1\n", 0)
    assert f"DAGSTER_HOME is '{home}' in the environment, and counts" in told.errors
    assert f"names '{folder}'" in told.errors
    assert quiet.errors == ""


def test_a_project_that_one_forgot_to_enter_is_asked_for(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert "Run this in the project's folder" in run("insert", "photos", tmp_path).errors


def test_a_command_with_a_slip_of_the_pen_is_guessed() -> None:
    assert "Did you mean 'insert'?" in run("inser", "photos").errors
    assert "No such command 'xyzzy'." in run("xyzzy").errors


def test_suggested_commands_work_where_the_command_did(project: Path) -> None:
    code = project.rename(project.with_name("my tables.py"))
    broken = project.with_name("broken.jpg")
    broken.write_bytes(b"\xff\xd8\xff")
    run("insert", "-f", code, "photos", save_photo(project.parent / "a.jpg"))
    run("branch", "-f", code, "blur")

    on_branch = run("--branch", "blur", "insert", "-f", code, "photos", broken)
    on_main = run("insert", "-f", code, "photos", broken)

    options = f"-f {quote(str(code))} photos"
    assert f"media-assets --branch blur errors {options}" in on_branch.output
    assert f"media-assets errors {options}" in on_main.output


def test_a_suggestion_that_names_a_location_keeps_it(tmp_path: Path) -> None:
    empty = tmp_path / "empty.py"
    empty.write_text("")

    outcome = run("plan", "-f", empty)

    assert outcome.exit_code == 1
    assert "media-assets plan -m my_project" in outcome.errors
