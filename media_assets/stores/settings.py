"""What it takes to reach a provider, beyond what the destination says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The base of every provider's settings; local folders and memory need none.

    Settings are plain values, hashable and picklable: a plan carries them to other machines.
    """
