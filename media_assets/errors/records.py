"""Errors of the catalog: its files, and queries over it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from media_assets.errors.base import MediaAssetsError

_SHOWN_NAMES = 20
_SHOWN_CHARACTERS = 200


class UnknownRowsError(MediaAssetsError, LookupError):
    """Rows that a table does not have."""

    def __init__(self, table: str, rows: Sequence[str]) -> None:
        """Takes the table and the names that are no rows of it."""
        shown = ", ".join(repr(row) for row in rows[:_SHOWN_NAMES])
        more = f", and {len(rows) - _SHOWN_NAMES} more" if len(rows) > _SHOWN_NAMES else ""
        super().__init__(
            f"Table {table!r} has no row {shown}{more}.",
            accepted="Rows that were uploaded and not deleted since, by their full names.",
            fix=f"Look them up: media-assets show {table}. Nothing was changed.",
        )


class FilesCollectedError(MediaAssetsError, FileNotFoundError):
    """An earlier manifest whose files are gone, or are not what they were."""

    def __init__(self, column: str, number: int, rows: Sequence[str]) -> None:
        """Takes the column, the manifest's number, and the rows whose files are gone."""
        shown = ", ".join(repr(row) for row in rows[:_SHOWN_NAMES])
        more = f", and {len(rows) - _SHOWN_NAMES} more" if len(rows) > _SHOWN_NAMES else ""
        super().__init__(
            f"Manifest {number} of column {column!r} cannot be restored: files are gone or were "
            f"changed in place, of row {shown}{more}.",
            accepted="A manifest is restored as long as all its files are there.",
            fix="Restore a later one, or materialize the column again; nothing was changed.",
        )


class HistoryCollectedError(MediaAssetsError, LookupError):
    """A time of which the catalog does not know any more how it was."""

    def __init__(self, column: str, partition: str, moment: datetime) -> None:
        """Takes what was asked for, and the time."""
        super().__init__(
            f"How {column} was in partition {partition!r} at {moment.isoformat()} is not known any "
            "more: its manifests of that time were collected.",
            accepted="As far back as `media-assets gc` was told to keep.",
            fix="Ask for a later time; `media_assets.history` lists what is there.",
        )


class ManifestFormatError(MediaAssetsError, ValueError):
    """A manifest or upload log that this version cannot read."""

    def __init__(self, found: object, *, supported: int, key: str) -> None:
        """Takes the format version found, the newest one supported, and the file's key."""
        super().__init__(
            f"The catalog's file {key!r} has format version {found!r}.",
            accepted=f"This version of media-assets reads versions 1 to {supported}.",
            fix="Upgrade media-assets where this runs, or restore the file if it is damaged.",
        )


class InputNotMaterializedError(MediaAssetsError, LookupError):
    """A selected column reads a column that has nothing in this partition."""

    def __init__(self, *, column: str, reads: str, partition: str) -> None:
        """Takes the asset names of both columns."""
        super().__init__(
            f"Column {column} reads {reads}, which is not materialized in partition "
            f"{partition!r} and not part of this run.",
            accepted="A column's inputs are materialized before it, or with it.",
            fix=f"Select {reads} too, or materialize it first.",
        )


class AssetValueError(MediaAssetsError, LookupError):
    """The value of an asset that a column takes cannot be had."""

    def __init__(self, asset: str, *, column: str, problem: str, fix: str) -> None:
        """Takes the asset, the column that takes its value, what is wrong, and what to do."""
        super().__init__(
            f"Column {column} takes the value of asset {asset}, which {problem}.",
            accepted="An asset in ins= is defined in the same code location, and materialized "
            "before the column.",
            fix=fix,
        )


class CorruptFileError(MediaAssetsError, ValueError):
    """A stored file's bytes are not those that were written."""

    def __init__(self, fileurl: str, expected: str | None, found: str) -> None:
        """Takes the file, and both SHA-256 digests."""
        super().__init__(
            f"The bytes of {fileurl} have digest {found[:16]}, and {str(expected)[:16]} is "
            "recorded.",
            accepted="Stored files are never changed.",
            fix="Rematerialize the column that wrote it with force: true.",
        )


class QueryError(MediaAssetsError, ValueError):
    """A query that DuckDB cannot run."""

    def __init__(self, query: str, reason: str, *, tables: Iterable[str]) -> None:
        """Takes the query, what DuckDB says, and the tables that there are."""
        shown = query if len(query) <= _SHOWN_CHARACTERS else query[:_SHOWN_CHARACTERS] + "..."
        super().__init__(
            f"The query {shown!r} failed: {reason.strip()}",
            accepted=f"DuckDB's SQL over {', '.join(sorted(tables)) or 'no table yet'}, "
            "media_assets.files, media_assets.errors, media_assets.materializations and "
            "media_assets.history.",
            fix="Mend the query; a column shows once it was materialized.",
        )


class QueryRefusedError(QueryError, PermissionError):
    """A query that does more than read the catalog."""

    def __init__(self, query: str, reason: str) -> None:
        """Takes the query, and what of it is refused."""
        shown = query if len(query) <= _SHOWN_CHARACTERS else query[:_SHOWN_CHARACTERS] + "..."
        MediaAssetsError.__init__(
            self,
            f"The query {shown!r} was refused: {reason.strip()}",
            accepted="A query reads the catalog: SELECT, DESCRIBE, SHOW, SUMMARIZE, and EXPLAIN of "
            "one of these. It changes no setting, reads no other file and writes none.",
            fix="To write rows to a file use --output, or `Catalog.export`. A query that you trust "
            "may do all that DuckDB can with --open, or `Catalog.open(external_access=True)`.",
        )


class ExportFormatError(MediaAssetsError, ValueError):
    """A file to export to, whose name says no format."""

    def __init__(self, path: str, *, known: Iterable[str]) -> None:
        """Takes the file, and the endings that name a format."""
        super().__init__(
            f"The file {path!r} has no ending that names a format to export to.",
            accepted=f"A file that ends in {', '.join(known)}.",
            fix="Name it like photos.parquet.",
        )
