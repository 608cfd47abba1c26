"""Numbers with a noun: `1 row`, `2 rows`."""


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
