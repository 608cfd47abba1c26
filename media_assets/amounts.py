"""Numbers with a noun, and counts in words: `1 row`, `2 rows`."""


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


def describe_made(made: int, equal: int, *, of: str | None = None) -> str:
    """Returns how many cells were made, and how many of them have the same content as before.

    Only the others are passed on: the cells that are made from them are made again, too.

    >>> describe_made(12, 0, of="cell"), describe_made(12, 10)
    ('12 cells made', '12 made, 10 equal to before, 2 passed on')
    """
    told = f"{made if of is None else amount(made, of)} made"
    return f"{told}, {equal} equal to before, {made - equal} passed on" if equal else told
