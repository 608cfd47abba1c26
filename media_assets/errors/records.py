"""Errors of the catalog: its files, and queries over it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from media_assets.amounts import list_some
from media_assets.errors.base import MediaAssetsError
from media_assets.masking import shorten


class UnknownRowsError(MediaAssetsError, LookupError):
    """Rows that a table does not have."""

    def __init__(self, table: str, rows: Sequence[str]) -> None:
        shown = list_some([repr(row) for row in rows])
        super().__init__(
            f"Table {table!r} has no row {shown}.",
            accepted="The full names of rows that have not been deleted.",
            fix=f"Look them up: media-assets show {table}. Nothing was changed.",
        )


class UnknownFileError(MediaAssetsError, LookupError):
    """A file that no table of the catalog has or had."""

    def __init__(
        self, file: str, *, tables: Iterable[str], catalog: str, like: Sequence[str] = ()
    ) -> None:
        shown = list_some(sorted(tables)) or "none yet"
        super().__init__(
            f"{file} is not a file of the catalog {catalog}: no table has it as a cell's file or "
            "as an upload, now or earlier." + "".join(f" {text}" for text in like),
            accepted=f"The files and uploads of its tables ({shown}), as long as a manifest "
            "that names them is kept.",
            fix="Check the path, or whether DAGSTER_HOME names another catalog.",
        )

    def _render_traceback_(self) -> list[str]:
        """The text that a notebook shows: it is an answer, and needs no frames."""
        return [f"{type(self).__name__}: {self}"]


class FilesCollectedError(MediaAssetsError, FileNotFoundError):
    """An earlier manifest with files that were deleted or changed."""

    def __init__(self, column: str, number: int, rows: Sequence[str]) -> None:
        shown = list_some([repr(row) for row in rows])
        super().__init__(
            f"Manifest {number} of column {column!r} cannot be restored: the files of some "
            f"rows were deleted or changed: {shown}.",
            accepted="A manifest can be restored as long as all its files are unchanged.",
            fix="Restore a later one, or materialize the column again. Nothing was changed.",
        )


class HistoryCollectedError(MediaAssetsError, LookupError):
    """A time whose manifests are no longer kept."""

    def __init__(self, column: str, partition: str, moment: datetime) -> None:
        super().__init__(
            f"The state of {column} in partition {partition!r} at {moment.isoformat()} is not "
            "known any more: its manifests of that time were deleted.",
            accepted="Manifests are kept as long as `media-assets gc --keep` says.",
            fix="Ask for a later time; `media_assets.history` lists the manifests that are kept.",
        )


class ManifestFormatError(MediaAssetsError, ValueError):
    """A manifest or upload log that this version cannot read."""

    def __init__(self, found: object, *, supported: int, key: str) -> None:
        super().__init__(
            f"The catalog's file {key!r} has format version {found!r}.",
            accepted=f"This version of media-assets reads versions 1 to {supported}.",
            fix="Upgrade media-assets where this runs, or restore the file if it is damaged.",
        )


class DamagedRecordError(ManifestFormatError):
    """A file of the catalog that is not as it was written, or is none."""

    def __init__(self, key: str) -> None:
        super(ManifestFormatError, self).__init__(
            f"The catalog's file {key!r} is damaged.",
            accepted="A file of the catalog is read as it was written, or not at all.",
            fix="Restore it from a backup, or move it away and make its cells again: see "
            "'A file of the catalog is damaged' in docs/runbook.md.",
        )


class InputNotMaterializedError(MediaAssetsError, LookupError):
    """A column whose input is not materialized in this partition."""

    def __init__(self, *, column: str, reads: str, partition: str) -> None:
        super().__init__(
            f"Column {column} reads {reads}, which is not materialized in partition "
            f"{partition!r} and not part of this run.",
            accepted="Inputs must be materialized before a column, or in the same run.",
            fix=f"Select {reads} too, or materialize it first.",
        )


class AssetValueError(MediaAssetsError, LookupError):
    """An asset in `ins=` whose value cannot be loaded."""

    def __init__(self, asset: str, *, column: str, problem: str, fix: str) -> None:
        super().__init__(
            f"Column {column} takes the value of asset {asset}, which {problem}.",
            accepted="An asset in ins= must be defined in the same code location, and materialized "
            "before the column.",
            fix=fix,
        )


class CorruptFileError(MediaAssetsError, ValueError):
    """A stored file whose bytes differ from those that were written."""

    def __init__(self, fileurl: str, expected: str | None, found: str) -> None:
        super().__init__(
            f"{fileurl} has changed: its digest is {found[:16]}, and {str(expected)[:16]} was "
            "recorded.",
            accepted="Stored files must not be changed.",
            fix="Rematerialize the column that wrote it with force: true.",
        )


class QueryError(MediaAssetsError, ValueError):
    """A query that DuckDB cannot run."""

    def __init__(self, query: str, reason: str, *, tables: Iterable[str]) -> None:
        super().__init__(
            f"The query {shorten(query)!r} failed: {reason.strip()}",
            accepted=f"DuckDB's SQL over {', '.join(sorted(tables)) or 'no table yet'}, "
            "media_assets.files, media_assets.errors, media_assets.materializations and "
            "media_assets.history.",
            fix="Fix the query. A column appears after its first materialization.",
        )


class QueryRefusedError(QueryError, PermissionError):
    """A query that does more than read the catalog."""

    def __init__(self, query: str, reason: str) -> None:
        MediaAssetsError.__init__(
            self,
            f"The query {shorten(query)!r} was refused: {reason.strip()}",
            accepted="A query may read the catalog, with SELECT, DESCRIBE, SHOW, SUMMARIZE, or "
            "EXPLAIN of one of these. It may not change settings, read other files or write files.",
            fix="To write rows to a file, use --output or `Catalog.export`. To allow everything "
            "that DuckDB can do, use --open or `Catalog.open(external_access=True)`.",
        )


class ExportFormatError(MediaAssetsError, ValueError):
    """An export file whose name does not end in a known format."""

    def __init__(self, path: str, *, known: Iterable[str]) -> None:
        super().__init__(
            f"The name of the export file {path!r} does not end in a known format.",
            accepted=f"Names that end in {', '.join(known)}.",
            fix="Name it, for example, photos.parquet.",
        )


class ExportFolderError(MediaAssetsError, ValueError):
    """A folder that files cannot be exported to."""

    def __init__(self, folder: str, *, problem: str) -> None:
        super().__init__(
            f"The folder {folder!r} {problem}.",
            accepted="A folder of this machine, which may exist and hold other files.",
            fix="Name another folder. To have a column's files in a bucket, set its destination.",
        )


class ExportColumnsError(MediaAssetsError, ValueError):
    """Columns that cannot be exported as a plain folder of files."""

    def __init__(self, table: str, columns: Sequence[str], *, problem: str) -> None:
        shown = ", ".join(columns)
        super().__init__(
            f"Of {table!r}, {shown} cannot be exported as plain files: {problem}.",
            accepted="One column with files; with the format webdataset, columns of any types.",
            fix="Export each column with files to a folder of its own, and values to a file: "
            f'media-assets sql "from {table}" -o values.csv',
        )


class PackageMissingError(MediaAssetsError, ImportError):
    """A package that is needed and not installed."""

    def __init__(self, package: str, *, what: str) -> None:
        super().__init__(
            f"{what} needs the package {package!r}, which is not installed.",
            accepted="media-assets does not install it by itself.",
            fix=f"Install it: pip install {package}",
        )
