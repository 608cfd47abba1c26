"""Trying a destination: nothing stays behind, and what is wrong is told apart."""

import pickle
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import (
    BucketMissingError,
    CredentialsRefusedError,
    MediaAssetsError,
    NoExclusiveCreateError,
    StoreDeniedError,
    StoreFaultError,
    StoreUnreachableError,
    WrongRegionError,
)
from media_assets.probe import probe, probe_all
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    return s3_server.make_bucket(f"probe-{uuid4().hex}", has_reader=True)


@pytest.mark.parametrize("is_catalog", [False, True])
def test_every_kind_of_storage_is_written_read_and_left_as_it_was(
    s3_server: S3Server,
    gcs_server: GcsServer,
    azure_server: AzureServer,
    bucket: str,
    tmp_path: Path,
    *,
    is_catalog: bool,
) -> None:
    storage = Storage(s3=s3_server.settings, gcs=gcs_server.settings, azure=azure_server.settings)
    container = azure_server.make_container(bucket)

    for uri in (
        f"s3://{bucket}/a/",
        f"gs://{bucket}/a/",
        f"az://{container}/a/",
        f"memory://{bucket}/a/",
        f"{tmp_path}/a/",
    ):
        destination = parse_destination(uri)
        probe(destination, storage, is_catalog=is_catalog)
        assert list(storage.open(destination).list(destination.prefix)) == []
    assert list((tmp_path / "a").iterdir()) == []


def test_a_probe_is_one_write_one_read_one_delete(s3_server: S3Server, bucket: str) -> None:
    probe(parse_destination(f"s3://{bucket}/a/b/"), Storage(s3=s3_server.settings))

    asked = s3_server.requests(bucket)
    assert [line.split(" ")[0] for line in asked] == ["PUT", "GET", "POST"]
    assert asked[0].startswith(f"PUT /{bucket}/a/b/")


def test_each_problem_is_told_apart_with_its_fix(s3_server: S3Server, bucket: str) -> None:
    right = s3_server.settings
    cases: list[tuple[str, S3Settings, type[MediaAssetsError], str]] = [
        ("no-such-bucket", right, BucketMissingError, "Create the bucket"),
        (bucket, s3_server.reader, StoreDeniedError, "Grant"),
        (bucket, replace(right, secret_access_key="no"), CredentialsRefusedError, "Correct"),
        (bucket, replace(right, region="eu-west-1"), WrongRegionError, "AWS_REGION"),
        (bucket, replace(right, endpoint="http://127.0.0.1:1"), StoreUnreachableError, "firewall"),
    ]

    for name, settings, error, fix in cases:
        with pytest.raises(error, match=fix) as caught:
            probe(parse_destination(f"s3://{name}/a/"), Storage(s3=settings))
        assert type(caught.value) is error
        assert type(pickle.loads(pickle.dumps(caught.value))) is error  # noqa: S301


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(MediaAssetsError, match="is in the way"):
        probe(parse_destination(f"{tmp_path}/file/a/"), Storage())


def test_a_storage_that_gives_back_other_bytes_is_refused() -> None:
    with canned_answers((200, "other")) as server:
        settings = S3Settings(endpoint=server.url, access_key_id="key", secret_access_key="secret")

        with pytest.raises(StoreFaultError, match="other bytes than were written"):
            probe(parse_destination("s3://bucket/"), Storage(s3=settings))

    assert [line.split(" ")[0] for line in server.requests] == ["PUT", "GET", "POST"]


def test_a_catalog_needs_a_storage_where_one_writer_wins() -> None:
    with canned_answers((200, "")) as server:
        settings = S3Settings(endpoint=server.url, access_key_id="key", secret_access_key="secret")

        with pytest.raises(NoExclusiveCreateError, match="If-None-Match"):
            probe(parse_destination("s3://bucket/"), Storage(s3=settings), is_catalog=True)


def test_several_destinations_are_tried_at_once_and_none_hides_another(
    s3_server: S3Server, bucket: str, tmp_path: Path
) -> None:
    good, bad = parse_destination(f"s3://{bucket}/"), parse_destination("s3://no-such-bucket/")
    local = parse_destination(str(tmp_path))

    probes = probe_all({good: True, bad: False, local: False}, Storage(s3=s3_server.settings))

    assert [type(probes[one].problem) for one in (good, bad, local)] == [
        type(None),
        BucketMissingError,
        type(None),
    ]
    assert all(probe.seconds > 0 for probe in probes.values())
