"""Detection of forked processes, in which the storage clients of their parent would hang."""

import os

from media_assets.errors import ForkedProcessError

_first: list[int] = []
"""The process that opened the first client, inherited by forked ones."""


def check_fork(uri: str) -> None:
    """Notes that this process opens a client, unless its parent did before it was forked.

    The clients share threads, which a forked process does not have: its requests would wait for
    them forever.

    Raises:
        ForkedProcessError: It did.
    """
    process = os.getpid()
    if not _first:
        _first.append(process)
    if _first[0] != process:
        raise ForkedProcessError(uri)
