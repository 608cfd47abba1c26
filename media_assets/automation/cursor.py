"""The cursor of the uploads sensor: its memory from one tick to the next.

None of it is the truth: that is the upload log. A cursor that is old, lost or somebody else's costs
a look at what was looked at before, and nothing is missed or done twice.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from media_assets.automation.due_runs import Position
from media_assets.automation.uploads_scan import ScanPosition


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sensor's state.

    Attributes:
        place: Where the last tick's look at the uploads ended.
        gathering_since: When the first upload was seen for which no run was requested yet, in
            seconds since 1970; None when there is none.
        requested: The last partition that was dealt with, among those that got uploads.
        held: Partitions before that one whose run has to wait, and their newest entry.
    """

    place: ScanPosition = field(default_factory=ScanPosition)
    gathering_since: float | None = None
    requested: Position = (0, "")
    held: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Reads a cursor; what cannot be read counts as none."""
        try:
            state: dict[str, Any] = json.loads(text or "{}")
            entry, partition = state.get("requested", (0, ""))
            place = state.get("place", {})
            return cls(
                ScanPosition(str(place.get("after", "")), tuple(place.get("unsettled", ()))),
                state.get("gathering_since"),
                (int(entry), str(partition)),
                dict(state.get("held", {})),
            )
        except (ValueError, TypeError, AttributeError):
            return cls()

    def __str__(self) -> str:
        """The cursor as Dagster keeps it."""
        return json.dumps(asdict(self))
