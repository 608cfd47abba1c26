"""What an export came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class ExportOutcome:
    """What an export came to.

    Attributes:
        folder: The folder.
        written: How many files were written.
        unchanged: How many were there already, with the same content.
        rows: How many rows are in the folder now.
        others: How many other files there are next to them.
        kept: The names of files that were not replaced, and why.
        unreadable: The rows whose files cannot be read, and why.
    """

    folder: Path
    written: int = 0
    unchanged: int = 0
    rows: int = 0
    others: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    unreadable: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def problems(self) -> Sequence[tuple[str, str]]:
        """All that is missing in the folder, and why."""
        return [*self.kept, *self.unreadable]
