"""Uploads in a container of Azure Blob Storage, listed with Azure's client."""

from collections.abc import Iterator
from typing import Any

from media_assets.destinations import Destination
from media_assets.stores.azure import AzureSettings
from media_assets.stores.azure_connection import AzureConnection
from media_assets.uploads.listing.markers import is_marker, is_marker_by_name
from media_assets.uploads.listing.protocol import ListedFile, listed_object

_END_OF_TOKEN = "\n"  # noqa: S105  no secret: Azure's name for a page of a listing


class AzureListing:
    """The blobs below a prefix, with any names.

    Azure resumes from a page, not from a name: a place is the page's token and the blob's name.
    """

    def __init__(self, location: Destination, settings: AzureSettings) -> None:
        self._location, self._connection = location, AzureConnection(location, settings)

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields blobs; the version is the content's MD5 if the blob has one, else its ETag."""
        location = self._location
        token, _, last = after.partition(_END_OF_TOKEN)
        with self._connection.container() as client:
            prefix = location.prefix or None
            blobs = client.list_blobs(name_starts_with=prefix, include=["metadata"])
            pages: Any = blobs.by_page(continuation_token=token or None)
            for page in pages:
                for blob in page:
                    row: str = blob.name.removeprefix(location.prefix)
                    if last and row <= last:
                        continue
                    content = blob.content_settings
                    md5 = content.content_md5
                    yield listed_object(
                        location,
                        blob.name,
                        size_bytes=blob.size,
                        version=bytes(md5).hex() if md5 else blob.etag,
                        is_marker=is_marker_by_name(blob.name, blob.size)
                        or is_marker(content.content_type, blob.metadata),
                        page=token + _END_OF_TOKEN,
                    )
                token = pages.continuation_token or token
