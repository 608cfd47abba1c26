"""The amount of measurement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The amount of measurement.

    Attributes:
        share: How many of the rows; 1 for the full numbers.
        repeats: How often the jobs of a comparison take turns.
    """

    share: float = 1.0
    repeats: int = 3

    def rows(self, rows: int) -> int:
        """Returns the number of rows to measure instead of all rows."""
        return max(round(rows * self.share), 10)
