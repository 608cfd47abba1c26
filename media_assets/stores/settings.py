"""Settings of a provider beyond those that the destination states."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta

from media_assets.destinations import Destination
from media_assets.stores.protocol import Store

DEFAULT_ATTEMPTS = 8
"""How often a request is tried: three attempts lose a write to six 503s in a row, eight do not."""

DEFAULT_TIMEOUT = timedelta(minutes=3)
"""For a whole request, its body included: 32 MiB within it take 1.5 Mbit/s."""


@dataclass(frozen=True, slots=True)
class StoreSettings(ABC):
    """The base of every provider's settings; local folders and memory need none.

    Settings are plain values, hashable and picklable: a plan carries them to other machines.

    Attributes:
        max_attempts: How often a request is tried before a passing fault counts, the first time
            included.
        timeout: How long one request may take before it counts as lost.
    """

    max_attempts: int = DEFAULT_ATTEMPTS
    timeout: timedelta = DEFAULT_TIMEOUT

    @abstractmethod
    def open(self, root: Destination) -> Store:
        """Returns a new store of a bucket; nothing is imported, read or requested."""
        ...
