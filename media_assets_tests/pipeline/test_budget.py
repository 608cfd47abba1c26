"""A bound on the pixels that are in flight."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from media_assets.pipeline.budget import PixelBudget


def held_by_another(budget: PixelBudget, pixels: int) -> tuple[ThreadPoolExecutor, Event, Event]:
    """Holds room on a thread of its own until the second event; the first says that it does."""
    pool, holding, release = ThreadPoolExecutor(1), Event(), Event()

    def hold() -> None:
        with budget.hold(pixels):
            holding.set()
            release.wait(10)

    pool.submit(hold)
    return pool, holding, release


def test_images_that_fit_together_are_in_flight_together() -> None:
    budget = PixelBudget(100)
    pool, holding, release = held_by_another(budget, 60)

    with pool:
        assert holding.wait(10)
        with budget.hold(40):
            assert not release.is_set()
        release.set()


def test_an_image_waits_until_there_is_room_for_it() -> None:
    budget = PixelBudget(100)
    first, holding, release = held_by_another(budget, 60)
    assert holding.wait(10)

    second, got_in, let_go = held_by_another(budget, 41)
    with first, second:
        is_in_beside = got_in.wait(0.05)
        release.set()
        is_in_afterwards = got_in.wait(10)
        let_go.set()

    assert not is_in_beside
    assert is_in_afterwards


def test_an_image_larger_than_the_whole_budget_gets_in_alone() -> None:
    budget = PixelBudget(100)

    with budget.hold(1_000_000):
        pass

    with budget.hold(100):
        pass


def test_room_is_given_back_when_a_row_raises() -> None:
    budget = PixelBudget(100)

    with pytest.raises(ZeroDivisionError), budget.hold(100):
        _ = 1 / 0

    with budget.hold(100):
        pass


def test_many_threads_never_hold_more_than_the_budget_together() -> None:
    budget, lock = PixelBudget(100), Lock()
    held: list[int] = [0]
    most: list[int] = [0]

    def work(pixels: int) -> None:
        with budget.hold(pixels):
            with lock:
                held[0] += pixels
                most[0] = max(most[0], held[0])
            with lock:
                held[0] -= pixels

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [30, 45, 60, 99, 1] * 100))

    assert held == [0]
    assert 0 < most[0] <= 100
