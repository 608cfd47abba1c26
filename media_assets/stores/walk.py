"""Files of a folder tree in the order of their keys, lazily."""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator


def walk(prefix: str, *, start_after: str, is_wanted: Callable[[str], bool]) -> Iterator[str]:
    """Yields the keys of files that begin with a prefix, in code point order.

    A link to a file is a file. A link to a folder is not entered, so that nothing outside of the
    tree is ever listed, or collected. Only the names of the folders on the way are in memory.

    Args:
        prefix: What keys begin with: absolute paths without the leading slash.
        start_after: Only keys greater than this one.
        is_wanted: Asked with each file's name.
    """
    folder, _, partial = prefix.rpartition("/")
    folder = f"{folder}/" if folder else ""
    open_folders = [_names(folder, start_after, partial=partial)]
    while open_folders:
        key = next(open_folders[-1], None)
        if key is None:
            open_folders.pop()
        elif key.endswith("/"):
            open_folders.append(_names(key, start_after))
        elif is_wanted(key.rpartition("/")[2]):
            yield key


def folder_names(folder: str) -> list[str]:
    """Returns the names of the folders in a folder, sorted; links are none."""
    names = _names(folder, "")
    return [name.removeprefix(folder)[:-1] for name in names if name.endswith("/")]


def _names(folder: str, start_after: str, *, partial: str = "") -> Iterator[str]:
    """Yields the keys of a folder's files and folders; folders end in a slash, which sorts them."""
    is_inside = start_after.startswith(folder)
    if start_after > folder and not is_inside:
        return
    try:
        with os.scandir("/" + folder) as entries:
            names = [
                name
                for entry in entries
                if entry.name.startswith(partial) and (name := _as_name(entry))
            ]
    except (FileNotFoundError, NotADirectoryError):
        return
    names.sort()
    first = _first_after(names, start_after[len(folder) :]) if is_inside else 0
    for name in names[first:]:
        yield folder + name


def _first_after(names: list[str], start_after: str) -> int:
    """Where to begin in sorted names: the folder that `start_after` lies in is needed too."""
    first = bisect_right(names, start_after)
    head, slash, _ = start_after.partition("/")
    return first - 1 if slash and first and names[first - 1] == f"{head}/" else first


def _as_name(entry: os.DirEntry[str]) -> str | None:
    """A folder's name with a slash, a file's as it is, None for broken links and all the rest."""
    if entry.is_dir(follow_symlinks=False):
        return entry.name + "/"
    try:
        return entry.name if entry.is_file() else None
    except OSError:
        return None
