"""A bucket of Google Cloud Storage through Google's client, which accepts any key."""

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, cast

from media_assets.destinations import Destination
from media_assets.errors import StoredFileMissingError
from media_assets.optional_packages import require_extra
from media_assets.stores.own_client import client_faults
from media_assets.stores.protocol import StoredFile

if TYPE_CHECKING:
    from media_assets.stores.gcs import GcsSettings

_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_only",)


def gcs_client(location: Destination, settings: "GcsSettings") -> Any:  # noqa: ANN401  Google's client has no types
    """Returns a new Google client; no request is made to the storage."""
    with require_extra("gcp", location.uri):
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud import storage
        from google.oauth2.service_account import Credentials
    file, endpoint = settings.key_file, settings.endpoint
    credentials: Any = None
    if file is not None:
        credentials = cast("Any", Credentials).from_service_account_file(file, scopes=_SCOPES)
    else:
        # Google's client would send unsigned requests if STORAGE_EMULATOR_HOST were set.
        with suppress(DefaultCredentialsError):
            credentials, _ = cast("Any", google.auth).default(scopes=_SCOPES)
    options = {"api_endpoint": endpoint} if endpoint else None
    return storage.Client(project=None, credentials=credentials, client_options=options)


class GcsClient:
    """A bucket through Google's own client."""

    takes_dots = True

    def __init__(self, root: Destination, settings: "GcsSettings") -> None:
        self._root, self._settings = root, settings

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with (
            client_faults(self._root.fileurl(key), action="read"),
            closing(self._open()) as client,
            client.bucket(self._root.bucket).blob(key).open("rb") as content,
        ):
            while chunk := content.read(chunk_bytes):
                yield chunk

    def head(self, key: str) -> StoredFile:
        with client_faults(self._root.fileurl(key), action="read"), closing(self._open()) as client:
            blob = client.bucket(self._root.bucket).get_blob(key)
        if blob is None:
            raise StoredFileMissingError(self._root.fileurl(key))
        return _stored_file(blob)

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        bucket, start = self._root.bucket, after or None
        with (
            client_faults(self._root.fileurl(prefix), action="list"),
            closing(self._open()) as client,
        ):
            for blob in client.list_blobs(bucket, prefix=prefix or None, start_offset=start):
                if blob.name > after:
                    yield _stored_file(blob)

    def _open(self) -> Any:  # noqa: ANN401  Google's client has no types
        return gcs_client(self._root, self._settings)


def _stored_file(blob: Any) -> StoredFile:  # noqa: ANN401  Google's client has no types
    return StoredFile(blob.name, blob.size or 0, blob.updated, (blob.etag or "").strip('"'))
