"""Uploads in a bucket of S3, or of a storage with its protocol, listed with boto3."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from media_assets.destinations import Destination
from media_assets.stores.s3 import S3Settings
from media_assets.stores.s3_connection import S3Connection
from media_assets.uploads.listing.markers import is_marker, is_marker_by_name, may_be_marker
from media_assets.uploads.listing.protocol import ListedFile, listed_object


class S3Listing:
    """The objects below a prefix, with any keys."""

    def __init__(self, location: Destination, settings: S3Settings) -> None:
        self._location, self._connection = location, S3Connection(location, settings)
        self._payer = {"RequestPayer": "requester"} if settings.requester_pays else {}

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields objects; the version is the ETag, for most objects a digest of the content."""
        location = self._location
        with closing(self._connection.boto()) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=location.bucket,
                Prefix=location.prefix,
                StartAfter=location.prefix + after if after else "",
                **self._payer,
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key, size_bytes = found["Key"], found["Size"]
                    yield listed_object(
                        location,
                        key,
                        size_bytes=size_bytes,
                        version=found["ETag"],
                        is_marker=self._is_marker(client, key, size_bytes),
                    )

    def _is_marker(self, client: Any, key: str, size_bytes: int) -> bool:  # noqa: ANN401  boto3 has no types
        """Requests the metadata, which a listing does not have, if it may matter."""
        if is_marker_by_name(key, size_bytes):
            return True
        if not may_be_marker(key, size_bytes):
            return False
        try:
            found = client.head_object(Bucket=self._location.bucket, Key=key, **self._payer)
        except client.exceptions.ClientError:
            return False  # gone or refused: reading it will report that
        return is_marker(found.get("ContentType"), found.get("Metadata"))
