"""A bound on the memory that images take which are under way at once."""

import resource
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Condition, Semaphore
from typing import Self

from media_assets.images.allocator import return_freed_memory
from media_assets.images.costs import ROOM_BYTES
from media_assets.images.decode import OpenedImage

_LARGE_BYTES = 256_000_000
"""A row that needs more finds the allocator's free memory returned, for it may need other kinds."""


_MOST_BYTES = 800_000_000
"""Of a process with all that it has loaded."""


def room_beside_process() -> int:
    """Returns the room for images in a process that already takes what it takes.

    At least half of all there can be, where functions have loaded a lot themselves.
    """
    return_freed_memory()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    left = _MOST_BYTES - pages * resource.getpagesize()
    return min(max(left, ROOM_BYTES // 2), ROOM_BYTES)


class MemoryRoom:
    """Lets rows in while their images together stay within a number of bytes.

    Attributes:
        turns: Held by a thread that computes; whoever waits for room lets go of it meanwhile.
        waiting: How many threads wait for room.
        is_closed: Whether no further row is to start.
    """

    def __init__(self, size_bytes: int = ROOM_BYTES, *, threads: int = 1) -> None:
        """Sets the bound; a row that needs more than all of it gets in alone."""
        self._free = self._all = size_bytes
        self._changed = Condition()
        self._shortage: Future[None] = Future()
        self.turns = Semaphore(threads)
        self.waiting = 0
        self.is_closed = False

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Lets no row start any more."""
        self.is_closed = True

    def take(self, wanted: int) -> int:
        """Waits until there is room, and returns how much was taken, which is to be given back."""
        wanted = min(wanted, self._all)
        with self._changed:
            has_to_wait = self._free < wanted
            if has_to_wait:
                self._wait(wanted)
            self._free -= wanted
        if has_to_wait:
            self.turns.acquire()
        if wanted > _LARGE_BYTES:
            return_freed_memory()
        return wanted

    def _wait(self, wanted: int) -> None:
        """Waits until there is room, without a turn; the lock is held before and after."""
        self.waiting += 1
        self.turns.release()
        shortage, self._shortage = self._shortage, Future()
        shortage.set_result(None)
        self._changed.wait_for(lambda: self._free >= wanted)
        self.waiting -= 1

    def shortage(self) -> Future[None]:
        """Returns what is done as soon as one more thread has to wait."""
        with self._changed:
            return self._shortage

    def exchange(self, held: int, wanted: int) -> int | None:
        """Takes other room than is held, if it is there at once; else leaves all as it is."""
        wanted = min(wanted, self._all)
        with self._changed:
            if self._free + held < wanted:
                return None
            self._free += held - wanted
            self._changed.notify_all()
        if wanted > _LARGE_BYTES:
            return_freed_memory()
        return wanted

    def give_back(self, held: int) -> None:
        """Gives back what was taken."""
        if held > _LARGE_BYTES:
            return_freed_memory()
        with self._changed:
            self._free += held
            self._changed.notify_all()


class RowRoom:
    """The room of one row: first for its file, then for its image and all that is made of it.

    A row holds a file's room without waiting for more: where its image's room is not there at
    once, it lets go of the file, and waits with empty hands.
    """

    def __init__(self, room: MemoryRoom, needed: Callable[[OpenedImage], int]) -> None:
        """Takes what tells the bytes that the row needs by the image it reads; no room yet."""
        self._room, self.needed = room, needed
        self._held: int | None = None
        self.is_whole = False

    def begin(self, size_bytes: int) -> None:
        """Waits for the room of a file, once per row: rows that waited twice might do so for ever.

        Args:
            size_bytes: Its size, as far as it is known.
        """
        if self._held is None:
            self._held = self._room.take(size_bytes)

    def grow(self, wanted: int) -> bool:
        """Takes all that the row needs if it is there at once, and says whether it was."""
        taken = self._room.exchange(self._held or 0, wanted)
        if taken is None:
            return False
        self._held, self.is_whole = taken, True
        return True

    def wait(self, wanted: int) -> None:
        """Gives back what is held, and waits for all that the row needs."""
        self.close()
        self._held, self.is_whole = self._room.take(wanted), True

    def shrink(self, wanted: int) -> None:
        """Gives back what is held beyond a number of bytes."""
        if self._held is not None and wanted < self._held:
            self._held, self.is_whole = self._room.exchange(self._held, wanted), False

    def close(self) -> None:
        """Gives back what is held."""
        if self._held is not None:
            self._room.give_back(self._held)
        self._held, self.is_whole = None, False
