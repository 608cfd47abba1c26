"""The protocol of listings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from media_assets.destinations import Destination
from media_assets.uploads.identity import bound_size, bound_version
from media_assets.uploads.left_alone import FOLDER_MARKER, LeftAloneKind, kind_left_alone
from media_assets.uploads.upload import Upload


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file below the uploads location.

    Attributes:
        place: Where to resume after this file: its key below the location, or whatever the storage
            needs instead.
        upload: The file as an upload, with its key as row name.
        is_settled: Whether it is complete. An object always is; a local file may still be
            written.
        obstacle: Why it is not an upload, whatever its name; None for a file.
    """

    place: str
    upload: Upload
    is_settled: bool
    obstacle: LeftAloneKind | None = None

    def kind_left_alone(self, *, all_files: bool) -> LeftAloneKind | None:
        """Returns why it is left alone; None if it is taken."""
        return self.obstacle or kind_left_alone(self.upload.row, all_files=all_files)


def listed_object(
    location: Destination,
    key: str,
    *,
    size_bytes: int,
    version: str,
    is_marker: bool,
    page: str = "",
) -> ListedFile:
    """Returns an object of a storage as a listed file.

    Args:
        location: Where it was listed.
        key: Its key in the bucket.
        size_bytes: Its size.
        version: What the storage says that changes with its content.
        is_marker: Whether it represents a folder.
        page: What has to come before its name to resume after it.
    """
    row = key.removeprefix(location.prefix)
    upload = Upload(row, location.fileurl(key), bound_size(size_bytes), bound_version(version))
    obstacle = FOLDER_MARKER if is_marker else None
    return ListedFile(page + row, upload, is_settled=True, obstacle=obstacle)


class Listing(Protocol):
    """The files below one uploads location, and its obstacles."""

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields all files, or those after a place, sorted by key.

        Pages are requested as needed. Resuming after a file that was deleted misses nothing.

        Raises:
            UploadError: The location cannot be listed.
        """
        ...
