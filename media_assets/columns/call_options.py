"""Options of a column that decide when its function is called, but not what it returns."""

import math
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import cast

from media_assets.errors import DeclarationError

RetryOn = type[Exception] | Sequence[type[Exception]] | Callable[[Exception], bool]
"""The errors after which a call is repeated: classes, or a function that decides."""

RETRY_DELAY = 1.0
"""Seconds before the first repetition, by default."""

_LONGEST_DELAY = 60.0
"""Seconds; the delay doubles up to this."""
_LONGEST_ASKED = 300.0
"""Seconds; if a service asks for more, the row is an error row, which the next run tries again."""
_RATE = re.compile(r"\s*([1-9]\d{0,8})\s*/\s*(s|min|h)\s*", re.ASCII)
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` calls start within any period of `seconds`."""

    calls: int
    seconds: float

    def __str__(self) -> str:
        """The text that it is declared with."""
        (unit,) = (unit for unit, seconds in _SECONDS.items() if seconds == self.seconds)
        return f"{self.calls}/{unit}"


@dataclass(frozen=True, slots=True)
class CallOptions:
    """The limits on a column's calls, and their repetition. No cell depends on them.

    Attributes:
        max_concurrency: How many calls run at the same time in one process; None leaves that to
            the kind of the function.
        max_retries: How often a call is repeated.
        retry_on: The errors after which it is.
        retry_if: Or a function that decides that.
        retry_delay: Seconds before the first repetition.
        rate_limit: How many calls start within a time, in one process.
    """

    max_concurrency: int | None = None
    max_retries: int = 0
    retry_on: tuple[type[Exception], ...] = ()
    retry_if: Callable[[Exception], bool] | None = None
    retry_delay: float = RETRY_DELAY
    rate_limit: RateLimit | None = None

    @property
    def are_default(self) -> bool:
        """Whether nothing was said about calls."""
        return self.max_concurrency is None and not self.max_retries and self.rate_limit is None

    @property
    def limits(self) -> str:
        """What was said about calls, as people are shown it."""
        names = [kind.__name__ for kind in self.retry_on]
        names += [getattr(self.retry_if, "__name__", "a function")] if self.retry_if else []
        said = {
            "max_concurrency": self.max_concurrency,
            "max_retries": self.max_retries,
            "retry_on": ", ".join(names),
            "rate_limit": self.rate_limit,
        }
        return "; ".join(f"{name}: {value}" for name, value in said.items() if value)

    def is_transient(self, error: BaseException) -> bool:
        """Whether a call that raised this error may be repeated.

        An error that could not leave its process is known by the names of its classes.
        """
        if not self.max_retries or not isinstance(error, Exception):
            return False
        if self.retry_if is not None:
            return bool(self.retry_if(error))
        names = cast("Sequence[str]", getattr(error, "class_names", ()))
        return isinstance(error, self.retry_on) or any(name_of(k) in names for k in self.retry_on)

    def seconds_before_retry(self, error: BaseException, *, retries: int) -> float | None:
        """Returns how long to wait before a call is repeated; None if it is not.

        The wait doubles each time, and is random between half and all of that, so that rows which
        failed together come back apart. It is at least what the service asked for.
        """
        if retries >= self.max_retries or not self.is_transient(error):
            return None
        # An exponent of 30 is beyond the longest delay, and far from an overflow.
        longest = min(self.retry_delay * 2 ** min(retries, 30), _LONGEST_DELAY)
        wait = longest * random.uniform(0.5, 1.0)  # noqa: S311  it keeps rows apart
        asked = seconds_asked(error) or 0.0
        return None if asked > _LONGEST_ASKED else max(wait, asked)


def name_of(kind: type) -> str:
    """Returns the full name of a class, for errors that are known by their classes' names."""
    return f"{kind.__module__}.{kind.__qualname__}"


def seconds_asked(error: BaseException) -> float | None:
    """Returns how long a service asked to wait; None if it did not.

    Looked up in the error's `retry_after`, or in the header `Retry-After` of its response, as
    seconds or as a date.

    >>> error = ConnectionError()
    >>> error.retry_after = 2
    >>> seconds_asked(error)
    2.0
    """
    try:
        given = getattr(error, "retry_after", None)
        if given is None:
            headers = getattr(getattr(error, "response", error), "headers", None)
            given = cast("Mapping[str, object]", headers).get("Retry-After") if headers else None
        return None if given is None else _as_seconds(given)
    except Exception:  # noqa: BLE001  an error's attributes are foreign code
        return None


def _as_seconds(given: object) -> float | None:
    if isinstance(given, timedelta):
        return given.total_seconds()
    try:
        seconds = float(cast("str", given))
    except ValueError:
        date = parsedate_to_datetime(str(given))
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (date - datetime.now(UTC)).total_seconds()
    return None if math.isnan(seconds) else max(seconds, 0.0)


def check_call_options(
    column: str,
    *,
    max_concurrency: int | None,
    max_retries: int,
    retry_on: RetryOn | None,
    retry_delay: timedelta | float,
    rate_limit: str | None,
) -> CallOptions:
    """Returns the options as given to a column, after checking them.

    Raises:
        DeclarationError: One cannot be used.
    """
    for name, number, least in (
        ("max_concurrency", max_concurrency, 1),
        ("max_retries", max_retries, 0),
    ):
        is_whole = isinstance(number, int) and not isinstance(number, bool)
        if number is not None and not (is_whole and number >= least):
            raise DeclarationError(
                what=f"Column {column!r} has {name}={number!r}.",
                accepted=f"A whole number, {least} or more.",
                fix=f"Write it like {name}=8.",
            )
    kinds, retry_if = _check_retry_on(column, max_retries, retry_on)
    return CallOptions(
        max_concurrency,
        max_retries,
        kinds,
        retry_if,
        _check_delay(column, retry_delay),
        None if rate_limit is None else _check_rate(column, rate_limit),
    )


def _check_retry_on(
    column: str, max_retries: int, given: RetryOn | None
) -> tuple[tuple[type[Exception], ...], Callable[[Exception], bool] | None]:
    """Returns the classes of errors, or the function that decides."""
    accepted = (
        "A class of exceptions, a list of these, or a function that gets the exception and returns "
        "whether to repeat the call."
    )
    if (given is None) != (max_retries == 0):
        problem = "no max_retries=" if max_retries == 0 else "no retry_on="
        known = f"retry_on={given!r}" if max_retries == 0 else f"max_retries={max_retries}"
        raise DeclarationError(
            what=f"Column {column!r} has {known}, but {problem}.",
            accepted="Both or neither: only the errors that you name are worth another call. "
            + accepted,
            fix="Write it like max_retries=3, retry_on=(ConnectionError, TimeoutError).",
        )
    if given is None:
        return (), None
    if callable(given) and not isinstance(given, type):
        return (), given
    kinds = cast("tuple[object, ...]", tuple(given) if isinstance(given, Iterable) else (given,))
    known = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)]
    if kinds and len(known) == len(kinds):
        return tuple(known), None
    raise DeclarationError(
        what=f"Column {column!r} has retry_on={given!r}.",
        accepted=accepted,
        fix="Write it like retry_on=(ConnectionError, TimeoutError).",
    )


def _check_delay(column: str, given: timedelta | float) -> float:
    try:
        seconds = given.total_seconds() if isinstance(given, timedelta) else float(given)
    except (TypeError, ValueError):
        seconds = math.nan
    if math.isfinite(seconds) and seconds >= 0 and not isinstance(given, bool | str):
        return seconds
    raise DeclarationError(
        what=f"Column {column!r} has retry_delay={given!r}.",
        accepted="The seconds before the first repetition of a call, 0 or more, or a timedelta.",
        fix=f"Leave it out for {RETRY_DELAY:g} s, or write it like retry_delay=0.5.",
    )


def _check_rate(column: str, text: str) -> RateLimit:
    found = _RATE.fullmatch(text) if isinstance(cast("object", text), str) else None
    if found is not None:
        return RateLimit(int(found[1]), _SECONDS[found[2]])
    raise DeclarationError(
        what=f"Column {column!r} has rate_limit={text!r}.",
        accepted="A whole number of calls, a slash, and `s`, `min` or `h`.",
        fix='Write it like rate_limit="60/min".',
    )
