"""The cursor of the uploads sensor: its memory from one tick to the next.

It only saves work. With a cursor that is old, lost or from elsewhere, the sensor lists uploads
again, but misses nothing and does nothing twice, because the upload log holds the truth.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from media_assets.automation.run_requests import Position
from media_assets.automation.uploads_scan import ScanPosition


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sensor's state.

    Attributes:
        place: Where the last tick's scan ended.
        gathering_since: When the first upload without a requested run was seen, in seconds since
            1970; None if there is no such upload.
        requested: The last partition with new uploads that was handled.
        held: Earlier partitions whose run has to wait, and their newest entry.
    """

    place: ScanPosition = field(default_factory=ScanPosition)
    gathering_since: float | None = None
    requested: Position = (0, "")
    held: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Returns the cursor in a text, or an empty one if it cannot be read."""
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
        """Returns the text that Dagster stores."""
        return json.dumps(asdict(self))
