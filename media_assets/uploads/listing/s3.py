"""Uploads in a bucket of S3, or of a storage that speaks its protocol, listed with boto3."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from media_assets.destinations import Destination
from media_assets.stores.aws_session import AwsSession
from media_assets.stores.extras import extra_needed
from media_assets.stores.s3 import S3Settings
from media_assets.stores.s3_server import S3Server
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
        with closing(self._client()) as client:
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

    def _client(self) -> Any:  # noqa: ANN401  boto3 has no types
        settings, uri = self._settings, self._location.uri
        with extra_needed("aws", uri):
            import boto3
            from botocore import UNSIGNED
            from botocore.config import Config
        server = S3Server.of(
            self._location.bucket_root, settings, AwsSession(settings.profile, uri)
        )
        style = "virtual" if server.has_bucket_in_host else "path"
        anonymous = {"signature_version": UNSIGNED} if settings.is_anonymous else {}
        session: Any = boto3.Session(profile_name=settings.profile)
        return session.client(
            "s3",
            endpoint_url=server.endpoint,
            region_name=server.region,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            aws_session_token=settings.session_token,
            verify=None if settings.verifies_certificates else False,
            config=Config(
                s3={"addressing_style": style},
                retries={"total_max_attempts": settings.max_attempts, "mode": "standard"},
                **anonymous,
            ),
        )
