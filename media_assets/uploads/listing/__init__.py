"""Listings of a table's uploads location in the order of keys, one module per provider."""

from media_assets.uploads.listing.azure import AzureListing
from media_assets.uploads.listing.gcs import GcsListing
from media_assets.uploads.listing.local import LocalListing
from media_assets.uploads.listing.opened import open_listing
from media_assets.uploads.listing.own_files import IsOwn, WithoutOwnFiles
from media_assets.uploads.listing.protocol import ListedFile, Listing
from media_assets.uploads.listing.s3 import S3Listing

__all__ = [
    "AzureListing",
    "GcsListing",
    "IsOwn",
    "ListedFile",
    "Listing",
    "LocalListing",
    "S3Listing",
    "WithoutOwnFiles",
    "open_listing",
]
