"""Temporary folders, which the next run deletes if their process was killed.

The kernel holds a lock on each folder as long as its process lives, however it ends. A folder
without a lock was left behind by a killed process of this machine.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Self
from weakref import finalize

_PREFIX = "media-assets-run-"


_own: set[Path] = set()


class TemporaryFolder:
    """A new folder, deleted when closed or garbage-collected.

    Attributes:
        path: Its path.
    """

    def __init__(self, parent: Path | None = None) -> None:
        """Makes the folder.

        Args:
            parent: The folder to make it in, where its name is hidden; by default the system's
                temporary folder.

        Raises:
            OSError: The parent is full or not writable.
        """
        self.path, lock = _lock_folder(parent)
        _own.add(self.path)
        self.close = finalize(self, _remove, self.path, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Deletes the folder and everything in it."""
        self.close()


def remove_own_folders() -> None:
    """Deletes all folders of this process, before it exits abruptly."""
    for path in _own.copy():
        rmtree(path, ignore_errors=True)


def list_abandoned(parent: Path | None = None) -> Iterator[Path]:
    """Yields this user's folders whose process has died, each locked until the next one.

    It yields nothing if the parent is on a file system without locks.
    """
    there, prefix = _place(parent)
    for path in sorted(there.glob(f"{prefix}*")):
        with suppress(OSError):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(folder).st_uid == os.geteuid():
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield path
            finally:
                os.close(folder)


def remove_abandoned_folders(parent: Path | None = None) -> None:
    """Deletes the folders that killed processes left behind."""
    for path in list_abandoned(parent):
        rmtree(path, ignore_errors=True)


def is_temporary_name(name: str) -> bool:
    """Returns whether a file name is one that a temporary folder has below a parent."""
    return name.startswith(f".{_PREFIX}")


def _place(parent: Path | None) -> tuple[Path, str]:
    if parent is None:
        return Path(tempfile.gettempdir()), _PREFIX
    return parent, f".{_PREFIX}"


def _lock_folder(parent: Path | None) -> tuple[Path, int]:
    there, prefix = _place(parent)
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=there))
        with suppress(FileNotFoundError):  # taken for abandoned before it was locked
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # without locks, it never counts as abandoned
                fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)


def _remove(path: Path, lock: int) -> None:
    rmtree(path, ignore_errors=True)
    _own.discard(path)
    os.close(lock)
