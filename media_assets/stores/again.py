"""Retries of requests that obstore does not repeat: lost or garbled replies."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from media_assets.errors import StoreUnreachableError

Returned = TypeVar("Returned")

PAUSES = (0.1, 0.5, 2.0)
"""Seconds before each further attempt."""


def asked_again(request: Callable[[], Returned]) -> Returned:
    """Returns what a request returns, made again where that may help and obstore has not done so.

    obstore repeats what it knows to be harmless and what a server refused for now. It does not
    repeat a create whose reply was lost, nor what was answered with garbage.

    Args:
        request: What is done, harmless to do twice.

    Raises:
        StoreUnreachableError: The last attempt failed, too.
    """
    for seconds in PAUSES:
        try:
            return request()
        except StoreUnreachableError as error:
            if error.was_asked_again:
                raise
            sleep(seconds)
    return request()
