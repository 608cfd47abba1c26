"""Where an installation keeps its state, and the settings beside its dagster.yaml."""

import os
from pathlib import Path

import pytest

from media_assets.errors import HomeNotFoundError
from media_assets.home import CATALOG_VARIABLE, Home, find_home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a dagster.yaml, which DAGSTER_HOME does not name."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.delenv(CATALOG_VARIABLE, raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "dagster.yaml").touch()
    return folder


def test_dagster_home_wins_over_a_dagster_yaml_nearby(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))

    home = find_home(project)

    assert home == Home(tmp_path)


def test_an_empty_dagster_home_counts_as_not_set(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")

    home = find_home(project)

    assert home == Home(project)


def test_a_tilde_in_dagster_home_is_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "~")

    home = find_home()

    assert home == Home(tmp_path)


@pytest.mark.parametrize("named", ["relative/path", "/there/is/no/such/folder", "/etc/hostname"])
def test_a_dagster_home_that_is_not_an_absolute_folder_is_refused_by_name(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", named)

    with pytest.raises(HomeNotFoundError, match=f"'{named}', not the absolute path") as caught:
        find_home()

    assert isinstance(caught.value, FileNotFoundError)


def test_the_nearest_dagster_yaml_upward_is_the_home(project: Path) -> None:
    inner = project / "package" / "module"
    inner.mkdir(parents=True)

    assert find_home(inner) == find_home(project) == Home(project)


def test_by_default_the_search_starts_in_the_working_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)

    assert find_home() == Home(project)


def test_without_any_home_the_error_says_how_to_set_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)

    with pytest.raises(HomeNotFoundError, match="export DAGSTER_HOME=/path/to/project"):
        find_home(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_everything_is_kept_below_the_home(project: Path) -> None:
    home = Home(project)

    assert home.local_storage == f"{project}/media/files"
    assert home.catalog == f"{project}/media/catalog"
    assert home.uploads("team/photos") == project / "uploads" / "team" / "photos"


def test_a_variable_comes_from_the_env_file_unless_the_environment_has_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".env").write_text(f"{CATALOG_VARIABLE}=/from/file\nOTHER='a b'\n")
    home = Home(project)

    from_file = home.variable(CATALOG_VARIABLE)
    monkeypatch.setenv(CATALOG_VARIABLE, "/from/environment")

    assert from_file == "/from/file"
    assert home.variable(CATALOG_VARIABLE) == "/from/environment"
    assert home.variable("OTHER") == "a b"


def test_an_empty_variable_counts_as_unset(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".env").write_text(f"{CATALOG_VARIABLE}=/from/file\nEMPTY=\nNAKED\n")
    monkeypatch.setenv(CATALOG_VARIABLE, "")
    home = Home(project)

    assert home.variable(CATALOG_VARIABLE) == "/from/file"
    assert home.variable("EMPTY") is None
    assert home.variable("NAKED") is None


def test_an_edited_env_file_counts_at_once(project: Path) -> None:
    path = project / ".env"
    home = Home(project)
    answers = [home.variable("DEST")]

    for number in range(2):
        path.write_text(f"DEST=/media/{number}\n")
        os.utime(path, ns=(number, number))
        answers.append(home.variable("DEST"))
    path.unlink()
    answers.append(home.variable("DEST"))

    assert answers == [None, "/media/0", "/media/1", None]


def test_an_env_folder_holds_no_settings(project: Path) -> None:
    (project / ".env").mkdir()

    assert Home(project).variable("DEST") is None
