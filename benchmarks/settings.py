"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured.

    Attributes:
        share: How many of the rows; 1 for the full numbers.
        repeats: How often the jobs of a comparison take turns.
    """

    share: float = 1.0
    repeats: int = 3

    def rows(self, rows: int) -> int:
        """Returns how many rows to take instead of the full number."""
        return max(round(rows * self.share), 10)
