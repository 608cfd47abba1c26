"""`media-assets presign`."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch

pytestmark = pytest.mark.usefixtures("no_aws")


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket that computed columns go to, by the environment alone."""
    name = s3_server.make_bucket(f"presign-{uuid4().hex}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_access_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server.url)
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", f"s3://{name}/out/")
    return name


@pytest.fixture
def inserted(project: Path, bucket: str, tmp_path: Path) -> Path:
    """A project with two rows whose computed column is in the bucket."""
    save_photos(tmp_path / "uploads", 2)
    assert run("insert", "photos", tmp_path / "uploads", "-f", project).exit_code == 0
    return project


def test_the_files_of_a_column_are_read_by_plain_http(inserted: Path) -> None:
    column = ("--table", "photos", "--column", "flipped")
    hour = ("--expires-in", "3600", "-f", inserted)

    rows = json.loads(run("presign", *column, *hour, "--format", "json").output)
    one = run("presign", *column, "--row", "photo-001.jpg", *hour)

    assert [row["row"] for row in rows] == ["photo-000.jpg", "photo-001.jpg"]
    for url in [*(row["url"] for row in rows), one.output.strip()]:
        answer = fetch(url)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")


def test_a_row_that_does_not_exist_is_reported(inserted: Path) -> None:
    outcome = run("presign", "--table", "photos", "--column", "flipped", "--row", "photo-9.jpg",
                  "--expires-in", "60", "-f", inserted)  # fmt: skip

    assert outcome.exit_code == 1
    assert "There is no row 'photo-9.jpg' (with a file in column photos/flipped)" in outcome.errors


def test_any_fileurl_is_signed_with_or_without_a_project(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = run("presign", f"s3://{bucket}/a b.jpg", "--expires-in", "60")

    assert outcome.exit_code == 0
    assert "/a%20b.jpg?X-Amz-" in outcome.output
    assert fetch(outcome.output.strip()).status == 404


def test_a_web_address_is_printed_unsigned_with_a_note(
    project: Path, bucket: str, s3_server: S3Server
) -> None:
    url = f"{s3_server.url}/{bucket}/a.jpg"

    outcome = run("presign", url, "--expires-in", "60", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.output == f"{url}\n"
    assert "`storage_sources`" in outcome.errors


@pytest.mark.parametrize("seconds", ["0", "-5", "691200"])
def test_a_lifetime_out_of_range_is_refused(seconds: str, project: Path, bucket: str) -> None:
    outcome = run("presign", f"s3://{bucket}/a.jpg", f"--expires-in={seconds}", "-f", project)

    assert outcome.exit_code == 1
    assert "604,800 s (7 days) (Amazon S3" in outcome.errors
    assert "Signature=" not in outcome.output + outcome.errors


def test_a_local_file_cannot_be_signed(project: Path) -> None:
    outcome = run("presign", "file:///data/a.jpg", "--expires-in", "60", "-f", project)

    assert outcome.exit_code == 1
    assert "Only files in cloud storage can be signed" in outcome.errors


@pytest.mark.parametrize(
    "arguments",
    [(), ("s3://bucket/a.jpg", "--table", "photos"), ("--table", "photos"), ("--column", "a")],
)
def test_what_to_sign_is_named_once(arguments: tuple[str, ...], project: Path) -> None:
    outcome = run("presign", *arguments, "--expires-in", "60", "-f", project)

    assert outcome.exit_code == 2
    assert "Give either a fileurl, or --table and --column." in outcome.errors


def test_a_query_signs_with_the_credentials_of_the_project(inserted: Path) -> None:
    query = "select row, presigned_url(flipped, 3600) as url from photos order by row"

    rows = json.loads(run("sql", query, "--format", "json", "-f", inserted).output)
    refused = run("sql", query.replace("3600", "0"), "-f", inserted)

    assert [fetch(row["url"]).status for row in rows] == [200, 200]
    assert refused.exit_code == 1
    assert "From 1 second" in refused.errors
    assert refused.errors.count("\n") == 1
