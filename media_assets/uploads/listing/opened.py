"""The listing of any location, chosen by its kind of storage."""

from collections.abc import Iterator
from dataclasses import dataclass

from media_assets.destinations import Destination
from media_assets.errors import UploadError
from media_assets.stores import Storage
from media_assets.uploads.listing.local import LocalListing
from media_assets.uploads.listing.protocol import ListedFile, Listing


def open_listing(
    location: Destination, storage: Storage, *, user: str, follow_links: bool = False
) -> Listing:
    """Returns the listing of a location; nothing is requested yet.

    Args:
        location: A folder or a prefix; its prefix may also be the whole key of one object.
        storage: The credentials.
        follow_links: Whether to follow links in a folder to any place.
        user: The owner of the uploads, for the error: "table 'photos'".

    Raises:
        UploadError: This kind of storage cannot be listed.
    """
    if location.path is not None:
        return LocalListing(location.path, follow_links=follow_links)
    from media_assets.stores.azure import AzureSettings  # noqa: PLC0415  slow: obstore
    from media_assets.stores.gcs import GcsSettings  # noqa: PLC0415  likewise
    from media_assets.stores.s3 import S3Settings  # noqa: PLC0415
    from media_assets.uploads.listing.azure import AzureListing  # noqa: PLC0415
    from media_assets.uploads.listing.gcs import GcsListing  # noqa: PLC0415
    from media_assets.uploads.listing.s3 import S3Listing  # noqa: PLC0415

    match storage.settings(location):
        case S3Settings() as settings:
            return _WithStoreErrors(S3Listing(location, settings), location)
        case GcsSettings() as settings:
            return _WithStoreErrors(GcsListing(location, settings), location)
        case AzureSettings() as settings:
            return _WithStoreErrors(AzureListing(location, settings), location)
        case _:
            pass
    raise UploadError(
        what=f"The uploads {location.uri!r} of {user} cannot be listed.",
        accepted="A local folder, or a prefix such as s3://bucket/uploads/.",
        fix="Name one of these, or insert files by name.",
    )


@dataclass(frozen=True, slots=True)
class _WithStoreErrors:
    """A provider's listing that raises the errors of a store."""

    listing: Listing
    location: Destination

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields the provider's files.

        Raises:
            StoreFaultError: The storage failed; the subclass says why.
        """
        from media_assets.stores.own_client import client_faults  # noqa: PLC0415  slow: obstore

        with client_faults(self.location.uri, action="list"):
            yield from self.listing.files(after)
