"""Listings of a storage that sorts by UTF-16, as Azure may: put into code point order, lazily."""

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from obstore import ObjectMeta

# Both orders agree on all characters below these, which both have above all others.
_WHERE_ORDERS_DIFFER = re.compile("[\ue000-\U0010ffff]")


def in_code_point_order(files: "Iterable[ObjectMeta]") -> "Iterator[ObjectMeta]":
    """Yields files that are sorted by UTF-16 or by code point, sorted by code point.

    In memory are at most the files of one folder whose names share all that comes before a
    character beyond U+DFFF.
    """
    for before, group in groupby(files, lambda file: before_differing(file["path"])):
        if before is None:
            yield from group
        else:
            yield from sorted(group, key=lambda file: file["path"])


def before_differing(key: str) -> str | None:
    """Returns what precedes the first character that both orders sort differently, if there is one.

    >>> before_differing("a/b😀.jpg")
    'a/b'
    """
    found = _WHERE_ORDERS_DIFFER.search(key)
    return key[: found.start()] if found else None
