"""Rows of a table from data: inserted with their files and values, or given other values."""

from media_assets.columns import declared_types
from media_assets.installation import Installation
from media_assets.row_names import Naming
from media_assets.tables.row_values import RowsUpdated
from media_assets.tables.scanning import record
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import table_reader
from media_assets.uploads.folders import Found
from media_assets.uploads.given_rows import GivenRows, find_sources
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.row_data import RowData
from media_assets.uploads.row_values import find_rows, update_rows
from media_assets.uploads.stored_table import StoredTable


def given_rows(
    table: MediaTable, data: object, *, naming: Naming | None = None, ignores_others: bool = False
) -> GivenRows:
    """Opens data as rows of a table; `MediaTable.insert` describes it.

    Args:
        table: The table.
        data: The data.
        naming: How rows without a name are named; as the table says by default.
        ignores_others: Whether further columns are passed over.

    Raises:
        RowDataError: The data cannot be read as rows.
    """
    return GivenRows(
        RowData.of(data),
        table.name,
        table.values,
        naming=naming or table.naming,
        ignores_others=ignores_others,
    )


def insert_given(
    installation: Installation,
    table: MediaTable,
    rows: GivenRows,
    *,
    replaces: bool = False,
    stored: StoredTable | None = None,
) -> RecordingResult:
    """Records rows with their files and values, after checking all of them; computes nothing.

    They are recorded some thousand at a time, so that a million of them take little memory; an
    insert that is interrupted goes on when it is repeated, since what is recorded already is
    unchanged.

    Raises:
        RowValueError: Values are of a wrong type, or missing.
        UploadConflictError: Names are taken by other content; the text says how many rows are
            recorded.
        StoreFaultError: A storage fails; likewise.
    """
    rows.check()
    stored = stored or stored_table(installation.catalog, table)
    reader = table_reader(installation, table)
    total, done = RecordingResult(), 0
    for chunk in rows.chunks():
        found = Found(tuple(find_sources(chunk, reader)))
        of_chunk = record(
            installation,
            table,
            found,
            is_named=True,
            replaces=replaces,
            stored=stored,
            recorded=done,
        )
        total, done = _add(total, of_chunk), done + len(chunk)
    return total


def given_changes(table: MediaTable, data: object, *, ignores_others: bool = False) -> GivenRows:
    """Opens data as other values of rows, with the columns `row` and those of the values."""
    return GivenRows(
        RowData.of(data),
        table.name,
        table.values,
        needs_source=False,
        ignores_others=ignores_others,
    )


def update_given(installation: Installation, table: MediaTable, rows: GivenRows) -> RowsUpdated:
    """Records other values of rows, after checking all of them; computes nothing.

    Raises:
        RowValueError: Values are of a wrong type, or null where that is not declared.
        UnknownRowsError: There is no such row; nothing was recorded.
    """
    stored = stored_table(installation.catalog, table)
    rows.check()
    for chunk in rows.chunks():
        find_rows(stored, [row.row for row in chunk])
    types = declared_types(table.values)
    updated, partitions, names = 0, set[str](), set[str]()
    for chunk in rows.chunks():
        texts = {row.row: row.values for row in chunk}
        count, of_chunk = update_rows(stored, texts, types=types)
        updated += count
        partitions |= of_chunk
        names.update(name for given in texts.values() for name in given)
    return RowsUpdated(updated, tuple(sorted(partitions)), frozenset(names))


def _add(total: RecordingResult, more: RecordingResult) -> RecordingResult:
    return RecordingResult(
        new=total.new + more.new,
        replaced=total.replaced + more.replaced,
        changed=total.changed + more.changed,
        moved=total.moved + more.moved,
        updated=total.updated + more.updated,
        unchanged=total.unchanged + more.unchanged,
        conflicts=(*total.conflicts, *more.conflicts),
        partitions=tuple(dict.fromkeys([*total.partitions, *more.partitions])),
    )
