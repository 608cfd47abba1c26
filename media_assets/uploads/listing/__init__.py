"""Listings of a table's uploads location in the order of keys, one module per provider."""

from media_assets.uploads.listing.local import LocalListing
from media_assets.uploads.listing.opened import open_listing
from media_assets.uploads.listing.own_files import IsOwn, WithoutOwnFiles
from media_assets.uploads.listing.protocol import ListedFile, Listing

__all__ = [
    "IsOwn",
    "ListedFile",
    "Listing",
    "LocalListing",
    "WithoutOwnFiles",
    "open_listing",
]
