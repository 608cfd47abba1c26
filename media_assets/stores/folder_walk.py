"""Lazy walks through a folder tree in the order of the files' keys."""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from stat import S_ISDIR, S_ISREG


class Obstacle(Enum):
    """Why an entry of a folder is not a file of the tree."""

    LINKED_FILE = auto()
    """A link to a file elsewhere."""
    LINKED_FOLDER = auto()
    """A link to a folder."""
    LINK_AGAIN = auto()
    """A link to a folder that is already part of the tree."""
    BROKEN_LINK = auto()
    SPECIAL_FILE = auto()
    """A pipe, a socket or a device."""
    UNREADABLE = auto()
    """A folder that cannot be listed: no permission, or its path is too long."""


@dataclass(slots=True)
class _Links:
    """The links to follow.

    Attributes:
        root: The real path of the tree, in which the targets of links to files must be; None if
            they may be anywhere.
        are_followed: Whether to follow all links, including those to folders.
        entered: The real paths of the folders entered so far, if links are followed.
    """

    root: str | None
    are_followed: bool = False
    entered: set[str] = field(default_factory=set[str])

    def is_entered(self, folder: str) -> bool:
        """Returns whether a folder is entered for the first time, and remembers it."""
        if not self.are_followed:
            return True
        real = os.path.realpath(folder)
        is_first = real not in self.entered
        self.entered.add(real)
        return is_first

    def name_of(self, entry: os.DirEntry[str]) -> "_Name":
        """Returns a link's name, with a slash if it is a folder to enter."""
        try:
            mode = os.stat(entry.path).st_mode  # noqa: PTH116  as fast as scandir
        except OSError:
            return entry.name, Obstacle.BROKEN_LINK
        if S_ISREG(mode):
            is_taken = self.root is None or self.are_followed
            is_taken = is_taken or _is_inside(os.path.realpath(entry.path), self.root or "")
            return entry.name, None if is_taken else Obstacle.LINKED_FILE
        if not S_ISDIR(mode):
            return entry.name, Obstacle.SPECIAL_FILE
        if not self.are_followed:
            return entry.name, Obstacle.LINKED_FOLDER
        real, root = os.path.realpath(entry.path), self.root or ""
        if _is_inside(real, root) or _is_inside(root, real):
            return entry.name, Obstacle.LINK_AGAIN
        return entry.name + "/", None


_Name = tuple[str, Obstacle | None]


def walk(prefix: str, *, start_after: str, is_wanted: Callable[[str], bool]) -> Iterator[str]:
    """Yields the keys of files that begin with a prefix, in code point order.

    A link to a file is a file. A link to a folder is not entered, so nothing outside the tree is
    ever listed, or collected. Only the names of the folders on the path are in memory.

    Args:
        prefix: The beginning of the keys, which are absolute paths without the leading slash.
        start_after: Only keys greater than this one.
        is_wanted: Called with each file's name.

    Raises:
        OSError: A folder cannot be listed.
    """
    for key, obstacle, error in _entries(prefix, start_after, _Links(None)):
        if error is not None:
            raise error
        if obstacle is None and is_wanted(key.rpartition("/")[2]):
            yield key


def walk_uploads(
    folder: str, *, start_after: str = "", follows_links: bool = False
) -> Iterator[tuple[str, Obstacle | None]]:
    """Yields the keys below a folder in code point order, with the reason if one is not a file.

    The folder itself may be a link. A link to a file below the folder is a file. Entries that
    cannot be read are yielded with their reason.

    Args:
        folder: An absolute path without the leading slash and with a trailing one.
        start_after: Only keys greater than this one.
        follows_links: Whether to follow links to any place, entering each folder once.

    Raises:
        OSError: The folder itself cannot be listed.
    """
    links = _Links(os.path.realpath(f"/{folder}"), follows_links)
    # Only the whole walk knows which link was the first to lead to a folder.
    begin = "" if follows_links else start_after
    for key, obstacle, _ in _entries(folder, begin, links):
        if key > start_after:
            yield key, obstacle


def folder_names(folder: str) -> list[str]:
    """Returns the names of the folders in a folder, sorted, without links."""
    names = [name for name, _ in _names(folder, "", _Links(None))]
    return [name.removeprefix(folder)[:-1] for name in names if name.endswith("/")]


def _entries(
    prefix: str, start_after: str, links: _Links
) -> Iterator[tuple[str, Obstacle | None, OSError | None]]:
    folder, _, partial = prefix.rpartition("/")
    folder = f"{folder}/" if folder else ""
    links.is_entered(f"/{folder}")
    open_folders = [iter(_names(folder, start_after, links, partial=partial))]
    while open_folders:
        key, obstacle = next(open_folders[-1], ("", None))
        if not key:
            open_folders.pop()
        elif obstacle is not None or not key.endswith("/"):
            yield key, obstacle, None
        elif not links.is_entered(f"/{key}"):
            yield key, Obstacle.LINK_AGAIN, None
        else:
            try:
                open_folders.append(iter(_names(key, start_after, links)))
            except OSError as error:
                yield key, Obstacle.UNREADABLE, error


def _names(folder: str, start_after: str, links: _Links, *, partial: str = "") -> list[_Name]:
    """Returns the keys of a folder's entries, sorted; those of folders end in a slash."""
    is_inside = start_after.startswith(folder)
    if start_after > folder and not is_inside:
        return []
    try:
        with os.scandir("/" + folder) as entries:
            names = [_name_of(entry, links) for entry in entries if entry.name.startswith(partial)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    names.sort(key=_text_of)
    first = _first_after(names, start_after[len(folder) :]) if is_inside else 0
    return [(folder + name, obstacle) for name, obstacle in names[first:]]


def _first_after(names: list[_Name], start_after: str) -> int:
    """Returns where to begin in sorted names; the folder that contains `start_after` is needed."""
    first = bisect_right(names, start_after, key=_text_of)
    head, slash, _ = start_after.partition("/")
    return first - 1 if slash and first and names[first - 1][0] == f"{head}/" else first


def _text_of(name: _Name) -> str:
    return name[0]


def _name_of(entry: os.DirEntry[str], links: _Links) -> _Name:
    """Returns an entry's name, with a slash for a folder."""
    if entry.is_dir(follow_symlinks=False):
        return entry.name + "/", None
    if entry.is_symlink():
        return links.name_of(entry)
    return entry.name, None if entry.is_file() else Obstacle.SPECIAL_FILE


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
