"""Many requests at once, their results in order, a bounded number ahead of whoever takes them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from media_assets.threads import Threads

Item = TypeVar("Item")
Found = TypeVar("Found")

REQUESTS_AT_ONCE = 16
_AHEAD = 2 * REQUESTS_AT_ONCE


def map_concurrently(work: Callable[[Item], Found], items: Iterable[Item]) -> Iterator[Found]:
    """Yields what the work gives for each item, in the order of the items.

    Closing the iterator, or an error, begins nothing further, and waits half a second for what is
    under way.

    >>> list(map_concurrently(len, ["a", "bcd"]))
    [1, 3]
    """
    pending = deque[Future[Found]]()
    with Threads(REQUESTS_AT_ONCE) as pool:
        for item in items:
            pending.append(pool.submit(work, item))
            if len(pending) > _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
