"""Numbers with a noun, and counts in words: `1 row`, `2 rows`, `a, b, and 3 more`."""

from collections.abc import Sequence


def amount(count: int, one: str, many: str | None = None) -> str:
    """Returns a number with its noun or phrase.

    Args:
        count: The number.
        one: The noun or phrase for 1.
        many: The noun or phrase for any other number; by default `one` with an `s`.

    >>> amount(1, "row"), amount(0, "row"), amount(2, "is gone", "are gone")
    ('1 row', '0 rows', '2 are gone')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def list_some(texts: Sequence[str], most: int = 20, *, separator: str = ", ") -> str:
    """Returns the first texts of a list, and how many more there are; empty if there are none.

    >>> list_some(["a", "b", "c"], 2), list_some(["a", "b"])
    ('a, b, and 1 more', 'a, b')
    """
    more = [f"and {len(texts) - most} more"] if len(texts) > most else []
    return separator.join([*texts[:most], *more])


def describe_made(made: int, equal: int, *, of: str | None = None) -> str:
    """Returns how many cells were made, and how many of them have the same content as before.

    Only the others are passed on: the cells that are made from them are made again, too.

    >>> describe_made(12, 0, of="cell"), describe_made(12, 10)
    ('12 cells made', '12 made, 10 equal to before, 2 passed on')
    """
    told = f"{made if of is None else amount(made, of)} made"
    return f"{told}, {equal} equal to before, {made - equal} passed on" if equal else told
