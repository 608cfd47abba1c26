"""Errors of full or read-only disks, in Dagster's files and in ours."""

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from media_assets.errors import (
    HistoryFaultError,
    HomeNotFoundError,
    MediaAssetsError,
    StoreFaultError,
)
from media_assets.home import find_home
from media_assets.stores.os_errors import local_error

_OF_DISKS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
_OF_DATABASES = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}
_LEAST_BYTES = 64 * 1024
"""Less free space counts as full: SQLite writes a journal of a few pages first."""


def disk_fault(error: Exception) -> MediaAssetsError | None:
    """Returns the error to report if the disk caused an error; None for any other cause.

    SQLite also reports a full disk as "disk I/O error" or "unable to open database file", so the
    disk itself is checked.
    """
    for reason in _reasons(error):
        if isinstance(reason, StoreFaultError):
            return reason
        if isinstance(reason, OSError) and reason.errno in _OF_DISKS:
            place = (
                Path(os.fsdecode(reason.filename)) if reason.filename else _find_impaired_folder()
            )
            name = place.absolute().as_uri() if place else "a file"
            return local_error(_as_it_is(reason.errno, place), name, action="write to")
        if isinstance(reason, sqlite3.Error):
            # The low byte is the primary code; the others say which call failed.
            number = _OF_DATABASES.get(getattr(reason, "sqlite_errorcode", 0) & 0xFF)
            if number is not None:
                found = _as_it_is(number, home := _home())
                return HistoryFaultError(str(home), reason=(found.strerror or "").lower())
    return None


def _as_it_is(number: int, place: Path | None) -> OSError:
    """Returns the error that the state of the disk shows, or else the one that was raised."""
    number = (_impairment(place) if place else None) or number
    return OSError(number, os.strerror(number))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Yields an error and all its causes, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        reason = waiting.pop()
        if reason is None or id(reason) in seen:
            continue
        seen.add(id(reason))
        yield reason
        waiting += [reason.__context__, reason.__cause__, getattr(reason, "orig", None)]


def _find_impaired_folder() -> Path | None:
    """Returns the folder that is full or read-only, for an error that does not name its file."""
    folders = [_home(), Path(tempfile.gettempdir()), Path.cwd()]
    return next((f for f in folders if f is not None and _impairment(f)), None)


def _impairment(place: Path) -> int | None:
    """Returns the error number of a full or read-only folder; None for any other."""
    folder = next((f for f in (place, *place.parents) if f.is_dir()), None)
    if folder is None:
        return None
    disk = os.statvfs(folder)
    if disk.f_flag & os.ST_RDONLY:
        return errno.EROFS
    is_without_names = disk.f_files > 0 and disk.f_favail == 0
    if disk.f_bavail * disk.f_frsize < _LEAST_BYTES or is_without_names:
        return errno.ENOSPC
    return None


def _home() -> Path | None:
    try:
        return find_home().folder
    except HomeNotFoundError:
        return None
