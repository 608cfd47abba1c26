"""A bound on the memory that images take which are under way at once."""

from collections.abc import Callable
from threading import Condition

from media_assets.images.allocator import return_freed_memory
from media_assets.images.costs import ROOM_BYTES
from media_assets.images.decode import OpenedImage

_LARGE_BYTES = 256_000_000
"""A row that needs more finds the allocator's free memory returned, for it may need other kinds."""


class MemoryRoom:
    """Lets rows in while their images together stay within a number of bytes."""

    def __init__(self, size_bytes: int = ROOM_BYTES) -> None:
        """Sets the bound; a row that needs more than all of it gets in alone."""
        self._free = self._all = size_bytes
        self._changed = Condition()

    def take(self, wanted: int) -> int:
        """Waits until there is room, and returns how much was taken, which is to be given back."""
        wanted = min(wanted, self._all)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        if wanted > _LARGE_BYTES:
            return_freed_memory()
        return wanted

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

    def close(self) -> None:
        """Gives back what is held."""
        if self._held is not None:
            self._room.give_back(self._held)
        self._held, self.is_whole = None, False
