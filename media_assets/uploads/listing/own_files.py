"""Files of a table's own columns among its uploads: taken as uploads, they would never end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from media_assets.uploads.left_alone import OWN_FILE
from media_assets.uploads.listing.protocol import ListedFile, Listing


@dataclass(frozen=True, slots=True)
class WithoutOwnFiles:
    """A listing that leaves alone what is below some folders.

    Attributes:
        listing: All files.
        folders: The beginnings of the keys of files that are left alone.
    """

    listing: Listing
    folders: tuple[str, ...]

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields all files."""
        for file in self.listing.files(after):
            is_own = file.upload.row.startswith(self.folders)
            yield replace(file, obstacle=OWN_FILE) if is_own else file
