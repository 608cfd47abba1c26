"""Uploads in a bucket of S3, or of a storage that speaks its protocol, listed with boto3."""

from collections.abc import Iterator
from contextlib import closing

from media_assets.destinations import Destination
from media_assets.stores.s3 import S3Settings
from media_assets.stores.s3_client import s3_client
from media_assets.uploads.listing.protocol import ListedFile
from media_assets.uploads.log import Upload


class S3Listing:
    """The objects below a prefix; their keys may be anything."""

    def __init__(self, location: Destination, settings: S3Settings) -> None:
        """Takes the prefix, and what it takes to reach it; nothing is requested yet."""
        self._location, self._settings = location, settings

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """See `Listing`. The version is the ETag: for most objects a digest of the content."""
        location = self._location
        with closing(s3_client(self._location, self._settings)) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=location.bucket,
                Prefix=location.prefix,
                StartAfter=location.prefix + after if after else "",
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key: str = found["Key"]
                    row = key.removeprefix(location.prefix)
                    uri = location.fileurl(key)
                    upload = Upload(row, uri, found["Size"], found["ETag"])
                    yield ListedFile(row, upload, is_settled=True)
