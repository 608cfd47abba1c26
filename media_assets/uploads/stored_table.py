"""A table as the catalog keeps it: its rows, its partitions and its cells."""

from collections.abc import Mapping
from datetime import datetime

from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.manifests import Manifest, Record, newest_manifest
from media_assets.uploads.gone_rows import END_OF_TIME, Gone, find_gone_rows
from media_assets.uploads.log import LogPosition, UploadLog
from media_assets.uploads.upload import Upload


class StoredTable:
    """What the catalog keeps of one table, opened once for a run, a tick or a verb.

    Callers ask it for rows, partitions and cells, and need not know that an upload log holds the
    rows. Threads can share it.

    Attributes:
        root: The catalog.
        name: The table's name.
    """

    def __init__(self, root: CatalogRoot, name: str) -> None:
        """Reads nothing yet."""
        self.root, self.name = root, name
        self._log = UploadLog(root, name)
        self._is_read = False

    @property
    def log(self) -> UploadLog:
        """The upload log, read when it is first needed, and again only by `refresh`."""
        if not self._is_read:
            self.refresh()
        return self._log

    def refresh(self) -> LogPosition:
        """Reads new entries of the upload log; raises what `UploadLog.refresh` raises."""
        position = self._log.refresh()
        self._is_read = True
        return position

    def partitions(self) -> list[str]:
        """All partitions that ever got an upload, oldest first."""
        return self.log.partitions()

    def live_rows(self, partition: str) -> Mapping[str, Upload]:
        """The rows that a partition holds, without those replaced elsewhere or deleted."""
        return self.log.live_rows(partition)

    def gone_rows(self, *, by: datetime = END_OF_TIME) -> Gone:
        """The rows that had left their partition by a given time and have not come back."""
        return find_gone_rows(self.log, by=by)

    def ledger(self, column: str, partition: str) -> Ledger:
        """The manifests of one column in one partition."""
        return self.root.ledger(self.name, column, partition)

    def manifest(self, column: str, partition: str) -> Manifest | None:
        """Reads the newest manifest of a column in a partition, or None; it is not cached."""
        return newest_manifest(self.ledger(column, partition))

    def cells(self, column: str, partition: str) -> Mapping[str, Record]:
        """Reads the records of the newest manifest by row; empty without a manifest."""
        manifest = self.manifest(column, partition)
        return manifest.records if manifest else {}

    def still_live(self, manifest: Manifest) -> Mapping[str, Record]:
        """Returns the records of a manifest whose rows its partition still holds.

        A standalone asset has no upload log: its manifest determines its rows.
        """
        if self.log.is_empty:
            return manifest.records
        live = self.live_rows(manifest.header.partition)
        return {row: record for row, record in manifest.records.items() if row in live}
