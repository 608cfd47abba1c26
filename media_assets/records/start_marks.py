"""Start marks: what a step has under way, from which the next one learns that its process died."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self, cast

from media_assets.run_processes import RunProcess

_HEADER = "start_mark"


class CellUnderWay(NamedTuple):
    """A cell that is made while nothing else is.

    Attributes:
        row: The row.
        column: The column.
        state: Changes with the upload and with the column's code.
    """

    row: str
    column: str
    state: str


@dataclass(frozen=True, slots=True)
class StartMark:
    """What a step writes before its first row, and deletes when it ends.

    An ordinary step names no rows. One that finds the mark of a step whose process died does.

    Attributes:
        process: The step's process; empty if it ended in order and left what it knew.
        rows: Rows under way.
        cell: The one cell under way, of a row that was already under way at a death.
        suspects: Rows that were under way at a death, and that nothing has cleared.
        deadly: Cells under way at two deaths.
    """

    process: str = ""
    rows: frozenset[str] = frozenset()
    cell: CellUnderWay | None = None
    suspects: frozenset[str] = frozenset()
    deadly: frozenset[CellUnderWay] = frozenset()

    @classmethod
    def of_this_process(cls) -> Self:
        """Returns the mark of an ordinary step."""
        return cls(str(RunProcess.at(os.getpid()) or ""))

    @classmethod
    def parse(cls, header: Mapping[str, object]) -> Self | None:
        """Returns the mark in the header of a file of records, if it has one."""
        found = cast("dict[str, Any] | None", header.get(_HEADER))
        if found is None:
            return None
        return cls(
            process=str(found["process"]),
            rows=frozenset(found["rows"]),
            cell=CellUnderWay(*found["cell"]) if found["cell"] else None,
            suspects=frozenset(found["suspects"]),
            deadly=frozenset(CellUnderWay(*cell) for cell in found["deadly"]),
        )

    def header(self) -> dict[str, object]:
        """Returns the header of a file of records."""
        parts: dict[str, object] = {
            "process": self.process,
            "rows": sorted(self.rows),
            "cell": self.cell,
            "suspects": sorted(self.suspects),
            "deadly": sorted(self.deadly),
        }
        return {_HEADER: parts}

    @property
    def is_left_behind(self) -> bool:
        """Whether its step is over.

        A process that cannot be seen from here counts as gone: those of containers never return.
        """
        process = RunProcess.parse(self.process)
        return process is None or not process.is_running()

    def of_dead(self) -> Self:
        """Returns what the death of its process shows, without anything under way."""
        deadly = {self.cell} if self.cell else set[CellUnderWay]()
        return replace(
            self,
            process="",
            rows=frozenset(),
            cell=None,
            suspects=self.suspects | self.rows | {cell.row for cell in deadly},
            deadly=self.deadly | deadly,
        )
