"""The identity of an upload: address, size and version, limited to what a log can hold."""

import re
from hashlib import sha256

from media_assets.addresses import LOCAL, strip_signature
from media_assets.stores import local_version

_DIGITS_OF_CONTENT = 32
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


def content_id(uri: str, size_bytes: int, version: str) -> str:
    """Returns 32 hex digits that stand for an upload's content, without reading it."""
    text = f"{strip_signature(uri)}\n{size_bytes}\n{version}"
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS_OF_CONTENT]


def is_same_version(uri: str, recorded: str, found: str) -> bool:
    """Returns whether a file at an address still has its recorded version."""
    if uri.startswith(LOCAL):
        return local_version.is_same_version(recorded, found)
    return recorded == found


def md5_of(version: str) -> str | None:
    """Returns the MD5 of a stored object's content, in hex, if its version contains it."""
    found = _MD5.fullmatch(version)
    return found[1] if found else None


UNKNOWN_SIZE = -1
_LARGEST_SIZE = 10**18 - 1
_LONGEST_VERSION = 200


def bound_size(size_bytes: int | None) -> int:
    """Returns a size; `UNKNOWN_SIZE` if there is none, or it is impossible.

    >>> bound_size(12), bound_size(None), bound_size(10**20)
    (12, -1, -1)
    """
    if size_bytes is None or not 0 <= size_bytes <= _LARGEST_SIZE:
        return UNKNOWN_SIZE
    return size_bytes


def bound_version(version: str) -> str:
    """Returns a version, or a digest of it if it is too long."""
    if len(version) <= _LONGEST_VERSION:
        return version
    return f"sha256 {sha256(version.encode('utf-8', 'surrogatepass')).hexdigest()}"
