"""Retries of storage requests that obstore does not retry, or not for long enough."""

import random
from collections.abc import Callable, Sequence
from time import sleep
from typing import TypeVar

from media_assets.errors import StoreUnreachableError

Returned = TypeVar("Returned")

_PAUSES_OF_REQUEST = (0.1, 0.5, 2.0)
_PAUSES_OF_ROW = (0.5, 2.0)


class Retry:
    """The pauses before further attempts, in order."""

    def __init__(self, pauses: Sequence[float], *, also_repeated: bool) -> None:
        """Starts before the first attempt.

        Args:
            pauses: The longest wait before each further attempt, in seconds.
            also_repeated: Whether to retry requests that obstore has already repeated.
        """
        self._pauses, self._also_repeated = iter(pauses), also_repeated

    @classmethod
    def of_request(cls) -> "Retry":
        """Returns the pauses for one request to a store.

        obstore repeats requests that are safe to repeat or were refused temporarily. It does not
        repeat a create whose reply was lost, or a request with a garbled answer.
        """
        return cls(_PAUSES_OF_REQUEST, also_repeated=False)

    def wait_after(self, error: StoreUnreachableError) -> None:
        """Waits before the next attempt.

        Raises:
            StoreUnreachableError: The given error, if this was the last attempt.
        """
        pause = next(self._pauses, None)
        if pause is None or (error.was_asked_again and not self._also_repeated):
            raise error
        sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  it keeps rows apart

    def returned(self, request: Callable[[], Returned]) -> Returned:
        """Makes a request that is safe to repeat, and returns its result.

        Raises:
            StoreUnreachableError: The last attempt failed as well.
        """
        while True:
            try:
                return request()
            except StoreUnreachableError as error:
                self.wait_after(error)


def retry_request(request: Callable[[], Returned]) -> Returned:
    """Makes a request to a store, with retries, and returns its result.

    Raises:
        StoreUnreachableError: The last attempt failed as well.
    """
    return Retry.of_request().returned(request)


def retried(
    request: Callable[[], Returned], *, pauses: Sequence[float] = _PAUSES_OF_ROW
) -> Returned:
    """Does the work for a row, with retries if a storage cannot be reached.

    Other faults, such as a wrong key or a missing bucket, do not pass. Web sources are retried by
    `fetch`, which knows the answers of their hosts.

    Args:
        request: The work, which is safe to repeat.
        pauses: The longest wait before each further attempt, in seconds.

    Raises:
        StoreUnreachableError: The last attempt failed as well.
    """
    return Retry(pauses, also_repeated=True).returned(request)
