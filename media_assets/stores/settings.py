"""Settings of a provider beyond those that the destination states."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from media_assets.destinations import Destination
from media_assets.stores.protocol import Store

DEFAULT_ATTEMPTS = 8
"""Attempts at a request: three would lose a write to six 503s in a row, eight do not."""

DEFAULT_TIMEOUT = timedelta(minutes=3)
"""Limit for a whole request, including its body: 32 MiB within it need 1.5 Mbit/s."""


@dataclass(frozen=True, slots=True)
class StoreSettings(ABC):
    """The base of each provider's settings; local folders and memory need none.

    Settings are plain values, hashable and picklable: a plan carries them to other machines.

    Attributes:
        max_attempts: The most attempts at a request, including the first one; at least 1.
        timeout: How long one request may take.
    """

    max_attempts: int = DEFAULT_ATTEMPTS
    timeout: timedelta = DEFAULT_TIMEOUT

    def paid(self, project: str) -> Self:
        """Returns these settings for a bucket whose requests this side pays for.

        Args:
            project: Google's name of who pays; empty elsewhere.
        """
        del project
        return self

    def encrypted(self, encryption: str, kms_key: str | None) -> Self:
        """Returns these settings for objects that the storage encrypts in this way."""
        del encryption, kms_key
        return self

    @abstractmethod
    def open(self, root: Destination) -> Store:
        """Returns a new store of a bucket; nothing is imported, read or requested."""
        ...
