"""A table as the catalog keeps it: its rows, its partitions and its cells."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.manifests import Manifest, Record, newest_manifest
from media_assets.uploads.gone_rows import END_OF_TIME, Gone, find_gone_parts, find_gone_rows
from media_assets.uploads.live_rows import LiveRows
from media_assets.uploads.log import LogPosition, UploadLog
from media_assets.uploads.upload import Upload

if TYPE_CHECKING:
    from media_assets.columns import Column


class StoredTable:
    """What the catalog keeps of one table, opened once for a run, a tick or a verb.

    Callers ask it for rows, partitions and cells, and need not know whether the rows were uploaded
    or are parts of another table's rows. Threads can share it.

    Attributes:
        root: The catalog.
        name: The table's name.
    """

    def __init__(self, root: CatalogRoot, name: str, *, parent: str | None = None) -> None:
        """Reads nothing yet.

        Args:
            root: The catalog.
            name: The table's name.
            parent: The table whose rows these are parts of, as declared; by default as recorded.
        """
        self.root, self.name, self._declared_parent = root, name, parent
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
        if self._is_read and self.parent is not None:
            self.parent.refresh()
        self._is_read = True
        return position

    def refresh_all(self) -> tuple[LogPosition, ...]:
        """Reads new entries of its log and of its parents' logs, on which its rows depend."""
        position = self.refresh()
        return (position, *(self.parent.refresh_all() if self.parent else ()))

    @cached_property
    def parent(self) -> "StoredTable | None":
        """The table whose rows these are parts of; None for a table of uploads."""
        name = self._declared_parent or self.log.parent
        return StoredTable(self.root, name) if name else None

    def partitions(self) -> list[str]:
        """All partitions that ever got an upload, oldest first."""
        return self.log.partitions() if self.parent is None else self.parent.partitions()

    def partitions_with_rows(self) -> list[str]:
        """The partitions that hold rows now, oldest first."""
        held = self.live().partitions()
        return [partition for partition in self.partitions() if partition in held]

    def live(self) -> LiveRows:
        """All rows, for queries in SQL."""
        live = self.log.live()
        return live if self.parent is None else live.below(self.parent.live())

    def live_rows(self, partition: str) -> Mapping[str, Upload]:
        """The rows that a partition holds, without those replaced elsewhere or deleted.

        Parts leave with the content of their parent that they were made from.
        """
        if self.parent is None:
            return self.log.live_rows(partition)
        return self.log.live_rows(partition, parents=self.parent.contents(partition))

    def has_rows(self, partition: str) -> bool:
        """Whether a partition has rows, or its parents have that may be split into some."""
        if self.live_rows(partition):
            return True
        return self.parent is not None and self.parent.has_rows(partition)

    def contents(self, partition: str) -> dict[str, int]:
        """The number of the log's entry that gave each row of a partition its content."""
        entries = self.log.content_entries(partition)
        return {row: entries[row] for row in self.live_rows(partition)}

    def gone_rows(self, *, by: datetime = END_OF_TIME) -> Gone:
        """The rows that had left their partition by a given time and have not come back."""
        gone = find_gone_rows(self.log, by=by)
        if self.parent is not None:
            for partition, rows in find_gone_parts(self.log, self.parent, by=by).items():
                gone[partition] = gone.get(partition, {}) | rows
        return gone

    def entry_at(self, moment: datetime) -> int:
        """The number of the newest entry of the upload log at a time."""
        return self.log.entry_at(moment)

    def live_at(self, moment: datetime) -> LiveRows:
        """All rows as they were at a time, by the clocks of the writers."""
        live = self.log.at(moment).live()
        return live if self.parent is None else live.below(self.parent.live_at(moment))

    def ledger(self, column: str, partition: str) -> Ledger:
        """The manifests of one column in one partition."""
        return self.root.ledger(self.name, column, partition)

    def manifest(self, column: str, partition: str) -> Manifest | None:
        """Reads the newest manifest of a column in a partition, or None; it is not cached."""
        return newest_manifest(self.ledger(column, partition))

    def manifest_of(self, column: "Column", partition: str) -> Manifest | None:
        """Reads the newest manifest of a declared column, unless it holds another kind of cells.

        A function with a code version of its own may return something else than it did.
        """
        manifest = self.manifest(column.name, partition)
        return manifest if manifest and manifest.header.holds(column.type) else None

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
