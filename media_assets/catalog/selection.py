"""The columns of a table that were ever materialized, with their types and fileurl kinds."""

from collections.abc import Sequence

from media_assets.catalog.newest_manifests import CatalogFiles, after_source
from media_assets.errors import UnknownNameError
from media_assets.records.manifests import Header


def select_columns(
    files: CatalogFiles, table: str, columns: Sequence[str] | None
) -> dict[str, Header]:
    """Returns the newest header of each column, in the table's order; None selects all columns.

    Raises:
        UnknownNameError: The table does not exist, or has no such materialized column.
    """
    values = files.value_headers(table)
    known = [*values, *(name for name in files.columns(table) if name not in values)]
    if not known and not files.log(table).partitions():
        raise UnknownNameError(
            kind="table", name=table, known=files.tables(), where="in the catalog"
        )
    for name in columns or ():
        if name not in known:
            where = f"among the materialized columns of {table!r}"
            raise UnknownNameError(kind="column", name=name, known=known, where=where)
    chosen = known if columns is None else columns
    headers = _headers(files, table, [name for name in chosen if name not in values])
    return after_source(headers, {name: values[name] for name in chosen if name in values})


def _headers(files: CatalogFiles, table: str, columns: Sequence[str]) -> dict[str, Header]:
    """Reads the headers of columns; the newest partition usually has them all."""
    newest = files.newest_in(table, columns, files.log(table).partitions()[-1:])
    for column in columns:
        if column not in newest:
            newest[column] = files.newest_of(table, column)
    return files.headers(newest)
