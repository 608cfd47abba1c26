"""The gallery: a table's files as a page that opens from disk, without a server."""

from media_assets.gallery.contents import read_contents
from media_assets.gallery.writing import GalleryFacts, write_gallery

__all__ = ["GalleryFacts", "read_contents", "write_gallery"]
