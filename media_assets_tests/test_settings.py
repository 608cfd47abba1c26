"""Settings: who may name them, and which of them wins."""

import json
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.destinations import DecidedBy
from media_assets.errors import (
    DestinationError,
    MediaAssetsError,
    SettingError,
    SettingsFileError,
    UnknownNameError,
)
from media_assets.home import Home
from media_assets.installation import InCode, Installation
from media_assets.io_manager import MediaIOManager
from media_assets.limits import LIMIT_NAMES
from media_assets.settings import SETTINGS, choose_settings
from media_assets.tables.table import MediaTable
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import globals_of_run, inserted, materialize, shown

OWN, SHARED = "media_assets.toml", "pyproject.toml"


def write(home: Path, text: str, *, name: str = OWN) -> Path:
    path = home / name
    heading = "[tool.media_assets]\n" if name == SHARED else ""
    path.write_text(heading + text)
    return path


@pytest.mark.parametrize("name", [OWN, SHARED])
def test_a_settings_file_comes_after_the_environment_and_before_local_storage(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = write(home, 'output_media_dest = "s3://file/out"\ncatalog = "/from/file"\n', name=name)

    of_file = Installation.open(InCode())
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", "s3://environment/out")
    of_environment = Installation.open(InCode())

    named = of_file.settings.get("output_media_dest")
    assert named is not None
    assert (named.value, named.decided_by) == ("s3://file/out", DecidedBy.SETTINGS_FILE)
    assert str(path) in named.source
    assert of_file.catalog.destination.uri == "file:///from/file/"
    assert of_environment.settings.value("output_media_dest") == "s3://environment/out"


def test_a_plan_names_the_file_that_decided(home: Path, tmp_path: Path) -> None:
    project = write_project(tmp_path / "settings_project.py")
    path = write(home, 'output_media_dest = "s3://bucket/out/"\n')

    rows = json.loads(run("plan", "photos", "--format", "json", "-f", project).output)

    assert rows[1]["destination"] == "s3://bucket/out/"
    assert rows[1]["decided by"] == f"settings file {path}"


def test_every_setting_has_a_variable_and_a_line_in_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = {
        "cache_bytes": ("4096", "4096"),
        **dict.fromkeys(LIMIT_NAMES, ("4096", "4096")),
        "allow_networks": ("10.1.0.0/16", '["10.1.0.0/16"]'),
        "public_urls": ('{"s3://b/": "https://x/"}', '{"s3://b/" = "https://x/"}'),
        "object_options": (
            '{"s3://b/": {"cache_control": "no-cache"}}',
            '{"s3://b/" = {cache_control = "no-cache"}}',
        ),
    }
    for name in SETTINGS:
        text, line = examples.get(name, ("/data/x", '["/data/x"]'))
        if name not in examples and name != "storage_sources":
            line = '"/data/x"'
        write(home, f"{name} = {line}\n")
        of_file = choose_settings(Home(home))
        monkeypatch.setenv(f"MEDIA_ASSETS_{name.upper()}", text)
        of_environment = choose_settings(Home(home))

        assert of_file.value(name) == of_environment.value(name) is not None
        assert [s.named[name].decided_by for s in (of_file, of_environment)] == [
            DecidedBy.SETTINGS_FILE,
            DecidedBy.ENVIRONMENT,
        ]
        monkeypatch.delenv(f"MEDIA_ASSETS_{name.upper()}")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ('output_dest = "/x"\n', UnknownNameError, "There is no setting 'output_dest'"),
        ('output_media_dest = "relative/x"\n', DestinationError, "is a relative path"),
        ('catalog = "relative/x"\n', DestinationError, "is a relative path"),
        ("cache_bytes = -1\n", SettingError, "'-1'"),
        ("cache_bytes = true\n", SettingError, "`cache_bytes` of the settings file .* 'True'"),
        ("max_pixels = 0\n", SettingError, "`max_pixels` .* 1 or more"),
        ("allow_networks = 7\n", SettingError, "A list of texts"),
        ("catalog = [1]\n", SettingError, "A text"),
        ("catalog = \n", SettingsFileError, "cannot be read"),
        ('storage_sources = ["minio"]\n', DestinationError, "is a relative path"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_its_path(
    home: Path, text: str, error: type[MediaAssetsError], said: str
) -> None:
    path = write(home, text)
    table = MediaTable("photos")
    table.computed_column(name="flipped")(_flipped)

    with pytest.raises(error, match=said) as caught:
        MediaIOManager().installation.decide("photos", table.columns[1])

    assert str(path) in str(caught.value)


def test_two_settings_files_are_an_error_that_names_both(home: Path) -> None:
    write(home, 'catalog = "/one"\n')
    write(home, 'catalog = "/other"\n', name=SHARED)

    with pytest.raises(SettingsFileError, match=r"media_assets\.toml.*pyproject\.toml"):
        _ = MediaIOManager().installation


def test_a_pyproject_without_our_table_is_not_a_settings_file(home: Path) -> None:
    (home / SHARED).write_text("[project]\nname = 'x'\n[tool.ruff]\nline-length = 100\n")
    write(home, 'catalog = "/one"\n')

    assert choose_settings(Home(home)).value("catalog") == "/one"


def test_run_config_and_code_are_told_apart_in_what_a_run_records(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("photos")
    table.computed_column(name="flipped", code_version="1")(_flipped)
    manager = MediaIOManager(output_media_dest=str(tmp_path / "code"))
    partition = inserted(instance, table, save_photo(tmp_path / "in" / "a.jpg"))

    by_code = materialize(instance, table, partition, manager=manager)
    config = globals_of_run(output_media_dest=str(tmp_path / "run"))
    by_run = materialize(instance, table, partition, manager=manager, run_config=config)

    assert shown(by_code, table, "flipped")["media_assets/decided_by"] == "code"
    assert shown(by_run, table, "flipped")["media_assets/decided_by"] == "run config"


def test_what_is_set_in_code_wins_over_environment_and_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, 'cache_bytes = 1\nallow_networks = ["10.2.0.0/16"]\n')
    monkeypatch.setenv("MEDIA_ASSETS_CACHE_BYTES", "2")

    reader = MediaIOManager(cache_bytes=3).installation.reader

    assert reader.cache_bytes == 3
    assert [str(network) for network in reader.fetch_limits.allow_networks] == ["10.2.0.0/16"]


def _flipped(source_image: Image.Image) -> Image.Image:
    return source_image


def test_an_env_var_given_in_code_also_applies_to_the_command_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_CATALOG", "/data/catalog")
    (home / ".env").write_text("OUR_OUTPUT=/data/out\nOUR_CACHE=4096\n")
    manager = MediaIOManager(
        catalog=dg.EnvVar("OUR_CATALOG"),
        output_media_dest=dg.EnvVar("OUR_OUTPUT"),
        input_media_dest=dg.EnvVar("OUR_NOTHING"),
        cache_bytes=dg.EnvVar.int("OUR_CACHE"),  # pyright: ignore[reportArgumentType]
    )

    settings = manager.installation.settings

    assert settings.value("catalog") == "/data/catalog"
    assert settings.value("output_media_dest") == "/data/out"
    assert settings.value("cache_bytes") == 4096
    assert settings.get("input_media_dest") is None
