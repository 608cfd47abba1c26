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
