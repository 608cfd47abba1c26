"""Files of columns among uploads: taken as uploads, they would never end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from media_assets.uploads.left_alone import OWN_FILE
from media_assets.uploads.listing.protocol import ListedFile, Listing

IsOwn = Callable[[str], bool]
"""Returns whether the file at an address is one that a column keeps."""


@dataclass(frozen=True, slots=True)
class WithoutOwnFiles:
    """A listing that leaves alone files that columns keep."""

    listing: Listing
    is_own: IsOwn

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields all files."""
        for file in self.listing.files(after):
            is_own = file.obstacle is None and self.is_own(file.upload.uri)
            yield replace(file, obstacle=OWN_FILE) if is_own else file
