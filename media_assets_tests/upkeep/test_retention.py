"""Which manifests stay."""

from datetime import UTC, datetime, timedelta

import pytest

from media_assets.upkeep.retention import Retention

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def days_ago(*days: float) -> dict[int, datetime]:
    """Manifests numbered from 1, each as old as it says."""
    return {n: NOW - timedelta(days=age) for n, age in enumerate(days, start=1)}


def first_kept(grace: timedelta, keep: int | timedelta, committed: dict[int, datetime]) -> int:
    return Retention(grace=grace, keep=keep, now=NOW).first_kept(committed)


@pytest.mark.parametrize(("keep", "first"), [(1, 5), (2, 4), (5, 1), (9, 1)])
def test_so_many_of_the_newest_stay(keep: int, first: int) -> None:
    assert first_kept(timedelta(hours=24), keep, days_ago(9, 8, 7, 6, 5)) == first


def test_what_was_current_within_the_grace_stays() -> None:
    committed = days_ago(9, 8, 0.5, 0.1)

    assert first_kept(timedelta(hours=24), 1, committed) == 2


def test_without_a_grace_only_the_newest_is_kept_whatever_the_storage_clock() -> None:
    committed = days_ago(0.2, 0.1, -0.001)

    assert first_kept(timedelta(0), 1, committed) == 3


@pytest.mark.parametrize(("days", "first"), [(1, 4), (7.5, 2), (30, 1)])
def test_those_that_were_current_for_so_long_stay(days: float, first: int) -> None:
    assert first_kept(timedelta(0), timedelta(days=days), days_ago(9, 8, 7, 6)) == first


def test_a_single_manifest_always_stays() -> None:
    assert first_kept(timedelta(0), 1, days_ago(1000)) == 1


def test_numbers_need_not_begin_at_one() -> None:
    committed = {7: NOW - timedelta(days=3), 8: NOW - timedelta(days=2)}

    assert first_kept(timedelta(hours=24), 1, committed) == 8
    assert first_kept(timedelta(hours=24), 5, committed) == 7
