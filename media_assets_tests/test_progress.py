"""Progress: counted as rows finish, told to the log now and then, and to who listens."""

from collections.abc import Callable, Iterator
from itertools import count
from threading import Thread

import pytest

from media_assets import progress
from media_assets.progress import (
    LISTENER_SECONDS,
    LOG_SECONDS,
    Progress,
    ProgressReporter,
    listening,
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that goes on by so many seconds at each look."""
    steps: Iterator[float] = iter(())
    now = 0.0

    def look() -> float:
        nonlocal now
        now += next(steps, 0.0)
        return now

    def tick(seconds: float) -> None:
        nonlocal steps
        steps = (seconds for _ in count())

    monkeypatch.setattr(progress, "monotonic", look)
    return tick


def test_a_line_says_done_total_speed_errors_and_time_left() -> None:
    line = str(Progress("p1", done=250, total=1000, errors=3, seconds=5.0))

    assert line == "p1: 250 of 1000 rows (25 %), 50.0 rows/s, 3 errors, 15 s left"


def test_a_line_without_finished_rows_does_not_divide_by_zero() -> None:
    assert "0 of 9 rows (0 %), 0.0 rows/s" in str(Progress("p1", 0, 9, 0, 0.0))
    assert "0 of 0 rows" in str(Progress("p1", 0, 0, 0, 1.0))


def test_progress_is_logged_at_intervals(
    clock: Callable[[float], None],
) -> None:
    lines: list[str] = []
    reporter = ProgressReporter("p1", 100, lines.append)

    clock(1.0)
    for number in range(35):
        reporter.add(has_error=number < 2)

    assert len(lines) == int(35 / LOG_SECONDS)
    assert lines[0] == "p1: 10 of 100 rows (10 %), 1.0 rows/s, 2 errors, 90 s left"


def test_the_log_hears_nothing_of_a_short_run() -> None:
    lines: list[str] = []
    reporter = ProgressReporter("p1", 3, lines.append)

    for _ in range(3):
        reporter.add(has_error=False)

    assert lines == []


def test_the_listener_always_gets_the_last_row(clock: Callable[[float], None]) -> None:
    heard: list[Progress] = []
    with listening(heard.append):
        reporter = ProgressReporter("p1", 21, lambda _: None)

        clock(LISTENER_SECONDS / 3.2)
        for _ in range(21):
            reporter.add(has_error=False)

    assert [told.done for told in heard] == [4, 8, 12, 16, 20, 21]


def test_steps_outside_the_block_or_in_other_threads_are_not_reported() -> None:
    heard: list[Progress] = []

    def step() -> None:
        ProgressReporter("p1", 1, lambda _: None).add(has_error=False)

    with listening(heard.append):
        other = Thread(target=step)
        other.start()
        other.join()
    step()

    assert heard == []
