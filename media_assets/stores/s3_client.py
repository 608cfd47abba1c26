"""A bucket of the S3 protocol through boto3, which accepts any key."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

from media_assets.destinations import Destination
from media_assets.stores.own_client import client_faults
from media_assets.stores.protocol import StoredFile
from media_assets.stores.s3_connection import S3Connection


class S3Client:
    """A bucket through boto3."""

    takes_dots = True

    def __init__(self, root: Destination, connection: S3Connection) -> None:
        self._root, self._connection = root, connection

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with self._client(key, "read") as client:
            found = client.get_object(Bucket=self._root.bucket, Key=key)
            with closing(found["Body"]) as body:
                yield from body.iter_chunks(chunk_bytes)

    def head(self, key: str) -> StoredFile:
        with self._client(key, "read") as client:
            found = client.head_object(Bucket=self._root.bucket, Key=key)
        etag = found["ETag"].strip('"')
        return StoredFile(key, found["ContentLength"], found["LastModified"], etag)

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        with self._client(prefix, "list") as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self._root.bucket, Prefix=prefix, StartAfter=after
            )
            for found in (found for page in pages for found in page.get("Contents", ())):
                etag = found["ETag"].strip('"')
                yield StoredFile(found["Key"], found["Size"], found["LastModified"], etag)

    def sign(self, key: str, seconds: int) -> str:
        """Returns a URL that can read an object for this many seconds."""
        with self._client(key, "sign") as client:
            return client.generate_presigned_url(
                "get_object", {"Bucket": self._root.bucket, "Key": key}, ExpiresIn=seconds
            )

    @contextmanager
    def _client(self, key: str, action: str) -> Generator[Any]:
        """Opens a client, whose errors become those of a store."""
        with (
            client_faults(self._root.fileurl(key), action=action),
            closing(self._connection.boto()) as client,
        ):
            yield client
