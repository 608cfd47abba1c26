"""Uploads in a folder of this machine."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import time

from media_assets.errors import UploadError
from media_assets.stores.walk import walk
from media_assets.uploads.folders import row_name
from media_assets.uploads.identity import local_version
from media_assets.uploads.listing.protocol import ListedFile
from media_assets.uploads.log import Upload

SETTLED_AFTER = timedelta(minutes=1)
"""A file that nobody touched for so long is complete: no writer pauses longer between writes."""


class LocalListing:
    """The files below a folder; links to folders are not followed."""

    def __init__(self, folder: Path) -> None:
        """Takes an absolute path; nothing is read yet."""
        self._folder = folder

    def files(self, after: str = "") -> Iterator[ListedFile]:
        """See `Listing`."""
        prefix = f"{self._folder}/".lstrip("/")
        start_after = prefix + after if after else ""
        try:
            for path in walk(prefix, start_after=start_after, is_wanted=lambda _: True):
                try:
                    status = os.stat(f"/{path}")  # noqa: PTH116  a path object costs more than it
                except FileNotFoundError:
                    continue  # It went away since its folder was read.
                yield _listed(path.removeprefix(prefix), Path("/", path), status)
        except PermissionError as error:
            raise UploadError(
                what=f"The folder {str(error.filename)!r} cannot be read: {error.strerror}.",
                accepted="Folders that this user may list.",
                fix="Grant the right to read it, or move it away.",
            ) from error


def _listed(key: str, path: Path, status: os.stat_result) -> ListedFile:
    age = time() - max(status.st_mtime, status.st_ctime)
    version = local_version(status.st_mtime_ns, status.st_ctime_ns)
    upload = Upload(row_name(key), path.as_uri(), status.st_size, version)
    return ListedFile(key, upload, is_settled=age >= SETTLED_AFTER.total_seconds())
