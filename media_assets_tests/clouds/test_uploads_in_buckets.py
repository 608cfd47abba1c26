"""Tables whose uploads are in a bucket, looked through by the provider's own client."""

from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import (
    BucketMissingError,
    CredentialsRefusedError,
    StoredFileMissingError,
)
from media_assets.io_manager import MediaIOManager
from media_assets.partitioning import UNPARTITIONED
from media_assets.stores import Storage
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import cells, made, run_step


@pytest.fixture(params=["s3", "azure"])
def uploads(request: pytest.FixtureRequest) -> str:
    """An empty prefix; Google's client does not speak the protocol of the tests' own server."""
    name = f"uploads-{uuid4().hex}"
    server = request.getfixturevalue(f"{request.param}_environment")
    if request.param == "azure":
        return f"az://{server.make_container(name)}/in/"
    return f"s3://{server.make_bucket(name)}/in/"


def upload(prefix: str, *names: str) -> None:
    place = parse_destination(prefix)
    for seed, name in enumerate(names):
        Storage().open(place).put(place.key(name), jpeg(seed), content_type="image/jpeg")


def test_a_run_over_a_day_finds_its_uploads_in_the_bucket(home: Path, uploads: str) -> None:
    upload(uploads, "2026-01-01/a.jpg", "2026-01-01/b/c.jpg", "2026-01-02/d.jpg", "beside.jpg")
    upload(uploads, "2026-01-01/notes.txt", "2026-01-01/.hidden.jpg")
    days = MediaTable(
        "days",
        uploads=f"{uploads}{{partition_key}}/",
        partitions=dg.DailyPartitionsDefinition("2026-01-01"),
    )

    first = cells(run_step(days, "2026-01-01"))["source_image"]
    again = run_step(days, "2026-01-01")
    upload(uploads, "2026-01-01/late.jpg")
    late = run_step(days, "2026-01-01")
    nothing = cells(run_step(days, "2026-01-03"))["source_image"]

    assert sorted(first) == ["2026-01-01/a.jpg", "2026-01-01/b/c.jpg"]
    assert first["2026-01-01/a.jpg"].fileurl == f"{uploads}2026-01-01/a.jpg"
    assert (made(again), made(late)) == (0, 1)
    assert nothing == {}


def test_a_table_without_partitions_finds_its_uploads_in_the_bucket(
    home: Path, uploads: str
) -> None:
    upload(uploads, "a.jpg", "folder/b.jpg")
    table = MediaTable("all", uploads=uploads, partitions=None)

    source = cells(run_step(table, UNPARTITIONED))["source_image"]

    assert sorted(source) == ["a.jpg", "folder/b.jpg"]


def test_an_object_inserted_by_name_is_not_new_to_a_scan_of_its_bucket(
    home: Path, s3_environment: S3Server, bucket: str
) -> None:
    uploads = f"s3://{bucket}/in/"
    upload(uploads, "a.jpg", "a.jpg.jpg")
    table, manager = MediaTable("photos", uploads=uploads), MediaIOManager()

    named = record(
        manager.installation,
        table,
        find_named([f"{uploads}a.jpg"], manager.installation.reader),
        is_named=True,
    )
    found = record(manager.installation, table, scan_uploads(manager.installation, table))
    again = record(
        manager.installation,
        table,
        find_named([uploads], manager.installation.reader),
        is_named=True,
    )

    assert (named.new, found.new, found.replaced, found.unchanged) == (1, 1, 0, 1)
    assert (again.new, again.replaced, again.unchanged) == (0, 0, 2)


def test_an_object_that_does_not_exist_cannot_be_inserted(home: Path, uploads: str) -> None:
    upload(uploads, "a.jpg.jpg")

    for name in ("a.jpg", "z.jpg"):
        with pytest.raises(StoredFileMissingError, match=name):
            find_named([f"{uploads}{name}"], MediaIOManager().installation.reader)


def scanned(uploads: str) -> None:
    manager = MediaIOManager()
    scan_uploads(manager.installation, MediaTable("photos", uploads=uploads))


def test_a_bucket_that_cannot_be_looked_through_is_reported_with_its_fix(
    home: Path,
    s3_environment: S3Server,
    gcs_environment: GcsServer,
    azure_environment: AzureServer,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for scheme in ("s3", "az", "gs"):
        with pytest.raises(BucketMissingError, match="Create the bucket"):
            scanned(f"{scheme}://{bucket}-typo/in/")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(CredentialsRefusedError, match="Correct the credentials"):
        scanned(f"s3://{bucket}/in/")
