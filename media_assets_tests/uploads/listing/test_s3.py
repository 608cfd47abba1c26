"""Uploads in a bucket of the S3 protocol, on a real server."""

from contextlib import closing
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.uploads.listing import Listing
from media_assets.uploads.listing.s3 import S3Listing
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.uploads.listing.contract import ODD, ListingContract, Put


@pytest.mark.usefixtures("no_aws")
class TestS3Listing(ListingContract):
    KEYS = (*ODD, "a//b.jpg", "a/./c.jpg", "tab\there.jpg", "new\nline.jpg")

    @pytest.fixture
    def listing(self, s3_server: S3Server) -> Listing:
        bucket = s3_server.make_bucket(f"uploads-{uuid4().hex}")
        return S3Listing(parse_destination(f"s3://{bucket}/some/prefix/"), s3_server.settings)

    @pytest.fixture
    def put(self, listing: S3Listing) -> Put:
        def put(key: str, content: bytes) -> None:
            location = listing._location
            with closing(listing._connection.boto()) as client:
                client.put_object(Bucket=location.bucket, Key=location.prefix + key, Body=content)

        return put


@pytest.mark.usefixtures("no_aws")
def test_the_same_content_again_has_the_same_version(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket(f"uploads-{uuid4().hex}")
    listing = S3Listing(parse_destination(f"s3://{bucket}/"), s3_server.settings)
    versions: list[str] = []
    for _ in range(2):
        with closing(listing._connection.boto()) as client:
            client.put_object(Bucket=bucket, Key="a.jpg", Body=b"same")
        versions += [file.upload.version for file in listing.files()]

    assert len(set(versions)) == 1
