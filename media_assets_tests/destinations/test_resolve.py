"""Which destination applies, and who decided it."""

import pytest

from media_assets.destinations import (
    DecidedBy,
    Named,
    first_named,
    parse_destination,
    resolve_destination,
)
from media_assets.errors import DestinationError


def test_column_run_code_environment_file_and_local_storage_decide_in_order() -> None:
    candidates = [Named(f"s3://{one.name.lower()[:3]}/", one, "") for one in reversed(DecidedBy)]
    decided: list[DecidedBy] = []
    while candidates:
        resolved = resolve_destination(*candidates)
        assert resolved is not None
        assert resolved.destination == parse_destination(candidates[-1].value)
        decided.append(resolved.decided_by)
        candidates.pop()

    assert [one.value for one in decided] == [
        "column",
        "run config",
        "code",
        "environment",
        "settings file",
        "local storage",
    ]
    assert resolve_destination() is None


def test_whoever_names_nothing_is_passed_over() -> None:
    assert first_named(None, Named(1, DecidedBy.LOCAL_STORAGE, "")) == Named(
        1, DecidedBy.LOCAL_STORAGE, ""
    )
    assert first_named(None, None) is None


def test_a_mistake_in_a_text_that_loses_does_not_matter() -> None:
    resolved = resolve_destination(
        Named("ftp://x", DecidedBy.ENVIRONMENT, ""),
        Named("s3://my-bucket/", DecidedBy.COLUMN, "column photos/a"),
        Named("nonsense", DecidedBy.RUN_CONFIG, ""),
    )

    assert resolved is not None
    assert resolved.decided_by is DecidedBy.COLUMN


def test_a_mistake_in_the_text_that_applies_is_an_error_that_names_who_gave_it() -> None:
    with pytest.raises(DestinationError, match="from run config `input_media_dest` is a relative"):
        resolve_destination(
            Named("nonsense", DecidedBy.RUN_CONFIG, "run config `input_media_dest`"),
            Named("s3://fine/", DecidedBy.ENVIRONMENT, ""),
        )


def test_of_those_who_decide_a_settings_file_alone_is_shown_by_its_path() -> None:
    in_file = resolve_destination(
        Named("/data", DecidedBy.SETTINGS_FILE, "settings file /project/media_assets.toml")
    )
    in_code = resolve_destination(Named("/data", DecidedBy.CODE, "`output_media_dest`"))

    assert in_file is not None
    assert in_file.decision == "settings file /project/media_assets.toml"
    assert in_code is not None
    assert in_code.decision == "code"
