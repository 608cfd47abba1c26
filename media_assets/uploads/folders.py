"""Files to insert, found in folders and listings and named as rows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from media_assets.errors import UploadError
from media_assets.media_types import IMAGE
from media_assets.uploads.left_alone import Extensions, LeftAlone, unreadable
from media_assets.uploads.listing import IsOwn, Listing, LocalListing, WithoutOwnFiles
from media_assets.uploads.local_files import file_upload, is_there, row_name, why_unreadable
from media_assets.uploads.upload import Upload


@dataclass(frozen=True, slots=True)
class Found:
    """Files that were named or found, not yet recorded."""

    uploads: tuple[Upload, ...]
    left_alone: LeftAlone = field(default_factory=LeftAlone)


def find_files(
    paths: Sequence[Path],
    *,
    extensions: Extensions = IMAGE.extensions,
    relative_to: Path | None = None,
    follow_links: bool = False,
    is_own: IsOwn | None = None,
) -> Found:
    """Lists files at some paths: single ones, and those of some extensions in folders and below.

    A row's name is the path relative to the given folder, or a single file's own name; two files
    may have the same name. A path that is a link is followed. Unreadable entries are left alone.

    Args:
        paths: Files and folders.
        extensions: Those of the files that are taken from a folder; None for all but hidden ones.
        relative_to: The folder that names are relative to, if it is not the given folder.
        follow_links: Follow links in folders to any place; see `LocalListing`.
        is_own: Tells files in folders that columns keep, and that are left alone.

    Raises:
        UploadError: A path does not exist, or is a folder that cannot be listed.
    """
    uploads: list[Upload] = []
    left_alone = LeftAlone()
    for path in paths:
        # pathlib would follow links, and fail on a file named "~x".
        location = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111
        if os.path.isdir(location):  # noqa: PTH112  pathlib's fails below a closed folder
            below = location.relative_to(relative_to).as_posix() + "/" if relative_to else ""
            listing: Listing = LocalListing(location, follow_links=follow_links)
            listing = listing if is_own is None else WithoutOwnFiles(listing, is_own)
            part = find_listed(listing, below=below.removeprefix("./"), extensions=extensions)
            uploads += part.uploads
            left_alone.add_all(part.left_alone)
            continue
        reason = why_unreadable(location)
        if reason is None and location.is_file():
            uploads.append(file_upload(location, location.name))
        elif reason is None or not is_there(location):
            raise UploadError(
                what=f"The file or folder {str(path)!r} does not exist.",
                accepted="Existing files, and folders of files.",
                fix="Check the path; nothing was inserted.",
            )
        else:
            left_alone.add(unreadable(reason), str(path))
    return Found(tuple(uploads), left_alone)


def find_listed(
    listing: Listing, *, below: str = "", extensions: Extensions = IMAGE.extensions
) -> Found:
    """Returns the files of a listing, leaving alone hidden files and those of other extensions.

    Args:
        listing: The listing.
        below: The beginning of the rows' names, before the keys.
        extensions: Those of the files that are taken; None for all but hidden ones.
    """
    taken: list[Upload] = []
    left_alone = LeftAlone()
    for file in listing.files():
        row = below + file.upload.row
        if kind := file.kind_left_alone(extensions):
            left_alone.add(kind, row)
        else:
            taken.append(replace(file.upload, row=row))
    return Found(tuple(taken), left_alone)


def rename_single(name: str | None, uploads: list[Upload]) -> list[Upload]:
    """Returns the uploads, with a given name for a single one."""
    if name is None:
        return uploads
    if len(uploads) != 1:
        raise UploadError(
            what=f"--name {name!r} was given with {len(uploads)} files.",
            accepted="--name with a single file.",
            fix="Insert the files one by one, or drop --name.",
        )
    return [replace(uploads[0], row=row_name(name))]
