"""Exclusive creation of files: a finished file gets its name unless the name is taken."""

import errno
import fcntl
import os
from pathlib import Path

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_NO_FSYNC_OF_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}


def create_exclusively(temporary: Path, target: Path) -> None:
    """Renames a finished file, unless the target exists.

    Raises:
        FileExistsError: The target exists.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        # A network file system may repeat a request whose answer was lost: two links mean that
        # the first request succeeded.
        if temporary.stat().st_nlink != 2:  # noqa: PLR2004 - both names
            raise
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        create_under_lock(temporary, target)
        return
    temporary.unlink()


def create_under_lock(temporary: Path, target: Path) -> None:
    """Does the same on a file system without hard links (FAT, some FUSE mounts).

    All callers lock the folder; the kernel releases the lock when its holder dies.
    """
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        temporary.replace(target)
    finally:
        os.close(folder)


def make_durable(folder: Path) -> None:
    """Waits until the names in a folder are written to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FSYNC_OF_FOLDERS:
            raise
    finally:
        os.close(handle)
