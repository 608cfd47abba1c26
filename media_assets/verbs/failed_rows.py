"""The rows of a verb that have an error."""

from collections.abc import Iterable, Sequence

from media_assets.catalog import Catalog
from media_assets.errors import InputFailedError
from media_assets.verbs.report import CellError

_SHOWN_ERRORS = 5


def failed_rows(
    catalog: Catalog, table: str, named: Iterable[Sequence[str]]
) -> tuple[int, tuple[CellError, ...]]:
    """Returns how many rows have an error, and the first cells; rows come some at a time."""
    count, cells = 0, list[CellError]()
    for rows in named:
        failed = catalog.error_rows(table, rows)
        count += failed
        if failed and len(cells) < _SHOWN_ERRORS:
            cells += _failed_cells(catalog, table, rows)
    return count, tuple(cells[:_SHOWN_ERRORS])


def _failed_cells(catalog: Catalog, table: str, rows: Sequence[str]) -> tuple[CellError, ...]:
    found = catalog.answer(
        'select row, "column", error_message from media_assets.errors '
        'where "table" = ? and list_contains(?, row) '
        'order by error_class = ?, row, "column" limit ?',
        [table, list(rows), InputFailedError.__name__, _SHOWN_ERRORS],
    )
    return tuple(CellError(*map(str, values)) for values in found.rows)
