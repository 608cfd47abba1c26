"""A bucket of the S3 protocol through boto3, which accepts any key."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any

from media_assets.destinations import Destination
from media_assets.stores.own_client import client_faults, own_metadata
from media_assets.stores.protocol import Attributes, StoredFile
from media_assets.stores.s3_connection import S3Connection


class S3Client:
    """A bucket through boto3."""

    takes_dots = True

    def __init__(self, root: Destination, connection: S3Connection) -> None:
        self._root, self._connection = root, connection

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with self._client(key, "read") as client:
            found = client.get_object(Key=key, **self._bucket)
            with closing(found["Body"]) as body:
                yield from body.iter_chunks(chunk_bytes)

    def head(self, key: str) -> StoredFile:
        with self._client(key, "read") as client:
            found = client.head_object(Key=key, **self._bucket)
        etag = found["ETag"].strip('"')
        return StoredFile(key, found["ContentLength"], found["LastModified"], etag)

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        with self._client(prefix, "list") as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Prefix=prefix, StartAfter=after, **self._bucket
            )
            for found in (found for page in pages for found in page.get("Contents", ())):
                etag = found["ETag"].strip('"')
                yield StoredFile(found["Key"], found["Size"], found["LastModified"], etag)

    def sign(self, key: str, seconds: int) -> str:
        """Returns a URL that can read an object for this many seconds."""
        with self._client(key, "sign") as client:
            return client.generate_presigned_url(
                "get_object", {"Key": key, **self._bucket}, ExpiresIn=seconds
            )

    def copy(
        self, source_key: str, target_key: str, content_type: str | None, attributes: Attributes
    ) -> None:
        """Copies an object, which is kept with these attributes and as the settings encrypt."""
        arguments = {
            "ContentType": content_type,
            "CacheControl": attributes.get("Cache-Control"),
            "ContentDisposition": attributes.get("Content-Disposition"),
            "StorageClass": attributes.get("Storage-Class"),
            "ServerSideEncryption": self._connection.settings.encryption,
            "SSEKMSKeyId": self._connection.settings.kms_key,
        }
        with client_faults(self._root.fileurl(source_key), action="copy"):
            self._copier.copy_object(
                Key=target_key,
                CopySource={"Bucket": self._root.bucket, "Key": source_key},
                MetadataDirective="REPLACE",
                Metadata=own_metadata(attributes),
                **{name: value for name, value in arguments.items() if value},
                **self._bucket,
            )

    @cached_property
    def _copier(self) -> Any:  # noqa: ANN401  boto3 has no types
        """A client that stays open, for many copies."""
        return self._connection.boto()

    @property
    def _bucket(self) -> dict[str, str]:
        """The bucket of a request, and who pays for it."""
        pays = {"RequestPayer": "requester"} if self._connection.settings.requester_pays else {}
        return {"Bucket": self._root.bucket, **pays}

    @contextmanager
    def _client(self, key: str, action: str) -> Generator[Any]:
        """Opens a client, whose errors become those of a store."""
        with (
            client_faults(self._root.fileurl(key), action=action),
            closing(self._connection.boto()) as client,
        ):
            yield client
