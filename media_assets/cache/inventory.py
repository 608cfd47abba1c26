"""The files of several digest folders by age, in 50 bytes per file."""

import os
from array import array
from collections.abc import Iterator, Sequence

from media_assets.cache.digest_folder import DigestFolder

_NAME_BYTES = 32
BLOCK_BYTES = 4096


def blocks_of(size_bytes: int) -> int:
    """Returns how many blocks of 4 KiB a file takes on a disk, at least one."""
    return max(1, -(-size_bytes // BLOCK_BYTES))


class Inventory:
    """The files of some folders at the time of creation; takes seconds for a million files."""

    def __init__(self, shelves: Sequence[DigestFolder]) -> None:
        self._shelves = shelves
        self._used_at, self._blocks, self._shelf = array("q"), array("q"), array("b")
        self._names = bytearray()
        for number, shelf in enumerate(shelves):
            for entry in shelf.entries():
                self._add(number, entry)

    @property
    def blocks(self) -> int:
        """The blocks of all files."""
        return sum(self._blocks)

    def __len__(self) -> int:
        return len(self._used_at)

    def remove_oldest_first(self) -> Iterator[int]:
        """Deletes the files one by one, least recently used first.

        A file that was used or deleted since the listing is skipped.

        Yields:
            The blocks of the file just deleted.
        """
        for place in sorted(range(len(self._used_at)), key=self._used_at.__getitem__):
            start = place * _NAME_BYTES
            name = self._names[start : start + _NAME_BYTES].hex()
            shelf = self._shelves[self._shelf[place]]
            if shelf.last_used(name) == self._used_at[place] and shelf.remove(name):
                yield self._blocks[place]

    def _add(self, shelf: int, entry: os.DirEntry[str]) -> None:
        try:
            name = bytes.fromhex(entry.name)
            stat = entry.stat(follow_symlinks=False)
        except (ValueError, OSError):
            return  # not one of our files, or deleted since
        if len(name) == _NAME_BYTES:
            self._names += name
            self._used_at.append(stat.st_atime_ns)
            self._blocks.append(blocks_of(stat.st_size))
            self._shelf.append(shelf)
