"""A bucket of the S3 protocol through boto3, which accepts any key."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from media_assets.destinations import Destination
from media_assets.optional_packages import require_extra
from media_assets.stores.aws_session import AwsSession
from media_assets.stores.own_client import client_faults
from media_assets.stores.protocol import StoredFile
from media_assets.stores.s3_server import S3Server

if TYPE_CHECKING:
    from media_assets.stores.s3 import S3Settings


def s3_client(location: Destination, settings: "S3Settings") -> Any:  # noqa: ANN401  boto3 has no types
    """Returns a new boto3 client for the server of a bucket; no request is made."""
    with require_extra("aws", location.uri):
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
    session = AwsSession(settings.profile, location.uri)
    server = S3Server.of(location.bucket_root, settings, session)
    style = "virtual" if server.has_bucket_in_host else "path"
    anonymous = {"signature_version": UNSIGNED} if settings.is_anonymous else {}
    boto_session: Any = boto3.Session(profile_name=settings.profile)
    return boto_session.client(
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


class S3Client:
    """A bucket through boto3."""

    takes_dots = True

    def __init__(self, root: Destination, settings: "S3Settings") -> None:
        self._root, self._settings = root, settings

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with client_faults(self._root.fileurl(key), action="read"), closing(self._open()) as client:
            found = client.get_object(Bucket=self._root.bucket, Key=key)
            with closing(found["Body"]) as body:
                yield from body.iter_chunks(chunk_bytes)

    def head(self, key: str) -> StoredFile:
        with client_faults(self._root.fileurl(key), action="read"), closing(self._open()) as client:
            found = client.head_object(Bucket=self._root.bucket, Key=key)
        etag = found["ETag"].strip('"')
        return StoredFile(key, found["ContentLength"], found["LastModified"], etag)

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        with (
            client_faults(self._root.fileurl(prefix), action="list"),
            closing(self._open()) as client,
        ):
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self._root.bucket, Prefix=prefix, StartAfter=after
            )
            for found in (found for page in pages for found in page.get("Contents", ())):
                etag = found["ETag"].strip('"')
                yield StoredFile(found["Key"], found["Size"], found["LastModified"], etag)

    def sign(self, key: str, seconds: int) -> str:
        """Returns a URL that can read an object for this many seconds."""
        with client_faults(self._root.fileurl(key), action="sign"), closing(self._open()) as client:
            return client.generate_presigned_url(
                "get_object", {"Bucket": self._root.bucket, "Key": key}, ExpiresIn=seconds
            )

    def _open(self) -> Any:  # noqa: ANN401  boto3 has no types
        return s3_client(self._root, self._settings)
