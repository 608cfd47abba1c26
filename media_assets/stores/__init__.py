"""Stores: the code that talks to one kind of storage, all behind one protocol."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from media_assets.destinations import Destination, Provider
from media_assets.errors import UnsupportedDestinationError
from media_assets.stores.local import LocalStore
from media_assets.stores.memory import MemoryStore
from media_assets.stores.protocol import Store, StoredFile
from media_assets.stores.settings import StoreSettings
from media_assets.stores.staging import staging_name

__all__ = [
    "LocalStore",
    "MemoryStore",
    "Store",
    "StoreSettings",
    "StoredFile",
    "open_store",
    "staging_name",
]

Opener = Callable[[Destination, StoreSettings | None], Store]


def open_store(destination: Destination, settings: StoreSettings | None = None) -> Store:
    """Returns the store of a destination's bucket, the same one for the same settings.

    Its keys are full keys within the bucket, so one store serves all destinations there. No
    request is made.

    Args:
        destination: Where to; its prefix does not matter.
        settings: The provider's settings; None where there are none to make.

    Raises:
        UnsupportedDestinationError: There is no store for this provider.
    """
    return _opened(destination.bucket_root, settings)


@cache
def _opened(root: Destination, settings: StoreSettings | None) -> Store:
    opener = _OPENERS.get(root.provider)
    if opener is None:
        raise UnsupportedDestinationError(root.uri, provider=root.provider, supported=_OPENERS)
    return opener(root, settings)


def _local(root: Destination, settings: StoreSettings | None) -> Store:
    del root, settings
    return LocalStore()


def _memory(root: Destination, settings: StoreSettings | None) -> Store:
    del settings
    return MemoryStore(root.bucket)


_OPENERS: Mapping[Provider, Opener] = MappingProxyType({"file": _local, "memory": _memory})
