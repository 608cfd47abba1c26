"""The public `MediaTable`: a declared table with the verbs as its methods.

A method imports its verb when it is called, so that a code location loads fast.
"""

import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.standard_error import tell
from media_assets.tables import table
from media_assets.verbs.given import ArrowTable, Source, Values
from media_assets.verbs.schema import schema_html, schema_text

if TYPE_CHECKING:
    from media_assets.catalog import Catalog
    from media_assets.catalog.frame import MediaFrame
    from media_assets.exports import MediaDataset
    from media_assets.media_column import MediaColumn
    from media_assets.verbs.delete import Deleted
    from media_assets.verbs.export import Exported, ExportFormat
    from media_assets.verbs.insert import Inserted
    from media_assets.verbs.location import Location
    from media_assets.verbs.materialize import Materialized
    from media_assets.verbs.runs import Caller
    from media_assets.verbs.scan import Scanned
    from media_assets.verbs.update import Updated


class MediaTable(table.MediaTable):
    """A table of media: rows are uploads, columns are Dagster assets.

    In a Dagster project, give it to `build_defs`. In a notebook or a script, its methods start
    Dagster runs in this process.

    Examples:
        >>> import media_assets as ma
        >>> photos = ma.MediaTable("photos")
        >>> @photos.computed_column()
        ... def flipped(source_image: ma.Image) -> ma.Image:
        ...     return ma.transforms.flip(source_image)
        >>> photos
        MediaTable 'photos'
        column        type   reads         description
        source_image  image                The uploaded images.
        flipped       image  source_image
    """

    def insert(  # noqa: PLR0913  the options of the verb
        self,
        sources: Source | Sequence[Source] | Values | Sequence[Values] | ArrowTable | None = None,
        *,
        data: str | Path | Values | Sequence[Values] | ArrowTable | None = None,
        ignore_columns: bool = False,
        values: Values | None = None,
        columns: Sequence[str] | None = None,
        name: str | None = None,
        name_by: str | None = None,
        all_files: bool = False,
        replace: bool = False,
        follow_links: bool = False,
    ) -> "Inserted":
        """Inserts files or rows of data, and materializes their columns, as `media-assets insert`.

        Cells that are up to date are not computed again. A row that fails becomes an error row and
        raises nothing.

        Args:
            sources: A file, a folder (its media, also from subfolders), an http(s) URL, a
                file or prefix in storage such as `s3://bucket/prefix/`, or a list of these. Or
                rows of data: a pandas DataFrame, whose named index counts as a column, an Arrow
                table, anything that Arrow can read (Polars, DuckDB), a dict, or a list of dicts.
                Their columns are `source` (a path or URL), `row` (the name, which may be missing)
                and the table's row values. Paths are relative to the working directory.
            data: Instead of `sources`, the path of a CSV, TSV, Parquet or JSON file with such
                rows; paths in it are relative to its folder. Or such rows.
            ignore_columns: Pass over further columns of the data.
            values: The row values of files, the same for all of them.
            columns: Materialize only the source and these columns; all by default.
            name: The row's name, if you insert a single file.
            name_by: How rows are named: `"path"`, `"url"`, `"stem"` or a template; by default, the
                table's own rule.
            all_files: Insert every file of a folder, whatever its extension.
            replace: Replace rows of the same name whose content came from another address.
            follow_links: Follow links in folders, even to other folders.

        Returns:
            A report, which a notebook shows.

        Raises:
            InsertSourceError: A source is something else.
            DeclarationError: Arguments do not go together.
            RowDataError: Data cannot be read as rows.
            RowValueError: Values are of a wrong type, or missing; the message names the first three
                rows, columns and values.
            UploadError: A file does not exist, two have the same name, or a name belongs to other
                content; nothing was recorded.
            RunFailedError: A run failed; the next insert continues with what it finished.
            KeyboardInterrupt: It was interrupted; the next insert continues with what it finished.
        """
        from media_assets.verbs.insert import InsertOptions, insert
        from media_assets.verbs.runs import raise_if_failed
        from media_assets.verbs.sources import check_data_options, split_sources

        files, rows = split_sources(sources, data)
        if rows is not None:
            check_data_options(name=name, values=values, all_files=all_files)
        options = InsertOptions(
            columns=None if columns is None else tuple(_listed(columns)),
            name=name,
            name_by=name_by,
            all_files=all_files,
            replaces=replace,
            follow_links=follow_links,
            values=values or {},
            data=rows,
            ignores_others=ignore_columns,
        )
        with _running("insert") as caller:
            done = insert(self._location(), self, files, options, caller)
        raise_if_failed(self.name, done.runs)
        return done

    def update(
        self,
        changes: Mapping[str, Values] | Sequence[Values] | ArrowTable | None = None,
        *,
        data: str | Path | Sequence[Values] | ArrowTable | None = None,
        ignore_columns: bool = False,
    ) -> "Updated":
        """Gives rows other values, and materializes the columns that depend on them.

        Values that are not named stay as they are, and so do the rows' files and partitions.

        Args:
            changes: The new values of each row by its name: `{"a.jpg": {"label": "cat"}}`. Or rows
                of data as `insert` takes them, with the columns `row` and those of the values to
                change.
            data: Instead of `changes`, the path of a file with such rows, or such rows.
            ignore_columns: Pass over further columns of the data.

        Returns:
            A report, which a notebook shows.

        Raises:
            UnknownRowsError: A row does not exist; nothing was recorded.
            UnknownNameError: The table has no such row value.
            UpdateError: The changes are something else.
            DeclarationError: Both `changes` and `data` are given, or neither.
            RowDataError: Data cannot be read as rows.
            RowValueError: Values are of a wrong type, or null where that is not declared; the
                message names the first three rows, columns and values.
            RunFailedError: A run failed; the next update or materialization continues there.
            KeyboardInterrupt: It was interrupted; likewise.
        """
        from media_assets.verbs.runs import raise_if_failed
        from media_assets.verbs.sources import changes_of
        from media_assets.verbs.update import update

        given = changes_of(changes, data)
        with _running("update") as caller:
            done = update(self._location(), self, given, caller, ignores_others=ignore_columns)
        raise_if_failed(self.name, done.runs)
        return done

    def materialize(
        self,
        *columns: str,
        partitions: str | Sequence[str] = (),
        state: str | Sequence[str] = (),
        force: bool = False,
    ) -> "Materialized":
        """Materializes columns of existing rows, as `media-assets materialize` does.

        Cells that are up to date are not computed again.

        Args:
            columns: Only these columns; all by default.
            partitions: Keys or ranges (`A...B`); all by default.
            state: Only partitions that are `failed`, `missing` or `stale`.
            force: Make every cell again, even if it is up to date.

        Returns:
            A report, which a notebook shows.

        Raises:
            UnknownNameError: A column or partition does not exist.
            RunFailedError: A run failed; the next one continues with what it finished.
            KeyboardInterrupt: It was interrupted; the next one continues with what it finished.
        """
        from media_assets.verbs.materialize import MaterializeOptions, materialize, select_work
        from media_assets.verbs.runs import raise_if_failed

        options = MaterializeOptions(
            columns=columns or None,
            partitions=_listed(partitions),
            states=_listed(state),
            force=force,
        )
        location = self._location()
        with _running("materialize") as caller:
            work = select_work(location, self, options)
            done = materialize(location, self, work, caller)
        raise_if_failed(self.name, done.runs)
        return done

    def scan(
        self, *, all_files: bool = False, replace: bool = False, follow_links: bool = False
    ) -> "Scanned":
        """Records new and changed uploads, and computes nothing, as `media-assets scan` does.

        Args:
            all_files: Record every file, whatever its extension.
            replace: Replace rows of the same name whose content came from another address.
            follow_links: Follow links, even to other folders.

        Raises:
            UploadError: The uploads location cannot be listed.
        """
        from media_assets.verbs.scan import scan

        return scan(
            self._location(),
            self,
            all_files=all_files,
            replaces=replace,
            follow_links=follow_links,
        )

    def delete(self, *rows: str) -> "Deleted":
        """Deletes rows, all or none.

        A deleted row stays deleted, even if its upload is still there, until the upload's content
        changes or an insert names it.

        Raises:
            UnknownRowsError: A row does not exist; nothing was deleted.
        """
        from media_assets.verbs.delete import delete

        return delete(self._location(), self, rows)

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
            ExportColumnsError: A plain folder cannot hold these columns.
            ExportFolderError: The folder is a URI, or the path of a file.
            StoreFaultError: The disk is full, the folder is not writable, or a storage fails.
            KeyboardInterrupt: It was interrupted; the next one continues.
        """
        from media_assets.verbs.export import ExportOptions, export

        names = _listed(columns)
        self.select_names(tuple(names))
        options = ExportOptions(format, where, rows_per_tar, replace)
        with _running("export"):
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


@contextmanager
def _running(verb: str) -> Generator["Caller"]:
    """Yields the caller of a verb, and shows the progress of its runs."""
    from media_assets.interruption import in_foreground
    from media_assets.verbs.progress import show_progress
    from media_assets.verbs.runs import Caller

    try:
        with in_foreground(), show_progress(), warnings.catch_warnings():
            # A notebook runs cells in an event loop, next to which Dagster cannot run its own.
            warnings.filterwarnings("ignore", "coroutine .*shutdown_asyncgens", RuntimeWarning)
            yield Caller(f"MediaTable.{verb}", tell)
    except KeyboardInterrupt:
        tell("Interrupted. Finished work is kept: call it again to continue.")
        raise


def _listed(texts: str | Sequence[str]) -> Sequence[str]:
    return (texts,) if isinstance(texts, str) else texts
