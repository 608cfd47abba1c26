"""A bucket that keeps old versions: what gc deletes is gone for readers, and kept by the bucket."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.stores.s3_connection import S3Connection
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.verification import Trouble, verify
from media_assets_tests.clouds.photos import content, keys
from media_assets_tests.clouds.test_publishing import NOW, insert, publishing, ran, stored
from media_assets_tests.photos import save_photo
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.stored import collect_all


@pytest.fixture
def versioned(s3_environment: S3Server) -> tuple[Any, str]:
    """A client, and a bucket that keeps versions."""
    bucket = s3_environment.make_bucket(f"versioned-{uuid4().hex}")
    client = S3Connection(parse_destination(f"s3://{bucket}/"), s3_environment.settings).boto()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return client, bucket


def test_what_is_collected_from_a_versioned_bucket_is_gone_and_its_old_version_stays(
    home: Path, versioned: tuple[Any, str], tmp_path: Path
) -> None:
    client, bucket = versioned
    table = publishing(f"s3://{bucket}/")
    ran(table, save_photo(tmp_path / "a.jpg"), save_photo(tmp_path / "b.jpg", 2))
    storage = MediaIOManager().installation.storage

    delete_rows(stored(), "source_image", ["a.jpg"])
    gone = collect_all(stored().root, NOW, storage=storage)

    (file,) = [one for one in gone if "/flipped/" in one and one.endswith(".jpg")]
    key = file.removeprefix(f"s3://{bucket}/")
    assert key not in keys(f"s3://{bucket}/")
    versions = client.list_object_versions(Bucket=bucket, Prefix=key)
    assert len(versions["DeleteMarkers"]) == 1
    (old,) = versions["Versions"]
    kept = client.get_object(Bucket=bucket, Key=key, VersionId=old["VersionId"])["Body"].read()
    assert kept[:2] == b"\xff\xd8", "the bytes can be brought back until a rule of the bucket"


def test_a_file_that_a_rule_of_its_bucket_deleted_is_missing_until_its_version_is_back(
    home: Path, versioned: tuple[Any, str], tmp_path: Path
) -> None:
    client, bucket = versioned
    table = publishing(f"s3://{bucket}/", None)
    ran(table, save_photo(tmp_path / "a.jpg"))
    (key,) = keys(f"s3://{bucket}/")
    reader, partition = MediaIOManager().installation.reader, insert(table)

    def troubles() -> list[Trouble]:
        (found,) = verify(stored(), reader, ["flipped"], [partition])
        return [problem.trouble for problem in found.problems]

    marker = client.delete_object(Bucket=bucket, Key=key)["VersionId"]
    assert troubles() == [Trouble.MISSING]
    client.delete_object(Bucket=bucket, Key=key, VersionId=marker)
    assert troubles() == []
    assert content(f"s3://{bucket}/{key}")[:2] == b"\xff\xd8"
