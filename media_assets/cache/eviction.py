"""The size limit of a cache, and the deletion of the least recently used files."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from uuid import uuid4

from media_assets.cache.digest_folder import DigestFolder
from media_assets.cache.inventory import BLOCK_BYTES, Inventory, blocks_of

_LEAST_BATCH = 8


class CacheSpace:
    """Counts the blocks that all processes keep in a folder, and deletes files when it is full.

    The count is the length of one file minus that of another: a byte is appended to the first for
    each block about to be written, and to the second for each deleted one, so no process waits for
    another. When the folder is full, all files are listed, and the count is reset to the result.
    Then each put deletes a few files, least recently used first, until a tenth of the space is
    free. The next listing comes when that tenth is full.
    """

    def __init__(self, folder: Path, shelves: Sequence[DigestFolder], max_bytes: int) -> None:
        self._added, self._removed = folder / "added", folder / "removed"
        self._incoming = folder / "incoming"
        self._shelves = shelves
        self._max_blocks = max_bytes // BLOCK_BYTES
        self._leaving: Iterator[int] | None = None
        self._batch = 0
        self._reserved = 0
        self._lock = Lock()

    @contextmanager
    def reserve(self, size_bytes: int) -> Generator[bool]:
        """Gives whether there is space for a file; write it inside the block.

        Raises:
            OSError: The folder is not writable.
        """
        blocks = blocks_of(size_bytes)
        with self._lock:
            has_room = self._reserve(blocks)
        try:
            yield has_room
        finally:
            with self._lock:
                self._reserved -= blocks if has_room else 0

    def release(self, size_bytes: int) -> None:
        """Subtracts a file that was not written after all.

        Raises:
            OSError: The folder is not writable.
        """
        _lengthen(self._removed, blocks_of(size_bytes))

    def _reserve(self, blocks: int) -> bool:
        if self._reserved + blocks > self._max_blocks:
            return False
        in_use = self._count(blocks)
        if in_use is None:
            in_use = self._list(blocks)
        if self._leaving is not None:
            in_use = self._remove_some(in_use)
        if in_use > self._max_blocks:
            in_use = self._remove_some(self._list(blocks))
        self._reserved += blocks
        return True

    def _count(self, blocks: int) -> int | None:
        """Adds to the count and returns it; None if there is no count yet."""
        try:
            return _lengthen(self._added, blocks) - self._removed.stat().st_size
        except FileNotFoundError:
            return None

    def _list(self, wanted: int) -> int:
        """Lists all files, and returns the blocks of these and of the wanted ones."""
        for shelf in self._shelves:
            shelf.remove_stale()
        inventory = Inventory(self._shelves)
        in_use = self._reserved + wanted + inventory.blocks
        self._leaving = inventory.remove_oldest_first()
        self._batch = max(_LEAST_BATCH, len(inventory) // 1000)
        self._start_count(self._removed, 0)
        self._start_count(self._added, in_use)
        return in_use

    def _remove_some(self, in_use: int) -> int:
        """Deletes the necessary files and a few more; returns the blocks then in use."""
        freed = number = 0
        enough = self._max_blocks * 9 // 10
        while in_use - freed > (enough if number < self._batch else self._max_blocks):
            blocks = next(self._leaving or iter(()), None)
            if blocks is None:
                break
            freed, number = freed + blocks, number + 1
        if in_use - freed <= enough:
            self._leaving = None
        if freed:
            _lengthen(self._removed, freed)
        return in_use - freed

    def _start_count(self, path: Path, blocks: int) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True)
        temporary = self._incoming / uuid4().hex
        try:
            with temporary.open("wb") as file:
                file.truncate(blocks)  # a hole, which takes no space
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _lengthen(path: Path, count: int) -> int:
    """Appends a number of bytes to an existing file, and returns its length."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, bytes(count))
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
