"""Files that are inserted: found in folders and listings, and named as rows."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from media_assets.errors import UploadError
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.listing import Listing, LocalListing
from media_assets.uploads.local_files import file_upload, row_name
from media_assets.uploads.log import Upload


@dataclass(frozen=True, slots=True)
class Found:
    """Files that were named or found, before anything is recorded."""

    uploads: tuple[Upload, ...]
    left_alone: LeftAlone = field(default_factory=LeftAlone)


def find_files(
    paths: Sequence[Path],
    *,
    name: str | None = None,
    all_files: bool = False,
    relative_to: Path | None = None,
    follow_links: bool = False,
) -> Found:
    """Lists what the paths name: a file as it is, a folder's image files recursively.

    A row's name is the path relative to the folder given, or a single file's own name. A file
    that is named twice counts once. A path that is itself a link is followed.

    Args:
        paths: Files and folders.
        name: The row's name, for a single file.
        all_files: Take every file of a folder, whatever its extension; hidden ones excepted.
        relative_to: The folder that the names of folders' files are relative to, if it is not
            the folder given.
        follow_links: Follow the links in folders wherever they lead; see `LocalListing`.

    Raises:
        UploadError: A path does not exist or cannot be read, two files have one row's name, or
            `name` is given with more than one file.
    """
    uploads: list[Upload] = []
    left_alone = LeftAlone()
    for path in paths:
        # pathlib would follow links, and fail for a file named "~x".
        location = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111
        if location.is_dir():
            below = location.relative_to(relative_to).as_posix() + "/" if relative_to else ""
            listing = LocalListing(location, follow_links=follow_links)
            part = find_listed(listing, below=below.removeprefix("./"), all_files=all_files)
            uploads += part.uploads
            left_alone.add_all(part.left_alone)
        elif location.is_file():
            uploads.append(file_upload(location, location.name))
        else:
            raise UploadError(
                what=f"There is no file or folder {str(path)!r}.",
                accepted="Existing files, and folders of image files.",
                fix="Check the path; nothing was inserted.",
            )
    return Found(tuple(rename_single(name, one_of_each(uploads))), left_alone)


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


def one_of_each(uploads: Iterable[Upload]) -> list[Upload]:
    """Returns each row once; refuses two files under one name."""
    seen: dict[str, Upload] = {}
    for upload in uploads:
        other = seen.setdefault(upload.row, upload)
        if other.uri != upload.uri:
            raise UploadError(
                what=f"Two files have the row name {upload.row!r}: {other.uri} and {upload.uri}.",
                accepted="Each row's name once within an insert.",
                fix="Tell them apart with --name-by path, url or stem, insert their common folder, "
                "or name one with --name; nothing was inserted.",
            )
    return list(seen.values())
