"""A limit on the memory of images in flight."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Lock, Semaphore
from typing import Self

from media_assets.images.allocator import return_freed_memory
from media_assets.images.costs import ROOM_BYTES
from media_assets.images.decode import OpenedImage
from media_assets.machine import resident_bytes

_LARGE_BYTES = 256_000_000
"""Rows that need more return the allocator's free memory first: they may need other sizes."""


_MOST_BYTES = 800_000_000
"""The memory of a process with everything that it has loaded."""


def room_beside_process() -> int:
    """Returns the room for images in a process, besides what it already uses.

    At least half of the total, even if functions have loaded a lot themselves.
    """
    return_freed_memory()
    left = _MOST_BYTES - resident_bytes()
    return min(max(left, ROOM_BYTES // 2), ROOM_BYTES)


class MemoryRoom:
    """Admits rows while their images together stay within a number of bytes.

    Attributes:
        turns: Held by each thread that computes, and released while it waits for room.
        waiting: How many threads are waiting for room.
        is_closed: Whether no more rows may start.
    """

    def __init__(self, size_bytes: int = ROOM_BYTES, *, threads: int = 1) -> None:
        """Sets the limit; a row that needs more than all of it is admitted alone."""
        self._free = self._all = size_bytes
        self._changed = Condition()
        self._shortage: Future[None] = Future()
        self.turns = Semaphore(threads)
        self.waiting = 0
        self.is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Lets no more rows start."""
        self.is_closed = True

    def take(self, wanted: int) -> int:
        """Waits until there is room, and returns how much was taken, to be given back later."""
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
        """Returns a future that is done as soon as one more thread has to wait."""
        with self._changed:
            return self._shortage

    def exchange(self, held: int, wanted: int) -> int | None:
        """Exchanges held room for another size if available now; otherwise changes nothing."""
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
    """The room of one row: first for its file, then for its image and everything made from it.

    A row holds a file's room without waiting for more: if its image's room is not available, it
    drops the file, and waits without holding anything.
    """

    def __init__(self, room: MemoryRoom, needed: Callable[[OpenedImage], int]) -> None:
        self._room, self.needed = room, needed
        self._held: int | None = None
        self._loan = Lock()
        self.is_whole = False

    @property
    def is_held(self) -> bool:
        """Whether it holds any room."""
        return bool(self._held)

    def lend(self) -> bool:
        """Lends what it holds for a part to one of them; returns whether no other has it."""
        return self._loan.acquire(blocking=False)

    def take_back(self) -> None:
        """Takes back what it lent."""
        self._loan.release()

    def begin(self, size_bytes: int) -> None:
        """Waits for the room of a file, only once per row: rows that wait twice could deadlock.

        Args:
            size_bytes: Its size, if known.
        """
        if self._held is None:
            self._held = self._room.take(size_bytes)

    def grow(self, wanted: int) -> bool:
        """Takes all that the row needs if available now, and returns whether it was."""
        taken = self._room.exchange(self._held or 0, wanted)
        if taken is None:
            return False
        self._held, self.is_whole = taken, True
        return True

    def wait(self, wanted: int) -> None:
        """Gives back the room held, and waits for all that the row needs."""
        self.close()
        self._held, self.is_whole = self._room.take(wanted), True

    def shrink(self, wanted: int) -> None:
        """Gives back the room held beyond a number of bytes."""
        if self._held is not None and wanted < self._held:
            self._held, self.is_whole = self._room.exchange(self._held, wanted), False

    def close(self) -> None:
        """Gives back the room held."""
        if self._held is not None:
            self._room.give_back(self._held)
        self._held, self.is_whole = None, False


class PartRoom(RowRoom):
    """The room of a part while its parent is open.

    A parent that holds room has taken it for one part as well, and lends it. Others of its parts
    take what is free, and never wait: parents hold room, so they could wait for each other.
    """

    def __init__(
        self, room: MemoryRoom, needed: Callable[[OpenedImage], int], parent: RowRoom
    ) -> None:
        super().__init__(room, needed)
        self._parent, self._borrows = parent, False

    def begin(self, size_bytes: int) -> None:
        """Waits for the room of a file, unless the parent holds room."""
        super().begin(0 if self._parent.is_held else size_bytes)

    def grow(self, wanted: int) -> bool:
        """Takes all that the part needs if available now; it goes on if the parent holds room."""
        if not self._parent.is_held:
            return super().grow(wanted)
        self._borrows = self._borrows or self._parent.lend()
        if not self._borrows and not super().grow(wanted) and wanted > _LARGE_BYTES:
            return_freed_memory()
        self.is_whole = True
        return True

    def close(self) -> None:
        """Gives back the room held or borrowed."""
        if self._borrows:
            self._parent.take_back()
        self._borrows = False
        super().close()
