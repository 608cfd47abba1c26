"""Concurrent requests, with results in order."""

from threading import Lock

import pytest

from media_assets.concurrency import map_concurrently


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(map_concurrently(lambda n: n * n, range(100))) == [n * n for n in range(100)]


def test_work_is_started_only_a_little_ahead_of_its_consumer() -> None:
    begun: list[int] = []
    lock = Lock()

    def work(item: int) -> int:
        with lock:
            begun.append(item)
        return item

    results = map_concurrently(work, range(10_000))
    first = next(results)
    results.close()  # type: ignore[attr-defined]

    assert first == 0
    assert len(begun) < 100


def test_an_error_of_the_work_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_concurrently(lambda n: 1 // n, [1, 0, 1]))
