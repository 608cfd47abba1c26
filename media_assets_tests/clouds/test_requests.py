"""What a run asks of a bucket, and what it does when the bucket does not work."""

from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from media_assets.errors import (
    BucketMissingError,
    CredentialsRefusedError,
    StoreDeniedError,
    StoreFaultError,
)
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets_tests.clouds.photos import methods, photos_table
from media_assets_tests.photos import save_photo
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import run_step


def test_a_file_costs_one_request_and_the_first_run_alone_tries_the_bucket(
    home: Path, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"requests-{uuid4().hex}")
    table = photos_table(flipped=f"s3://{bucket}/a/", turned=f"s3://{bucket}/a/")

    def requests_of_a_run(*seeds: int) -> list[str]:
        before = len(s3_environment.requests(bucket))
        photos = [save_photo(tmp_path / f"in/{seed}.jpg", seed) for seed in seeds]
        found = find_named([str(path) for path in photos], MediaIOManager().installation.reader)
        for partition in record(MediaIOManager().installation, table, found).partitions:
            run_step(table, partition)
        return methods(s3_environment.requests(bucket)[before:])

    assert requests_of_a_run(1, 2) == ["PUT", "GET", "POST", *["PUT"] * 4]
    assert requests_of_a_run(3, 4, 5) == ["PUT"] * 6
    assert requests_of_a_run(3, 4, 5) == []


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        ("bucket", BucketMissingError),
        ("key", CredentialsRefusedError),
        ("reader", StoreDeniedError),
    ],
)
def test_a_destination_that_does_not_work_ends_the_run_before_any_row_and_says_which(
    home: Path,
    s3_environment: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    problem: str,
    error: type[StoreFaultError],
) -> None:
    bucket = s3_environment.make_bucket(f"early-{uuid4().hex}", has_reader=True)
    if problem == "key":
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    elif problem == "reader":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_environment.reader.access_key_id or "")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_environment.reader.secret_access_key or "")
    destination = f"s3://{bucket}{'-typo' if problem == 'bucket' else ''}/out/"
    table, called = MediaTable("photos"), list[int]()

    @table.computed_column(destination=destination, code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        called.append(1)
        return source_image

    found = find_named([str(save_photo(tmp_path / "a.jpg"))], MediaIOManager().installation.reader)
    (partition,) = record(MediaIOManager().installation, table, found).partitions

    with pytest.raises(error, match=destination.removesuffix("/")):
        run_step(table, partition)

    assert called == []
