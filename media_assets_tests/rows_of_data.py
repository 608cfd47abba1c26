"""Rows of data, recorded as an insert and an update record them; nothing is computed."""

from media_assets.installation import Installation
from media_assets.row_names import Naming
from media_assets.tables.row_data import given_changes, given_rows, insert_given, update_given
from media_assets.tables.row_values import RowsUpdated
from media_assets.tables.table import MediaTable
from media_assets.uploads.recording import RecordingResult


def insert_rows(
    installation: Installation,
    table: MediaTable,
    data: object,
    *,
    naming: Naming | None = None,
    ignores_others: bool = False,
    replaces: bool = False,
) -> RecordingResult:
    rows = given_rows(table, data, naming=naming, ignores_others=ignores_others)
    return insert_given(installation, table, rows, replaces=replaces)


def update_from(
    installation: Installation, table: MediaTable, data: object, *, ignores_others: bool = False
) -> RowsUpdated:
    rows = given_changes(table, data, ignores_others=ignores_others)
    return update_given(installation, table, rows)
