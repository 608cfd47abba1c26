"""The files that data names: paths that can be read, and addresses."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from media_assets.addresses import is_web_address
from media_assets.destinations import parse_fileurl
from media_assets.errors import FileurlError, show_value
from media_assets.spellings import spellings
from media_assets.uploads.local_files import why_unreadable


@dataclass(frozen=True, slots=True)
class Unusable:
    """The reason why a row's source is none."""

    reason: str


def find_place(source: object, folder: Path) -> str | Unusable:
    """Returns the address of a row's file, or the absolute path of one that can be read.

    Args:
        source: What the data says.
        folder: What paths are relative to.
    """
    if isinstance(source, Path):
        source = str(source)
    if not isinstance(source, str) or not source or "\0" in source:
        return Unusable(f"{show_value(source)} is not a path or URL")
    if is_web_address(source):
        return _on_the_web(source)
    place = _in_storage(source) if "://" in source else _locate(source, folder)
    if isinstance(place, Unusable) or "://" in place:
        return place
    where = "" if place == source else f", which is {place!r}"
    if reason := why_unreadable(place):
        return Unusable(f"{show_value(source)}{where}: {reason}")
    if os.path.isdir(place):  # noqa: PTH112  a Path would change the text
        return Unusable(f"{show_value(source)} is a folder")
    return place


def _on_the_web(url: str) -> str | Unusable:
    try:
        urlsplit(url)
    except ValueError as error:
        return Unusable(f"{show_value(url)} is not a URL ({error})")
    return url


def _in_storage(fileurl: str) -> str | Unusable:
    """Returns the address of a file in storage; its path, if that is a local one."""
    try:
        root, key = parse_fileurl(fileurl)
    except FileurlError as error:
        return Unusable(error.what.rstrip("."))
    return fileurl if root.path is None else str(root.path / key)


def _locate(path: str, folder: Path) -> str:
    """Returns the absolute path of a file, in the form that exists."""
    whole = os.path.join(folder, os.path.expanduser(path))  # noqa: PTH111, PTH118  keeps the text
    return next((form for form in spellings(whole) if os.path.exists(form)), whole)  # noqa: PTH110
