"""`media-assets plan`."""

import json
from pathlib import Path

import pytest

from media_assets_tests.cli.verbs import run, write_project


def test_each_column_shows_its_destination_and_what_decided_it(
    project: Path, home: Path, tmp_path: Path
) -> None:
    write_project(project, table_options=f", destination={str(tmp_path / 'kept')!r}")

    outcome = run("plan", "--format", "json", "-f", project)

    assert json.loads(outcome.output) == [
        {
            "table": "photos",
            "column": "source_image",
            "type": "image",
            "reads": None,
            "reading": "truncated: error",
            "destination": f"{(tmp_path / 'kept').as_uri()}/",
            "decided by": "column",
        },
        {
            "table": "photos",
            "column": "flipped",
            "type": "image",
            "reads": "source_image",
            "reading": "first frame",
            "destination": f"{(home / 'media' / 'files').as_uri()}/",
            "decided by": "local storage",
        },
        {
            "table": "photos",
            "column": "width",
            "type": "int",
            "reads": "flipped",
            "reading": "first frame",
            "destination": None,
            "decided by": None,
        },
    ]


def test_the_env_file_beside_dagster_yaml_counts_as_environment(project: Path, home: Path) -> None:
    (home / ".env").write_text("MEDIA_ASSETS_OUTPUT_MEDIA_DEST=s3://bucket/processed\n")

    rows = json.loads(run("plan", "photos", "--format", "json", "-f", project).output)

    assert rows[1]["destination"] == "s3://bucket/processed/"
    assert rows[1]["decided by"] == "environment"


def test_a_plan_changes_nothing(project: Path, home: Path) -> None:
    before = sorted(home.rglob("*"))

    outcome = run("plan", "photos", "-f", project)

    assert outcome.exit_code == 0
    assert sorted(home.rglob("*")) == before


def test_an_invalid_destination_is_reported(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", "relative/folder")

    outcome = run("plan", "-f", project)

    assert outcome.exit_code == 1
    assert "'relative/folder' from environment variable MEDIA_ASSETS_OUTPUT_MEDIA_DEST" in (
        outcome.errors
    )


def test_options_of_objects_and_published_names_show_where_a_column_has_them(
    home: Path, tmp_path: Path
) -> None:
    project = tmp_path / "site_project.py"
    project.write_text(SITE)

    plan = json.loads(run("plan", "--format", "json", "-f", project).output)
    described = json.loads(run("describe", "photos", "--format", "json", "-f", project).output)

    options = '{"cache_control": "no-cache", "encryption": "AES256"}'
    for shown, name in ((plan, "object options"), (described, "object_options")):
        assert [line[name] for line in shown] == [None, options, None]
        assert [line["publish"] for line in shown] == [None, "web/{row_stem}.jpg", None]


SITE = """
import media_assets as ma

photos = ma.MediaTable("photos")


@photos.computed_column(publish="web/{row_stem}.jpg", object_options={"cache_control": "no-cache"})
def small(source_image: ma.Image) -> ma.Image:
    return source_image


@photos.computed_column()
def width(small: ma.Image) -> int:
    return small.width


manager = ma.MediaIOManager(
    output_media_dest="s3://bucket/site/",
    object_options={"s3://bucket/": {"encryption": "AES256", "requester_pays": True}},
)
defs = ma.build_defs([photos], overrides={"media_io_manager": manager})
"""
