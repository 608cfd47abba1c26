"""What a table's methods read: its rows, queries over them, datasets and exports."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.tables import table
from media_assets.verbs.running import listed, running
from media_assets.verbs.schema import schema_html, schema_text

if TYPE_CHECKING:
    from media_assets.catalog import Catalog
    from media_assets.catalog.frame import MediaFrame
    from media_assets.exports import MediaDataset
    from media_assets.media_column import MediaColumn
    from media_assets.verbs.export import Exported, ExportFormat
    from media_assets.verbs.location import Location


class ReadableTable(table.MediaTable):
    """A declared table, with the methods that only read it."""

    def show(
        self,
        *columns: str,
        page: int = 1,
        rows: int = 20,
        size: int = 128,
    ) -> "MediaFrame":
        """Returns a page of rows as a DataFrame that shows its pictures in a notebook.

        Args:
            columns: Only these columns; all by default. Columns that were never materialized are
                empty.
            page: The number of the page, from 1 up; rows are sorted by name.
            rows: The number of rows on a page.
            size: The maximum width and height of a picture, in pixels.

        Raises:
            UnknownNameError: A column does not exist.
            DeclarationError: A number is below 1.
        """
        from media_assets.verbs.show import show

        return show(self._location(), self, columns, page=page, rows=rows, size=size)

    def sql(
        self, query: str, parameters: Sequence[object] = (), *, as_of: datetime | str | None = None
    ) -> "MediaFrame":
        """Runs a DuckDB query over the catalog, where each table is a view of the same name.

        A notebook shows fileurls in the result as thumbnails.

        `Catalog.sql` describes the arguments and errors.
        """
        return self._catalog().sql(query, parameters, as_of=as_of)

    def column(self, name: str, *, partitions: Sequence[str] | None = None) -> "MediaColumn":
        """Returns a column's fileurls, values and errors by row; files are opened one by one.

        Args:
            name: The column's name.
            partitions: Only the rows of these; all by default.

        Raises:
            UnknownNameError: The column does not exist, or was never materialized.
        """
        self.select_names((name,))
        return self._catalog().column(self.name, name, partitions=partitions)

    def dataset(
        self, *columns: str, where: str | None = None, nulls: bool = False
    ) -> "MediaDataset":
        """Returns the rows of some columns as they are now, for a training loop.

        `Catalog.dataset` describes the arguments and errors.
        """
        self.select_names(columns or None)
        return self._catalog().dataset(self.name, *columns, where=where, nulls=nulls)

    def export(
        self,
        columns: str | Sequence[str],
        folder: str | Path,
        *,
        format: "ExportFormat" = "files",  # noqa: A002  the word of the command
        where: str | None = None,
        rows_per_tar: int = 1_000,
        replace: bool = False,
    ) -> "Exported":
        """Writes files to a folder for other programs, as `media-assets export` does.

        Rows without a cell are left out and counted. Files that are there with the same content
        stay, and nothing is deleted. A file that cannot be read or written raises nothing.

        Args:
            columns: A column with files, or with `webdataset` several columns of any type.
            folder: A local folder, made if it is missing.
            format: `"files"` for a file per row, under the row's name, or `"webdataset"` for tars.
            where: Only rows for which this is true, in SQL, as for `dataset`.
            rows_per_tar: The number of rows in a tar.
            replace: Replace files of the same name and other content, which are else left and told.

        Returns:
            A report, which a notebook shows.

        Raises:
            UnknownNameError: A column does not exist, or was never materialized.
            DeclarationError: An option has a value that is not accepted.
            QueryError: `where` cannot be understood.
            ExportColumnsError: A plain folder cannot hold these columns.
            ExportFolderError: The folder is a URI, or the path of a file.
            StoreFaultError: The disk is full, the folder is not writable, or a storage fails.
            KeyboardInterrupt: It was interrupted; the next one continues.
        """
        from media_assets.verbs.export import ExportOptions, export

        names = listed(columns)
        self.select_names(tuple(names))
        options = ExportOptions(format, where, rows_per_tar, replace)
        with running("export"):
            return export(self._catalog(), self.name, names, folder, options)

    def __repr__(self) -> str:
        """Returns the schema: the type, inputs, destination and description of each column."""
        return schema_text(self)

    def _repr_html_(self) -> str:
        return schema_html(self)

    def _location(self) -> "Location":
        from media_assets.verbs.location import location_of

        return location_of(self)

    def _catalog(self) -> "Catalog":
        return self._location().catalog
