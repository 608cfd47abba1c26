"""What a host or a storage tells of a file, bounded to what an upload log can hold."""

from hashlib import sha256

UNKNOWN_SIZE = -1
_LARGEST_SIZE = 10**18 - 1
_LONGEST_VERSION = 200


def bound_size(size_bytes: int | None) -> int:
    """Returns a size; `UNKNOWN_SIZE` where none is told, or one that no file has.

    >>> told_size(12), told_size(None), told_size(10**20)
    (12, -1, -1)
    """
    if size_bytes is None or not 0 <= size_bytes <= _LARGEST_SIZE:
        return UNKNOWN_SIZE
    return size_bytes


def bound_version(version: str) -> str:
    """Returns a version, or a digest that stands for one of absurd length."""
    if len(version) <= _LONGEST_VERSION:
        return version
    return f"sha256 {sha256(version.encode('utf-8', 'surrogatepass')).hexdigest()}"
