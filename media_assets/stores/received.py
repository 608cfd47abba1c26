"""Checks that a storage received a file, where the request itself does not prove it."""

from hashlib import md5
from pathlib import Path

from media_assets.stores.protocol import Store


def content_md5(data: bytes | Path) -> str:
    """Returns the MD5 of bytes or of a file, in hex, which storages use to detect damage."""
    digest = md5(usedforsecurity=False)
    digest.update(data if isinstance(data, bytes) else data.read_bytes())
    return digest.hexdigest()


def holds(store: Store, key: str, sent_md5: str) -> bool:
    """Returns whether the object has this MD5, by reading it."""
    there = md5(usedforsecurity=False)
    for chunk in store.stream(key):
        there.update(chunk)
    return there.hexdigest() == sent_md5
