"""Errors of trials, and of cells that are accepted as they are."""

from collections.abc import Mapping, Sequence

from media_assets.amounts import amount
from media_assets.errors.base import MediaAssetsError


class NothingToTryError(MediaAssetsError, LookupError):
    """A trial without rows."""

    def __init__(self, table: str, *, where: str | None) -> None:
        among = "" if where is None else f" for which this is true: {where}"
        super().__init__(
            f"Table {table!r} has no rows{among}. Nothing was tried.",
            accepted="A table with rows, and a condition that some of them meet.",
            fix=f"Insert files first: media-assets insert {table} FILE"
            if where is None
            else "Correct the condition, or drop it to try a sample of all rows.",
        )


class NothingToCompareError(MediaAssetsError, LookupError):
    """A column that has no cells yet, so that nothing can be compared or accepted."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(
            f"Column {table}/{column} has no cells yet. Nothing was changed.",
            accepted="A column that was materialized: its new cells are compared with these.",
            fix=f"Materialize it first: media-assets materialize {table} --columns {column}",
        )


class AmbiguousColumnError(MediaAssetsError, ValueError):
    """Columns that several tables have."""

    def __init__(self, columns: Sequence[str], tables: Sequence[str]) -> None:
        super().__init__(
            f"Column {', '.join(columns)} is named of several tables: {', '.join(tables)}.",
            accepted="Columns of one table at a time.",
            fix=f"Name it: --table {tables[0]}",
        )


class MisplacedRowsError(MediaAssetsError, ValueError):
    """A table whose rows are partly in partitions that it no longer has."""

    def __init__(self, told: str) -> None:
        super().__init__(
            "The table's partitions have changed, and nothing was done.",
            accepted="A table all of whose rows are in its current partitions.",
            fix=told,
        )


class NotAcceptableError(MediaAssetsError, ValueError):
    """Standing cells that cannot count as made by the current code."""

    def __init__(self, column: str, *, problem: str, accepted: str, fix: str) -> None:
        super().__init__(
            f"The cells of column {column} were not accepted: {problem}.",
            accepted=accepted,
            fix=fix,
        )

    @classmethod
    def untried(cls, table: str, name: str) -> "NotAcceptableError":
        """Returns the error of a column whose current code nobody tried."""
        return cls(
            f"{table}/{name}",
            problem="nobody has tried its current code here, and no reason was given",
            accepted="Code that was tried on some rows, or a reason, which the history keeps.",
            fix=f"Try it first: media-assets try {name}. Or say why: media-assets accept {name} "
            '--because "renamed a variable"',
        )

    @classmethod
    def several_versions(cls, column: str, cells: Mapping[str, int]) -> "NotAcceptableError":
        """Returns the error of cells that were made by several earlier versions of the code."""
        told = ", ".join(f"{version} ({amount(n, 'cell')})" for version, n in cells.items())
        newest = next(iter(cells))
        return cls(
            column,
            problem=f"they are of {len(cells)} earlier code versions: {told}",
            accepted="Cells of one earlier version at a time: what is true of one may be false of "
            "another.",
            fix=f"Name it: --version {newest}. The others stay stale.",
        )
