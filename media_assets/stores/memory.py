"""A store in the memory of this process, for tests: `memory://name/`."""

from obstore.store import MemoryStore as _Memory

from media_assets.destinations import Destination
from media_assets.stores.objects import ObjectStore

_buckets: dict[str, _Memory] = {}


class MemoryStore(ObjectStore[_Memory]):
    """A bucket in memory. All stores of one name in one process hold the same files."""

    def __init__(self, name: str) -> None:
        root = Destination("memory", None, name, "")
        super().__init__(root, lambda: _buckets.setdefault(name, _Memory()))
