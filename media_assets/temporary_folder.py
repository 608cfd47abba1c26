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
    """A new folder in the system's temporary folder, deleted when closed or garbage-collected.

    Attributes:
        path: Its path.
    """

    def __init__(self) -> None:
        self.path, lock = _lock_folder()
        _own.add(self.path)
        self.close = finalize(self, _remove, self.path, lock)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Deletes the folder and everything in it."""
        self.close()


def remove_own_folders() -> None:
    """Deletes all folders of this process, before it exits abruptly."""
    for path in _own.copy():
        rmtree(path, ignore_errors=True)


def list_abandoned() -> Iterator[Path]:
    """Yields this user's folders whose process has died, each locked until the next one.

    It yields nothing if the temporary folder is on a file system without locks.
    """
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with suppress(OSError):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(folder).st_uid == os.geteuid():
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield path
            finally:
                os.close(folder)


def remove_abandoned_folders() -> None:
    """Deletes the folders that killed processes left behind."""
    for path in list_abandoned():
        rmtree(path, ignore_errors=True)


def _lock_folder() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
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
