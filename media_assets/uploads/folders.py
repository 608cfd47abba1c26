"""Files that are inserted: found in folders and listings, and named as rows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from media_assets.errors import UploadError
from media_assets.uploads.left_alone import LeftAlone, unreadable
from media_assets.uploads.listing import Listing, LocalListing
from media_assets.uploads.local_files import file_upload, is_there, row_name, why_unreadable
from media_assets.uploads.log import Upload


@dataclass(frozen=True, slots=True)
class Found:
    """Files that were named or found, before anything is recorded."""

    uploads: tuple[Upload, ...]
    left_alone: LeftAlone = field(default_factory=LeftAlone)


def find_files(
    paths: Sequence[Path],
    *,
    all_files: bool = False,
    relative_to: Path | None = None,
    follow_links: bool = False,
) -> Found:
    """Lists what the paths name: a file as it is, a folder's image files recursively.

    A row's name is the path relative to the folder given, or a single file's own name; two files
    may have one name. A path that is itself a link is followed. What cannot be read is left alone.

    Args:
        paths: Files and folders.
        all_files: Take every file of a folder, whatever its extension; hidden ones excepted.
        relative_to: The folder that the names of folders' files are relative to, if it is not
            the folder given.
        follow_links: Follow the links in folders wherever they lead; see `LocalListing`.

    Raises:
        UploadError: A path does not exist, or is a folder that cannot be listed.
    """
    uploads: list[Upload] = []
    left_alone = LeftAlone()
    for path in paths:
        # pathlib would follow links, and fail for a file named "~x".
        location = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111
        if os.path.isdir(location):  # noqa: PTH112  pathlib's fails below a closed folder
            below = location.relative_to(relative_to).as_posix() + "/" if relative_to else ""
            listing = LocalListing(location, follow_links=follow_links)
            part = find_listed(listing, below=below.removeprefix("./"), all_files=all_files)
            uploads += part.uploads
            left_alone.add_all(part.left_alone)
            continue
        reason = why_unreadable(location)
        if reason is None and location.is_file():
            uploads.append(file_upload(location, location.name))
        elif reason is None or not is_there(location):
            raise UploadError(
                what=f"There is no file or folder {str(path)!r}.",
                accepted="Existing files, and folders of image files.",
                fix="Check the path; nothing was inserted.",
            )
        else:
            left_alone.add(unreadable(reason), str(path))
    return Found(tuple(uploads), left_alone)


def find_listed(listing: Listing, *, below: str = "", all_files: bool = False) -> Found:
    """Returns what a listing holds, but for what is left alone: hidden files, and no images.

    Args:
        listing: The listing.
        below: What the rows' names begin with, before the keys.
        all_files: Take every file, whatever its extension; hidden ones excepted.
    """
    taken: list[Upload] = []
    left_alone = LeftAlone()
    for file in listing.files():
        row = below + file.upload.row
        if kind := file.kind_left_alone(all_files=all_files):
            left_alone.add(kind, row)
        else:
            taken.append(replace(file.upload, row=row))
    return Found(tuple(taken), left_alone)


def rename_single(name: str | None, uploads: list[Upload]) -> list[Upload]:
    """Returns uploads, a single one under the name that was given for it."""
    if name is None:
        return uploads
    if len(uploads) != 1:
        raise UploadError(
            what=f"--name {name!r} was given with {len(uploads)} files.",
            accepted="A name for one single file.",
            fix="Insert the files one by one, or drop --name.",
        )
    return [replace(uploads[0], row=row_name(name))]
