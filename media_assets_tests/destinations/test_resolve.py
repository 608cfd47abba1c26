"""Which destination applies, and who decided it."""

import pytest

from media_assets.destinations import DecidedBy, parse_destination, resolve_destination
from media_assets.errors import DestinationError

ALL = {
    "column": "s3://column/",
    "run_config": "s3://run/",
    "environment": "s3://environment/",
    "local_storage": "/local",
}


def test_the_first_of_column_run_config_environment_and_local_storage_decides() -> None:
    texts: dict[str, str | None] = dict(ALL)
    decided: list[DecidedBy] = []
    for name, text in ALL.items():
        resolved = resolve_destination(**texts)  # pyright: ignore[reportArgumentType]
        assert resolved is not None
        assert resolved.destination == parse_destination(text)
        decided.append(resolved.decided_by)
        texts[name] = None

    assert decided == list(DecidedBy)
    assert resolve_destination(**texts) is None  # pyright: ignore[reportArgumentType]


def test_a_mistake_in_a_text_that_loses_does_not_matter() -> None:
    resolved = resolve_destination(
        column="s3://my-bucket/", run_config="nonsense", environment="ftp://x", local_storage=""
    )

    assert resolved is not None
    assert resolved.decided_by is DecidedBy.COLUMN


def test_a_mistake_in_the_text_that_applies_is_an_error_even_when_others_are_fine() -> None:
    with pytest.raises(DestinationError, match="from run config `input_media_dest` is a relative"):
        resolve_destination(
            column=None,
            run_config="nonsense",
            environment="s3://fine/",
            local_storage="/fine",
            setting="input_media_dest",
        )


def test_an_empty_environment_variable_counts_as_not_set() -> None:
    resolved = resolve_destination(
        column=None, run_config=None, environment="", local_storage="/local"
    )

    assert resolved is not None
    assert resolved.decided_by is DecidedBy.LOCAL_STORAGE


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("column", "column photos/rotated"),
        ("run_config", "run config `output_media_dest`"),
        ("environment", "environment variable MEDIA_ASSETS_OUTPUT_MEDIA_DEST"),
        ("local_storage", "local storage"),
    ],
)
def test_an_error_names_who_gave_the_text(name: str, source: str) -> None:
    texts: dict[str, str | None] = dict.fromkeys(ALL) | {name: "nonsense"}

    with pytest.raises(DestinationError, match=source):
        resolve_destination(**texts, column_source="column photos/rotated")  # pyright: ignore[reportArgumentType]
