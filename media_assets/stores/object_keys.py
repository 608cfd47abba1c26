"""Checks of object keys, stricter for those to be written than for those to be read."""

from media_assets.errors import UnsafeKeyError
from media_assets.file_keys import check_key

_LONGEST_KEY_BYTES = 1024


def is_object_key(text: str) -> bool:
    """Returns whether obstore can express a key, and every provider accepts it."""
    try:
        check_object_key(text)
    except UnsafeKeyError:
        return False
    return True


def check_readable_key(key: str, *, has_dots: bool) -> None:
    """Raises an error for a key that no object can have, or that a provider's client would change.

    Args:
        key: The full key within the bucket.
        has_dots: Whether the client sends the names '.' and '..' unchanged.

    Raises:
        UnsafeKeyError: The text names the problem.
    """
    _check_length(key)
    if not key or key.endswith("/"):
        raise UnsafeKeyError(key, problem="it is the name of a folder")
    if "\0" in key:
        raise UnsafeKeyError(key, problem="it contains a control character")
    if not has_dots and not {".", ".."}.isdisjoint(key.split("/")):
        raise UnsafeKeyError(key, problem="a name in it is '.' or '..'")


def check_object_key(key: str) -> None:
    """Raises an error for a key that obstore would change, or that some provider refuses."""
    check_key(key)
    _check_length(key)


def _check_length(key: str) -> None:
    try:
        size_bytes = len(key.encode())
    except UnicodeEncodeError as error:
        raise UnsafeKeyError(repr(key), problem="it is not valid Unicode text") from error
    if size_bytes > _LONGEST_KEY_BYTES:
        raise UnsafeKeyError(key, problem=f"it has more than {_LONGEST_KEY_BYTES} bytes")
