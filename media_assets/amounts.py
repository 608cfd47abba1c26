"""Amounts in words: `1 row`, `2 rows`."""


def amount(count: int, one: str, many: str | None = None) -> str:
    """Returns a number with what it counts.

    Args:
        count: How many.
        one: What one is called, or what is said of it.
        many: The same for none or several; with an `s` at its end if it is left out.

    >>> amount(1, "row"), amount(0, "row"), amount(2, "is gone", "are gone")
    ('1 row', '0 rows', '2 are gone')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"
