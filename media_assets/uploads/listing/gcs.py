"""Uploads in a bucket of Google Cloud Storage, listed with Google's client."""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing

from media_assets.destinations import Destination
from media_assets.stores.gcs import GcsSettings
from media_assets.stores.gcs_connection import GcsConnection
from media_assets.uploads.listing.markers import is_marker, is_marker_by_name
from media_assets.uploads.listing.protocol import ListedFile, listed_object


class GcsListing:
    """The objects below a prefix, with any names."""

    def __init__(self, location: Destination, settings: GcsSettings) -> None:
        self._location, self._connection = location, GcsConnection(location, settings)

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields objects; the version is the content's MD5, which composed objects do not have."""
        location = self._location
        with closing(self._connection.google()) as client:
            blobs = client.list_blobs(
                location.bucket,
                prefix=location.prefix or None,
                start_offset=location.prefix + after if after else None,
                fields="items(name,size,md5Hash,etag,contentType,metadata),nextPageToken",
                **self._connection.limits,
            )
            for blob in blobs:
                # The offset itself is listed too.
                if after and blob.name.removeprefix(location.prefix) <= after:
                    continue
                size_bytes = blob.size or 0
                yield listed_object(
                    location,
                    blob.name,
                    size_bytes=size_bytes,
                    # Written like the ETag of the same object in Google's XML interface.
                    version=f'"{b64decode(blob.md5_hash).hex()}"' if blob.md5_hash else blob.etag,
                    is_marker=is_marker_by_name(blob.name, size_bytes)
                    or is_marker(blob.content_type, blob.metadata),
                )
