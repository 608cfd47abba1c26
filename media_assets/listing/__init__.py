"""What is in a table's uploads location, in the order of its keys: one file per provider."""

from media_assets.listing.azure import AzureListing
from media_assets.listing.gcs import GcsListing
from media_assets.listing.local import LocalListing
from media_assets.listing.protocol import ListedFile, Listing
from media_assets.listing.s3 import S3Listing

__all__ = ["AzureListing", "GcsListing", "ListedFile", "Listing", "LocalListing", "S3Listing"]
