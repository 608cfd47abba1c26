"""The rows of a table in one partition, asked for many times."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

if TYPE_CHECKING:
    from media_assets.uploads.log import LogPosition


class PartitionRows:
    """The rows that a partition holds now, queried again only when a log has grown."""

    def __init__(self, stored: StoredTable, partition: str) -> None:
        """Reads nothing yet."""
        self.stored, self.partition = stored, partition
        self._known: tuple[tuple[LogPosition, ...], Mapping[str, Upload]] | None = None

    @property
    def is_without_log(self) -> bool:
        """Whether the table has no upload log, as that of a standalone asset."""
        return self.stored.log.is_empty

    def live(self) -> Mapping[str, Upload]:
        """Returns the rows by name."""
        position = self.stored.refresh_all()
        if self._known is None or self._known[0] != position:
            self._known = position, dict(self.stored.live_rows(self.partition))
        return self._known[1]
