"""`media-assets check`."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.servers.s3 import S3Server

pytestmark = pytest.mark.usefixtures("no_aws")


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket that computed columns go to, by the environment alone."""
    name = s3_server.make_bucket(f"check-{uuid4().hex}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_access_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server.url)
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", f"s3://{name}/out/")
    return name


def test_every_destination_is_tried_once_the_catalogs_too(
    project: Path, home: Path, bucket: str, s3_server: S3Server
) -> None:
    outcome = run("check", "--format", "json", "-f", project)

    rows = json.loads(outcome.output)
    assert outcome.exit_code == 0
    assert [(row["destination"], row["used by"], row["decided by"]) for row in rows] == [
        (f"{(home / 'media/catalog').as_uri()}/", "catalog", None),
        (f"s3://{bucket}/out/", "photos/flipped", "environment"),
    ]
    assert all(row["result"].startswith("works") and row["fix"] is None for row in rows)
    assert [line.split(" ")[0] for line in s3_server.requests(bucket)] == ["PUT", "GET", "POST"]


def test_a_failing_destination_is_reported_with_a_fix_and_exits_with_1(
    project: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", f"s3://{bucket}-typo/out/")

    outcome = run("check", "photos", "--format", "json", "-f", project)

    assert outcome.exit_code == 1
    row = json.loads(outcome.output)[1]
    assert "the bucket does not exist" in row["result"]
    assert row["problem"] == "BucketMissing"
    assert row["fix"].startswith("Create the bucket")


def test_people_get_a_table(project: Path, tmp_path: Path) -> None:
    write_project(project, table_options=f", destination={str(tmp_path / 'kept')!r}")

    outcome = run("check", "-f", project)

    assert outcome.exit_code == 0
    assert "photos/source_image" in outcome.output
    assert list((tmp_path / "kept").iterdir()) == []
