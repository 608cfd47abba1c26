"""The options of splitters, checked when a splitter is declared."""

from math import isfinite

from media_assets.errors import DeclarationError


def refusal(value: object, *, option: str, accepted: str, example: str) -> DeclarationError:
    """Returns the error of an option that a splitter cannot take.

    Args:
        value: As given.
        option: The option's name.
        accepted: What would be, in words, without a full stop.
        example: The whole call, as it could be: `tiles(512, overlap=32)`.
    """
    return DeclarationError(
        what=f"ma.split.{example.partition('(')[0]} has {option}={value!r}.",
        accepted=f"Accepted: {accepted}.",
        fix=f"Write it like ma.split.{example}.",
    )


def is_whole(value: object, least: int, most: int | None = None) -> bool:
    """Returns whether a value is a whole number within bounds; True is none.

    Example:
        >>> is_whole(256, 1), is_whole(True, 1), is_whole(2.0, 1)
        (True, False, False)
    """
    match value:
        case bool():
            return False
        case int():
            return value >= least and (most is None or value <= most)
        case _:
            return False


def is_amount(value: object) -> bool:
    """Returns whether a value is a positive number, and not infinite.

    Example:
        >>> is_amount(0.5), is_amount(0), is_amount(float("nan")), is_amount("1")
        (True, False, False, False)
    """
    match value:
        case bool():
            return False
        case int() | float():
            return isfinite(value) and value > 0
        case _:
            return False


def is_time(value: object) -> bool:
    """Returns whether a value is a number of seconds, and not infinite; it may be negative."""
    return value == 0 or is_amount(value) or (isinstance(value, float | int) and is_amount(-value))


def as_box(value: object) -> tuple[int, int] | None:
    """Returns a width and a height in pixels; None if a value is neither these nor one for both.

    Example:
        >>> as_box(256), as_box([640, 360]), as_box((0, 5))
        ((256, 256), (640, 360), None)
    """
    sides = (value, value) if isinstance(value, int) else value
    match sides:
        case (int() as wide, int() as high) if is_whole(wide, 1) and is_whole(high, 1):
            return wide, high
        case _:
            return None
