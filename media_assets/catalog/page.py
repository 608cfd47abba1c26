"""A page of a table, as a notebook shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageShown:
    """A page of a table's rows, sorted by name, and the size of their pictures.

    Attributes:
        first: The number of rows before it.
        rows: The maximum number of rows on it.
        size: The maximum width and height of a picture, in pixels.
    """

    first: int = 0
    rows: int = 20
    size: tuple[int, int] = (128, 96)

    def is_whole(self, count: int, total: int) -> bool:
        """Whether a frame with `count` rows can be this page, and not the whole table."""
        return 0 < count < total and count == min(self.rows, total - self.first)

    def describe(self, count: int, total: int) -> str:
        """Returns the positions of `count` rows in the table.

        >>> PageShown(first=20).describe(20, 57)
        'rows 21 to 40 of 57'
        """
        return f"rows {self.first + 1:,} to {self.first + count:,} of {total:,}"


FIRST_PAGE = PageShown()
