"""Gates of columns: calls at the same time, and calls within a time, in one process."""

import math
from pathlib import Path

import pytest

from media_assets.columns import RateLimit
from media_assets.pipeline.call_gate import CallGate, gate_of
from media_assets.tables.table import MediaTable
from media_assets_tests.pipeline import process_functions as functions


def test_no_more_calls_start_than_may_be_under_way_and_the_next_one_is_told() -> None:
    gate = CallGate(2)

    changed = gate.changed()
    assert [gate.enter(0.0) for _ in range(3)] == [0.0, 0.0, math.inf]
    assert not changed.done()
    gate.leave()

    assert changed.done()
    assert gate.enter(0.0) == 0.0


def test_within_any_period_no_more_calls_start_than_the_rate_allows() -> None:
    gate = CallGate(rate=RateLimit(3, 60.0))
    started: list[float] = []
    now = 0.0
    while len(started) < 10:
        wait = gate.enter(now)
        if wait == 0:
            started.append(now)
            gate.leave()
        now += wait or 7.0

    windows = [sum(first <= time < first + 60 for time in started) for first in started]
    assert max(windows) == 3
    assert started[:4] == [0.0, 7.0, 14.0, 60.0]


def test_all_steps_of_a_process_share_the_gate_of_a_column_and_others_have_theirs() -> None:
    table = MediaTable("photos")
    table.computed_column(rate_limit="5/s")(functions.process)
    table.computed_column(rate_limit="5/s")(functions.turned)
    (first, second) = table.computed_columns

    assert gate_of("photos", first, None) is gate_of("photos", first, None)
    assert gate_of("photos", first, None) is not gate_of("photos", second, None)
    assert gate_of("photos", first, None) is not gate_of("others", first, None)


@pytest.mark.parametrize(("text", "calls", "seconds"), [("60/min", 60, 60), (" 2 / s", 2, 1)])
def test_a_rate_is_read_from_its_text(text: str, calls: int, seconds: int) -> None:
    table = MediaTable("photos")
    table.computed_column(rate_limit=text)(functions.process)

    assert table.computed_columns[0].calls.rate_limit == RateLimit(calls, seconds)


def test_a_column_without_limits_never_waits(tmp_path: Path) -> None:
    gate = CallGate()

    assert {gate.enter(0.0) for _ in range(100)} == {0.0}
