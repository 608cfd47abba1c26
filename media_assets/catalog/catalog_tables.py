"""The tables of a catalog, read whole or by some of their rows, without a query."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

import duckdb

from media_assets.catalog.answer import Answer
from media_assets.catalog.description import TableDescription, describe_table
from media_assets.catalog.live_manifests import live_manifests
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.page import FIRST_PAGE, PageShown
from media_assets.catalog.python_values import frame_of
from media_assets.catalog.selection import select_columns
from media_assets.catalog.table_rows import TableRows
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Header
from media_assets.uploads.stored_table import StoredTable

if TYPE_CHECKING:
    import pandas as pd

    from media_assets.catalog.frame import MediaFrame
    from media_assets.media_column import MediaColumn


class CatalogTables:
    """The tables of a catalog."""

    def __init__(self, root: CatalogRoot, reader: Reader) -> None:
        self._root, self._reader = root, reader
        self._files = CatalogFiles(root)

    def tables(self) -> list[str]:
        """Returns the names of all tables, including standalone assets."""
        return sorted(self._files.tables())

    def columns(self, table: str, names: Sequence[str] | None = None) -> dict[str, Header]:
        """Returns the columns of a table that were ever materialized, in the table's order.

        Args:
            table: The table's name.
            names: Only these columns; all by default.

        Raises:
            UnknownNameError: The table or the column does not exist.
        """
        return select_columns(self._files, table, names)

    def column(
        self, table: str, column: str, *, partitions: Sequence[str] | None = None
    ) -> "MediaColumn":
        """Returns a column's fileurls, values and errors by row; files are opened one by one.

        Args:
            table: The table's name.
            column: The column's name.
            partitions: Only the rows of these partitions, oldest first; all by default, which takes
                some seconds for 100,000.

        Raises:
            UnknownNameError: The table or the column does not exist.
        """
        from media_assets.media_column import MediaColumn  # noqa: PLC0415  Pillow

        select_columns(self._files, table, [column])
        stored = StoredTable(self._root, table)
        return MediaColumn(live_manifests(stored, column, partitions), self._reader)

    def table(
        self, table: str, *, limit: int | None = None, page: PageShown | None = None
    ) -> "MediaFrame":
        """Returns a table as a DataFrame whose files show as thumbnails in notebooks.

        Args:
            table: The table's name.
            limit: Return at most this many rows, in the order of their names; all by default.
            page: Return only the rows of this page, and show pictures of its size.

        Raises:
            UnknownNameError: The table does not exist.
        """
        from media_assets.catalog.frame import FrameImages, MediaFrame  # noqa: PLC0415  pandas

        rows = self._rows(table)
        everything = rows.live()
        live = everything.slice(page.first, page.rows) if page else everything.slice(0, limit)
        newest = rows.newest(live)
        errors = rows.error_messages(live, newest)
        images = FrameImages(
            media={name: head.type for name, head in rows.headers.items() if head.type.is_medium},
            column=partial(self.column, table),
            errors=lambda _: errors,
            reader=self._reader,
            files=partial(rows.pictured_files, newest),
            page=page or FIRST_PAGE,
            total=everything.num_rows if page else None,
        )
        return MediaFrame.of(rows.read(live, frame_of), images)

    def rows(
        self, table: str, rows: Sequence[str], columns: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Returns a few rows as the table's view shows them, sorted by row.

        Only the manifests of the partitions that hold them are read.

        Args:
            table: The table's name.
            rows: The rows' names, in either form of Unicode; unknown ones are left out.
            columns: The columns; by default all that were ever materialized.

        Raises:
            UnknownNameError: The table or the column does not exist.
        """
        found = self._rows(table, columns)
        return found.read(found.named(rows), frame_of)

    def fileurls(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> "pd.DataFrame":
        """Returns `row` and the fileurls of a table's columns with files, sorted by row.

        Args:
            table: The table's name.
            columns: The columns; all with files that were ever materialized by default.
            offset: How many rows to skip.
            limit: Return at most this many rows; all by default. For a few rows, only the
                manifests of their partitions are read.

        Raises:
            UnknownNameError: The table does not exist, or has no such column with files.
        """
        rows = self._rows(table, columns).with_files(columns)
        shown = rows.read(rows.live().slice(offset, limit), frame_of)
        return cast("pd.DataFrame", shown[["row", *(columns or rows.headers)]])

    def fileurls_of(
        self, table: str, column: str, rows: Sequence[str] | None = None
    ) -> dict[str, str]:
        """Returns the fileurls of a column by row, for the rows that have one.

        Args:
            table: The table's name.
            column: The column's name.
            rows: Only these rows, as for `rows`; all by default.

        Raises:
            UnknownNameError: As for `fileurls`.
        """
        of_column = self._rows(table, [column]).with_files([column])
        live = of_column.live() if rows is None else of_column.named(rows)
        found = of_column.read(live, Answer.of)
        places = found.columns.index("row"), found.columns.index(column)
        cells = (tuple(cast("str", row[place]) for place in places) for row in found.rows)
        return {row: fileurl for row, fileurl in cells if fileurl}

    def describe(self, table: str) -> TableDescription:
        """Describes a table: its columns, and the cells, bytes and errors of each.

        Raises:
            UnknownNameError: The table does not exist.
            ManifestFormatError: An entry of its upload log is damaged.
        """
        headers = self.columns(table)
        listed = {name: self._files.newest_of(table, name) for name in headers}
        newest = {name: keys for name, keys in listed.items() if keys}  # row values have none
        try:
            return describe_table(table, self._files.of_table(table, newest))
        except duckdb.Error as error:
            self._files.check_after(error, [table])
            raise

    def _rows(self, table: str, names: Sequence[str] | None = None) -> TableRows:
        return TableRows(self._files, table, select_columns(self._files, table, names))
