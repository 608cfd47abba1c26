"""Retries of storage requests for one row's file, for faults that may pass."""

import random
from collections.abc import Callable, Sequence
from time import sleep
from typing import TypeVar

from media_assets.errors import StoreUnreachableError

Answer = TypeVar("Answer")

PAUSES = (0.5, 2.0)
"""Seconds before each further attempt: every store has retried its requests for longer before."""


def retry_transient(request: Callable[[], Answer], *, pauses: Sequence[float] = PAUSES) -> Answer:
    """Returns what a request returns, made again when the server cannot be reached.

    Only that is known to pass: a wrong key or a missing bucket is as wrong a second later. Sources
    on the web are asked again by `fetch`, which knows what their hosts say.

    Args:
        request: What is done, harmless to do twice.
        pauses: How long to wait before each further attempt, at most, in seconds.

    Raises:
        StoreUnreachableError: The last attempt failed, too.
    """
    for seconds in pauses:
        try:
            return request()
        except StoreUnreachableError:
            sleep(seconds * random.uniform(0.5, 1.0))  # noqa: S311  it keeps rows apart
    return request()
