"""The order of precedence for settings: the first source with a value decides."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from media_assets.destinations.model import Destination
from media_assets.destinations.parse import parse_destination

Value = TypeVar("Value")


class DecidedBy(StrEnum):
    """The sources of a value, highest precedence first."""

    COLUMN = "column"
    RUN_CONFIG = "run config"
    CODE = "code"
    ENVIRONMENT = "environment"
    SETTINGS_FILE = "settings file"
    LOCAL_STORAGE = "local storage"


@dataclass(frozen=True, slots=True)
class Named(Generic[Value]):
    """A value and its source.

    Attributes:
        value: The value.
        decided_by: Who named it.
        source: Its exact source, for display: "column photos/rotated".
    """

    value: Value
    decided_by: DecidedBy
    source: str


@dataclass(frozen=True, slots=True)
class ResolvedDestination:
    """The destination that applies, and its source.

    Attributes:
        destination: The destination.
        decided_by: Who named it.
        source: Its exact source, for display.
    """

    destination: Destination
    decided_by: DecidedBy
    source: str = ""

    @property
    def decision(self) -> str:
        """Who decided, for display, with the name of a settings file."""
        is_file = self.decided_by is DecidedBy.SETTINGS_FILE
        return self.source if is_file and self.source else self.decided_by.value


def first_named(*candidates: Named[Value] | None) -> Named[Value] | None:
    """Returns the value that applies; None if there is none.

    >>> first_named(Named(1, DecidedBy.ENVIRONMENT, ""), Named(2, DecidedBy.CODE, "")).value
    2
    """
    order = list(DecidedBy)
    named = [candidate for candidate in candidates if candidate is not None]
    return min(named, key=lambda one: order.index(one.decided_by), default=None)


def resolve_destination(*candidates: Named[str] | None) -> ResolvedDestination | None:
    """Returns the destination that applies; None if there is none.

    Other texts are not parsed, so mistakes in them do not matter.

    Raises:
        DestinationError: The text that applies is not a destination.

    >>> resolve_destination(
    ...     Named("s3://bucket/run/", DecidedBy.RUN_CONFIG, "run config `output_media_dest`"),
    ...     Named("/media", DecidedBy.LOCAL_STORAGE, "local storage"),
    ... ).decided_by
    <DecidedBy.RUN_CONFIG: 'run config'>
    """
    named = first_named(*candidates)
    if named is None:
        return None
    destination = parse_destination(named.value, source=named.source)
    return ResolvedDestination(destination, named.decided_by, named.source)
