"""Which destination applies, and who decided it. The precedence is written here alone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from media_assets.destinations.model import Destination
from media_assets.destinations.parse import parse_destination

GlobalSetting = Literal["output_media_dest", "input_media_dest"]
"""The name of a global destination: for what is computed, and for what is uploaded."""


class DecidedBy(StrEnum):
    """Who named the destination."""

    COLUMN = "column"
    RUN_CONFIG = "run config"
    ENVIRONMENT = "environment"
    LOCAL_STORAGE = "local storage"


@dataclass(frozen=True, slots=True)
class ResolvedDestination:
    """The destination that applies, and who decided it."""

    destination: Destination
    decided_by: DecidedBy


def environment_variable(setting: GlobalSetting) -> str:
    """Returns the environment variable of a global destination.

    >>> environment_variable("output_media_dest")
    'MEDIA_ASSETS_OUTPUT_MEDIA_DEST'
    """
    return f"MEDIA_ASSETS_{setting.upper()}"


def resolve_destination(
    *,
    column: str | None,
    run_config: str | None,
    environment: str | None,
    local_storage: str | None,
    column_source: str = "the column",
    setting: GlobalSetting = "output_media_dest",
) -> ResolvedDestination | None:
    """Returns the destination that applies: column, else run config, environment, local storage.

    A text that loses is not looked at, so a mistake in it does not matter.

    Args:
        column: The column's own destination, None when it names none; the same for the others.
        run_config: The global destination of run config, or of the resource in code.
        environment: The value of the environment variable; an empty one counts as not set.
        local_storage: The instance's own folder.
        column_source: What an error calls the column: "column photos/rotated".
        setting: Which global destination this is, which names it in errors.

    Returns:
        None when nobody names a destination: uploads then stay where they are.

    Raises:
        DestinationError: The text that applies names no destination.

    >>> resolve_destination(column=None, run_config="s3://bucket/run/", environment="gs://other/",
    ...                     local_storage="/media").decided_by
    <DecidedBy.RUN_CONFIG: 'run config'>
    """
    candidates = (
        (DecidedBy.COLUMN, column, column_source),
        (DecidedBy.RUN_CONFIG, run_config, f"run config `{setting}`"),
        (
            DecidedBy.ENVIRONMENT,
            environment or None,
            f"environment variable {environment_variable(setting)}",
        ),
        (DecidedBy.LOCAL_STORAGE, local_storage, "local storage"),
    )
    for decided_by, text, source in candidates:
        if text is not None:
            return ResolvedDestination(parse_destination(text, source=source), decided_by)
    return None
