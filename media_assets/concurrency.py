"""Concurrent requests with results in order, a bounded number ahead of the consumer."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from media_assets.threads import Threads

Item = TypeVar("Item")
Found = TypeVar("Found")

REQUESTS_AT_ONCE = 16


def map_concurrently(
    work: Callable[[Item], Found], items: Iterable[Item], *, at_once: int = REQUESTS_AT_ONCE
) -> Iterator[Found]:
    """Yields the result for each item, in the order of the items.

    After closing the iterator, or an error, nothing more is started; work under way is given half a
    second.

    >>> list(map_concurrently(len, ["a", "bcd"]))
    [1, 3]
    """
    pending = deque[Future[Found]]()
    with Threads(at_once) as pool:
        for item in items:
            pending.append(pool.submit(work, item))
            if len(pending) > 2 * at_once:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
