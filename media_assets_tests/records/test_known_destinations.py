"""Destinations are tried before anything goes there, once."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import BucketMissingError, CredentialsRefusedError, StoreDeniedError
from media_assets.records.known_destinations import check_once
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Storage
from media_assets_tests.catalogs import memory_root
from media_assets_tests.servers.s3 import S3Server


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    return s3_server.make_bucket(f"checked-{uuid4().hex}", has_reader=True)


def test_a_destination_is_tried_once_per_catalog(
    root: CatalogRoot, s3_server: S3Server, bucket: str
) -> None:
    storage = Storage(s3=s3_server.settings)
    destination = parse_destination(f"s3://{bucket}/a/")

    for _ in range(3):
        check_once(root, destination, storage)
    once = s3_server.requests(bucket)
    check_once(memory_root(), destination, storage)

    assert [line.split(" ")[0] for line in once] == ["PUT", "GET", "POST"]
    assert len(s3_server.requests(bucket)) == 2 * len(once)


def test_a_destination_that_did_not_work_is_tried_again(
    root: CatalogRoot, s3_server: S3Server, bucket: str
) -> None:
    storage = Storage(s3=s3_server.settings)
    missing = f"later-{uuid4().hex}"
    destination = parse_destination(f"s3://{missing}/")
    with pytest.raises(BucketMissingError):
        check_once(root, destination, storage)
    s3_server.make_bucket(missing)

    check_once(root, destination, storage)
    tried = len(s3_server.requests(missing))
    check_once(root, destination, storage)

    assert len(s3_server.requests(missing)) == tried


def test_other_credentials_are_probed_again(
    root: CatalogRoot, s3_server: S3Server, bucket: str
) -> None:
    destination = parse_destination(f"s3://{bucket}/")
    check_once(root, destination, Storage(s3=s3_server.settings))

    with pytest.raises(StoreDeniedError):
        check_once(root, destination, Storage(s3=s3_server.reader))
    wrong = replace(s3_server.settings, access_key_id="nobody")
    with pytest.raises(CredentialsRefusedError):
        check_once(root, destination, Storage(s3=wrong))


def test_no_secret_is_noted(root: CatalogRoot, s3_server: S3Server, bucket: str) -> None:
    check_once(root, parse_destination(f"s3://{bucket}/"), Storage(s3=s3_server.settings))

    (note,) = root.store.list(root.destination.prefix)
    assert root.store.get(note.key) == f"s3://{bucket}/".encode()


def test_a_local_folder_is_left_to_the_run_itself(root: CatalogRoot, tmp_path: Path) -> None:
    check_once(root, parse_destination(str(tmp_path / "out")), Storage())

    assert list(tmp_path.iterdir()) == []
    assert list(root.store.list(root.destination.prefix)) == []
