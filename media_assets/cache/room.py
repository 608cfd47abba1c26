"""The bound of a cache: how much is there, and what goes when it is too much."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from uuid import uuid4

from media_assets.cache.inventory import BLOCK_BYTES, Inventory, blocks_of
from media_assets.cache.shelf import Shelf


class Room:
    """Counts the blocks of all processes that use a folder, and removes files when it is full.

    The count is the length of one file, to which every process appends a byte for each block that
    it is about to write: one small write, and never a lock. When that says that the folder is
    full, everything is listed, the files used longest ago are removed until a tenth is free, and
    the file starts anew at what was found. So a listing pays for the tenth that follows, and what
    is miscounted (a file that was removed by hand, two processes that list at once) is set right
    by the next one.
    """

    def __init__(self, folder: Path, shelves: Sequence[Shelf], max_bytes: int) -> None:
        """Takes the folder, what is to be bounded in it, and the bound."""
        self._count_path = folder / "blocks"
        self._shelves = shelves
        self._max_blocks = max_bytes // BLOCK_BYTES
        self._reserved = 0
        self._lock = Lock()

    @contextmanager
    def reserved(self, size_bytes: int) -> Generator[bool]:
        """Gives whether there is room for a file, which is to be written within.

        Raises:
            OSError: The folder cannot be written.
        """
        blocks = blocks_of(size_bytes)
        with self._lock:
            has_room = self._reserve(blocks)
        try:
            yield has_room
        finally:
            with self._lock:
                self._reserved -= blocks if has_room else 0

    def _reserve(self, blocks: int) -> bool:
        if self._reserved + blocks > self._max_blocks:
            return False
        counted = self._count(blocks)
        if counted is None or counted > self._max_blocks:
            self._start_count(self._make_room(self._reserved + blocks))
        self._reserved += blocks
        return True

    def _make_room(self, wanted: int) -> int:
        """Removes old files until nine tenths are in use at most, and returns the blocks in use."""
        for shelf in self._shelves:
            shelf.remove_stale()
        inventory = Inventory(self._shelves)
        in_use = wanted + inventory.blocks
        removed = inventory.remove_oldest_first()
        while in_use > self._max_blocks * 9 // 10:
            blocks = next(removed, None)
            if blocks is None:
                break
            in_use -= blocks
        return in_use

    def _count(self, blocks: int) -> int | None:
        """Adds to the count and returns it; None when nobody counted yet."""
        try:
            descriptor = os.open(self._count_path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            return None
        try:
            os.write(descriptor, bytes(blocks))
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def _start_count(self, blocks: int) -> None:
        self._count_path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._count_path.with_name(uuid4().hex)
        try:
            with temporary.open("wb") as file:
                file.truncate(blocks)  # a hole, which takes no room itself
            temporary.replace(self._count_path)
        finally:
            temporary.unlink(missing_ok=True)
