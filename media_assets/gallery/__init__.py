"""The gallery: a table's files as a page that opens from disk, without a server."""

from media_assets.gallery.contents import read_contents
from media_assets.gallery.writing import FILES, GalleryFacts, check_folder, write_gallery

__all__ = ["FILES", "GalleryFacts", "check_folder", "read_contents", "write_gallery"]
