"""Verbs that look at what the catalog holds, of assets outside tables as well."""

import json
import sys
from pathlib import Path

import dagster as dg
import pytest

from media_assets.cli.location import Location
from media_assets_tests.cli.verbs import run

ALONE = """
import dagster as dg
from PIL import Image

import media_assets as ma


@dg.asset(key=["team", "posters"], io_manager_key="media_io_manager")
def posters():
    return {"red": Image.new("RGB", (8, 8), "red"), "blue": Image.new("RGB", (8, 8), "blue")}


defs = dg.Definitions([posters], resources={"media_io_manager": ma.MediaIOManager()})
"""


@pytest.fixture
def alone(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without tables, whose one asset was materialized."""
    path = tmp_path / "project" / "posters_alone.py"
    path.parent.mkdir()
    path.write_text(ALONE)
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "posters_alone", raising=False)
    defs = Location(None, path).defs
    assert dg.materialize(list(defs.assets or ()), resources=dict(defs.resources or {})).success  # pyright: ignore[reportArgumentType]
    return path


def test_verbs_that_only_read_know_standalone_assets(alone: Path) -> None:
    name, options = "team/posters", ("-f", alone)

    shown = json.loads(run("show", name, "--format", "json", *options).output)
    (column,) = json.loads(run("describe", name, "--format", "json", *options).output)
    errors = json.loads(run("errors", name, "--format", "json", *options).output)
    signed = run("presign", "--table", name, "--column", "image", "--row", "red",
                 "--expires-in", "60", *options)  # fmt: skip

    assert [row["row"] for row in shown] == ["blue", "red"]
    assert all(row["image"].startswith("file:///") for row in shown)
    assert (column["name"], column["type"], column["cells"]) == ("image", "image", 2)
    assert errors == []
    assert "cannot have a presigned URL" in signed.errors  # it is found, and is a local file


def test_an_unknown_name_is_refused_with_all_known_ones(alone: Path) -> None:
    for verb in (("show",), ("describe",), ("errors",)):
        outcome = run(*verb, "team/poster", "-f", alone)

        assert outcome.exit_code == 1
        assert "team/posters" in outcome.errors


def test_a_column_that_an_asset_does_not_have_is_refused(alone: Path) -> None:
    outcome = run("show", "team/posters", "--columns", "flipped", "-f", alone)

    assert outcome.exit_code == 1
    assert "no column 'flipped'" in outcome.errors


def test_a_project_without_tables_says_so_where_one_is_needed(alone: Path) -> None:
    assert "holds no media tables" in run("plan", "-f", alone).errors


def test_gc_and_drop_work_without_tables(alone: Path) -> None:
    assert run("gc", "team/posters", "--grace", "0s", "-f", alone).exit_code == 0
    dropped = run("drop", "team/posters", "--yes", "-f", alone)

    assert dropped.exit_code == 0
    assert run("show", "team/posters", "-f", alone).exit_code == 1
