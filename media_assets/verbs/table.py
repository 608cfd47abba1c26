"""The public `MediaTable`: a declared table with the verbs as its methods.

A method imports its verb when it is called, so that a code location loads fast.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.verbs.given import ArrowTable, Source, Values
from media_assets.verbs.readable_table import ReadableTable
from media_assets.verbs.running import listed, running

if TYPE_CHECKING:
    from media_assets.trials.columns import RowFunction
    from media_assets.verbs.accept import Accepted
    from media_assets.verbs.delete import Deleted
    from media_assets.verbs.insert import Inserted
    from media_assets.verbs.materialize import Materialized
    from media_assets.verbs.scan import Scanned
    from media_assets.verbs.try_out import Tried
    from media_assets.verbs.update import Updated


class MediaTable(ReadableTable):
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
            columns=None if columns is None else tuple(listed(columns)),
            name=name,
            name_by=name_by,
            all_files=all_files,
            replaces=replace,
            follow_links=follow_links,
            values=values or {},
            data=rows,
            ignores_others=ignore_columns,
        )
        with running("insert") as caller:
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
        with running("update") as caller:
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
            partitions=listed(partitions),
            states=listed(state),
            force=force,
        )
        location = self._location()
        with running("materialize") as caller:
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

    def try_out(
        self,
        *columns: "str | RowFunction",
        rows: int = 200,
        where: str | None = None,
        folder: str | Path | None = None,
    ) -> "Tried":
        """Makes cells of some rows, and compares them with those that stand, as `media-assets try`.

        Columns that are made from these are made, too. Nothing is kept but a page, which shows
        each cell before and after, and the difference.

        Args:
            columns: Columns by name, or row functions. A function that is not declared takes the
                place of the column with its name, or is tried as a new column.
            rows: How many rows are made: a few from many partitions, error rows among them.
            where: Only rows for which this is true, in SQL, as for `dataset`.
            folder: The folder of the page; below the home by default.

        Returns:
            A report, which a notebook shows.

        Raises:
            UnknownNameError: A column does not exist.
            DeclarationError: A function cannot be a row function, or takes an unknown resource.
            NothingToCompareError: A column has no cells yet.
            NothingToTryError: The table has no such rows.
            MisplacedRowsError: The table's partitions have changed.
            QueryError: `where` cannot be understood.
            GalleryFolderError: The folder holds other files.
        """
        from media_assets.verbs.try_out import TryOptions, try_out

        options = TryOptions(rows=rows, where=where, folder=Path(folder) if folder else None)
        with running("try_out"):
            return try_out(self._location(), self, columns, options)

    def accept(
        self, column: str, *, because: str | None = None, version: str | None = None
    ) -> "Accepted":
        """Lets the cells that stand count as made by the current code, as `media-assets accept`.

        Args:
            column: The column.
            because: Why, for the history; needed unless the current code was tried here.
            version: Only cells that this code version made, if several made some.

        Returns:
            A report, which a notebook shows.

        Raises:
            UnknownNameError: The column does not exist, or no cell is of this code version.
            NothingToCompareError: The column has no cells yet.
            MisplacedRowsError: The table's partitions have changed.
            NotAcceptableError: Nobody tried the code, or it returns another type or reads other
                columns, or the cells are of several versions and none is named.
        """
        from media_assets.verbs.accept import accept_cells

        return accept_cells(self._location(), self, column, because=because, version=version)
