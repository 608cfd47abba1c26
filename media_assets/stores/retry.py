"""Requests made again where obstore has not done so, or has and a row may yet be saved."""

import random
from collections.abc import Callable, Sequence
from time import sleep
from typing import TypeVar

from media_assets.errors import StoreUnreachableError

Returned = TypeVar("Returned")

_PAUSES_OF_REQUEST = (0.1, 0.5, 2.0)
_PAUSES_OF_ROW = (0.5, 2.0)


class Retry:
    """The pauses before further attempts at one thing, in the order in which they are taken."""

    def __init__(self, pauses: Sequence[float], *, also_repeated: bool) -> None:
        """Takes the pauses.

        Args:
            pauses: At most how many seconds to wait before each further attempt.
            also_repeated: Whether to go on after requests that obstore repeated in vain.
        """
        self._pauses, self._also_repeated = iter(pauses), also_repeated

    @classmethod
    def of_request(cls) -> "Retry":
        """For one request to a store.

        obstore repeats what it knows to be harmless and what a server refused for now. It does not
        repeat a create whose reply was lost, nor what was answered with garbage.
        """
        return cls(_PAUSES_OF_REQUEST, also_repeated=False)

    def wait_after(self, error: StoreUnreachableError) -> None:
        """Waits before the next attempt.

        Raises:
            StoreUnreachableError: The very error, when there is no further attempt.
        """
        pause = next(self._pauses, None)
        if pause is None or (error.was_asked_again and not self._also_repeated):
            raise error
        sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  it keeps rows apart

    def returned(self, request: Callable[[], Returned]) -> Returned:
        """Returns what a request returns that is harmless to make twice.

        Raises:
            StoreUnreachableError: The last attempt failed, too.
        """
        while True:
            try:
                return request()
            except StoreUnreachableError as error:
                self.wait_after(error)


def asked_again(request: Callable[[], Returned]) -> Returned:
    """Returns what one request to a store returns, made again where that may help.

    Raises:
        StoreUnreachableError: The last attempt failed, too.
    """
    return Retry.of_request().returned(request)


def retried(
    request: Callable[[], Returned], *, pauses: Sequence[float] = _PAUSES_OF_ROW
) -> Returned:
    """Returns what is done for a row, done again when a storage cannot be reached.

    Only that is known to pass: a wrong key or a missing bucket is as wrong a second later. Sources
    on the web are asked again by `fetch`, which knows what their hosts say.

    Args:
        request: What is done, harmless to do twice.
        pauses: At most how many seconds to wait before each further attempt.

    Raises:
        StoreUnreachableError: The last attempt failed, too.
    """
    return Retry(pauses, also_repeated=True).returned(request)
