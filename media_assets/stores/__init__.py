"""Stores: the code that talks to one kind of storage, all behind one protocol."""

from media_assets.stores.local import LocalStore
from media_assets.stores.protocol import Store, StoredFile
from media_assets.stores.settings import StoreSettings
from media_assets.stores.staging import staging_name
from media_assets.stores.storage import Storage

__all__ = [
    "LocalStore",
    "Storage",
    "Store",
    "StoreSettings",
    "StoredFile",
    "staging_name",
]
