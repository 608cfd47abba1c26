"""Uploads in a local folder."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from time import time
from types import MappingProxyType

from media_assets.errors import UploadError
from media_assets.stores.folder_walk import Obstacle, walk_uploads
from media_assets.uploads import left_alone
from media_assets.uploads.left_alone import LeftAloneKind, unreadable
from media_assets.uploads.listing.protocol import ListedFile
from media_assets.uploads.local_files import (
    DENIED,
    is_readable,
    reason_of,
    row_name,
    upload_of,
    why_unreadable,
)
from media_assets.uploads.upload import Upload

SETTLED_AFTER = timedelta(minutes=1)
"""A file unchanged for this long is complete: writers do not pause longer."""

_KINDS: Mapping[Obstacle, LeftAloneKind] = MappingProxyType(
    {
        Obstacle.LINKED_FILE: left_alone.LINKED_FILE,
        Obstacle.LINKED_FOLDER: left_alone.LINKED_FOLDER,
        Obstacle.LINK_AGAIN: left_alone.LINK_AGAIN,
        Obstacle.BROKEN_LINK: left_alone.BROKEN_LINK,
        Obstacle.SPECIAL_FILE: left_alone.SPECIAL_FILE,
    }
)


class LocalListing:
    """The files below a folder, which may itself be a link.

    Below it, only links to files that are also below it are followed, unless `follow_links` is set.
    """

    def __init__(self, folder: Path, *, follow_links: bool = False) -> None:
        self._folder, self._follow_links = folder, follow_links

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """Yields files, and unreadable entries as obstacles."""
        prefix = f"{self._folder}/".lstrip("/")
        start_after = prefix + after if after else ""
        found = walk_uploads(prefix, start_after=start_after, follows_links=self._follow_links)
        try:
            for path, obstacle in found:
                key = path.removeprefix(prefix)
                if obstacle is Obstacle.UNREADABLE:
                    reason = why_unreadable(f"/{path}") or "its folder could not be listed"
                    yield _left_alone(key, path, unreadable(reason))
                elif obstacle is not None:
                    yield _left_alone(key, path, _KINDS[obstacle])
                else:
                    yield from _file(key, path)
        except OSError as error:
            raise UploadError(
                what=f"The folder {str(self._folder)!r} cannot be read: {error.strerror}.",
                accepted="Folders that this user has permission to list.",
                fix="Grant read permission, or name another folder.",
            ) from error


def _file(key: str, path: str) -> Iterator[ListedFile]:
    try:
        status = os.stat(f"/{path}")  # noqa: PTH116  a path object costs more than it
    except FileNotFoundError:
        return  # deleted since its folder was listed
    except OSError as error:
        yield _left_alone(key, path, unreadable(reason_of(error)))
        return
    if is_readable(f"/{path}"):
        yield _listed_file(key, Path("/", path), status)
    else:
        yield _left_alone(key, path, unreadable(DENIED))


def _listed_file(key: str, path: Path, status: os.stat_result) -> ListedFile:
    age = time() - max(status.st_mtime, status.st_ctime)
    is_settled = age >= SETTLED_AFTER.total_seconds()
    return ListedFile(key, upload_of(path, key, status), is_settled=is_settled)


def _left_alone(key: str, path: str, kind: LeftAloneKind) -> ListedFile:
    upload = Upload(row_name(key), Path("/", path).as_uri(), 0, "")
    return ListedFile(key, upload, is_settled=True, obstacle=kind)
