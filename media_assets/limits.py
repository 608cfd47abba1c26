"""Limits on a file before it is decoded, and the settings that decided each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from sys import maxsize
from typing import Any, ClassVar, Self

from media_assets.errors import SettingError
from media_assets.home import variable_of

LIMIT_NAMES = (
    *("max_pixels", "max_bytes", "max_frames", "max_seconds", "max_pages", "max_channels"),
    *("max_samples", "max_work_seconds", "max_memory_bytes", "max_animation_pixels"),
)
"""The limits of all kinds of media; a kind has those that its files can reach."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on the files of one kind of media; a kind's own class adds them.

    Attributes:
        OF_WORK: Those that limit the work on a file, and not the file itself.
        decided_by: The setting that decided each limit, by the limit's name.
    """

    OF_WORK: ClassVar = frozenset({"max_samples", "max_work_seconds", "max_memory_bytes"})

    decided_by: Mapping[str, str] = field(
        default_factory=dict[str, str], hash=False, kw_only=True, compare=False
    )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Returns the names of this kind's limits."""
        return tuple(each.name for each in fields(cls) if each.name != "decided_by")

    @classmethod
    def of_any_file(cls) -> Self:
        """Returns limits that admit a file of any size, and limit only the work on it.

        They are for files of the catalog, which were within the limits of their time.
        """
        limits: dict[str, Any] = {n: maxsize for n in cls.names() if n not in cls.OF_WORK}
        return cls(**limits)

    @classmethod
    def decide(
        cls,
        sources: Iterable[tuple[str, Mapping[str, int]]],
        setting: Callable[[str], str | None],
    ) -> Self:
        """Returns the limits that apply: each is the first source's that gives it.

        Args:
            sources: Where limits were given, as text that follows "`max_pixels` in", and the
                limits. Those of other kinds do not count.
            setting: Returns an environment variable or its like; asked last.

        Raises:
            SettingError: A variable is not a whole number of at least 1.
        """
        limits: dict[str, int] = {}
        settings: dict[str, str] = {}
        for where, given in sources:
            for name, limit in given.items():
                if name in cls.names() and name not in limits:
                    limits[name], settings[name] = limit, f"`{name}` in {where}"
        for name in cls.names():
            text = setting(variable_of(name))
            if text is not None and name not in limits:
                if not text.isdecimal() or int(text) < 1:
                    _refuse(variable_of(name), text)
                limits[name], settings[name] = int(text), f"`{variable_of(name)}`"
        return cls(**limits, decided_by=settings)  # pyright: ignore[reportCallIssue]  # the fields of a subclass

    def setting(self, name: str) -> str:
        """Returns the setting that decides a limit, as a user would write it."""
        by_default = f"`{variable_of(name)}`, or `{name}` in the table's `limits=`"
        return self.decided_by.get(name, by_default)


def check_limits(
    given: Mapping[str, int], *, where: str, names: Iterable[str] = LIMIT_NAMES
) -> Mapping[str, int]:
    """Returns limits from the code, after checking them.

    Args:
        given: Limits by name, such as `{"max_pixels": 200_000_000}`.
        where: Where they were set, for the error.
        names: The limits that exist there.

    Raises:
        SettingError: A name is unknown, or a limit is not a whole number of at least 1.
    """
    accepted = tuple(names)
    for name, limit in given.items():
        if name not in accepted:
            known = f"One of {', '.join(accepted)}." if accepted else "It has no limits."
            setting, example = f"limits of {where}", "max_pixels"
            raise SettingError(setting, name, accepted=known, example=example)
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:  # pyright: ignore[reportUnnecessaryIsInstance]  # from user code
            _refuse(f"{name} of {where}", limit)
    return given


def _refuse(setting: str, value: object) -> None:
    accepted = "A whole number, 1 or more."
    raise SettingError(setting, str(value), accepted=accepted, example="200000000")
