"""The cells that a run has finished and not committed yet, in any number."""

from media_assets.records.manifests import Record, to_parquet
from media_assets.records.parquet import ROWS_AT_ONCE, RowGroups


class FinishedCells:
    """Takes records one by one, and keeps every thousand of them as a file in memory.

    A record takes 600 bytes as an object, and 80 in such a file.
    """

    def __init__(self, partition: str) -> None:
        """Takes the partition that the records are of."""
        self._header = {"partition": partition}
        self._newest: list[Record] = []
        self._files: list[bytes] = []

    def add(self, record: Record) -> None:
        """Takes a finished cell."""
        self._newest.append(record)
        if len(self._newest) == ROWS_AT_ONCE:
            self._seal()

    def take(self) -> list[RowGroups]:
        """Returns all cells, as files in the order in which they came, and forgets them."""
        if self._newest:
            self._seal()
        files = [RowGroups(data, key="finished cells") for data in self._files]
        self._files = []
        return files

    def _seal(self) -> None:
        self._files.append(to_parquet(self._header, self._newest))
        self._newest = []
