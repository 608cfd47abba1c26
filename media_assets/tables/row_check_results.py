"""Results of user-defined asset checks, row by row."""

from collections.abc import Iterable, Iterator
from itertools import islice

import dagster as dg

from media_assets import metadata
from media_assets.catalog.live_manifests import live_manifests
from media_assets.errors import StoreFaultError
from media_assets.installation import Installation
from media_assets.media_column import MediaColumn
from media_assets.tables.row_checks import RowCheck
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.values import as_argument


def row_check_result(
    installation: Installation, table: MediaTable, check: RowCheck, column: str, partition: str
) -> dg.AssetCheckResult:
    """Calls a check for each row of a partition, and returns its overall result.

    Rows are skipped if a column that the check reads has no cell there, or an error.

    Raises:
        StoreFaultError: The storage of a file that it reads cannot be reached.
    """
    failing: list[dg.TableRecord] = []
    rows = 0
    for row, cells in _rows(installation, table, check, partition):
        rows += 1
        problem = _problem(check, row, cells)
        if problem is not None:
            shown = {name: str(v) for name, v in cells.items() if isinstance(v, _SHOWABLE)}
            failing.append(dg.TableRecord({"row": row, **shown, "problem": problem}))
    return dg.AssetCheckResult(
        passed=not failing,
        asset_key=table.asset_key(column),
        check_name=check.name,
        severity=check.severity,
        description=f"{len(failing)} of {rows} rows in partition {partition} fail.",
        metadata={metadata.ROWS: rows, **failing_rows(failing)},
    )


def failing_rows(rows: Iterable[dg.TableRecord]) -> dict[str, dg.MetadataValue]:
    """Returns the first failing rows as a table under its metadata key, if there are any."""
    shown = list(islice(rows, metadata.SHOWN))
    return {metadata.FAILING_ROWS: dg.MetadataValue.table(shown)} if shown else {}


_SHOWABLE = (bool, int, float, str)


def _rows(
    installation: Installation, table: MediaTable, check: RowCheck, partition: str
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yields each row that has all cells, with the cells; files one row at a time."""
    stored = stored_table(installation.catalog, table)
    columns = {
        name: MediaColumn(live_manifests(stored, name, [partition]), installation.reader)
        for name in check.input_types
    }
    values = {
        name: columns[name].fileurl if kind.is_medium else columns[name].value
        for name, kind in check.input_types.items()
    }
    first, *others = values.values()
    for row in first:
        if all(row in other for other in others):
            yield (
                row,
                {
                    name: columns[name].open(row)
                    if kind.is_medium
                    else as_argument(values[name][row], kind)
                    for name, kind in check.input_types.items()
                },
            )


def _problem(check: RowCheck, row: str, cells: dict[str, object]) -> str | None:
    """Returns why a row fails; None if it passes."""
    arguments = {**cells, "row": row} if check.takes_row else cells
    try:
        is_fine = check.function(**arguments)
    except StoreFaultError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a user's function raises is its rows' problem
        return f"{type(error).__name__}: {error}"
    return None if is_fine else f"{check.name} returned {is_fine}"
