"""How verbs take a length of time."""

from datetime import timedelta

import click
import pytest

from media_assets.cli.parameters import count_or_duration, duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(hours=24)),
        ("30d", timedelta(days=30)),
    ],
)
def test_a_whole_number_with_its_unit_is_a_duration(text: str, expected: timedelta) -> None:
    assert duration(text) == count_or_duration(text) == expected


@pytest.mark.parametrize("text", ["", "24", "1.5h", "-1h", "1w", "h"])
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(click.BadParameter, match="90s, 15m, 24h, 30d"):
        duration(text)


def test_a_count_is_one_or_more() -> None:
    assert count_or_duration("10") == 10
    with pytest.raises(click.BadParameter, match="1 or more"):
        count_or_duration("0")
