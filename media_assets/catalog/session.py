"""A connection to DuckDB with the views and functions that one query can mean."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

import duckdb

from media_assets.catalog.files import CatalogFiles, Newest
from media_assets.catalog.functions import FileFunctions
from media_assets.catalog.history import history
from media_assets.catalog.queries import named_columns, named_tables
from media_assets.catalog.views import make_overviews, make_table_view
from media_assets.errors import QueryError
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Storage

_CONFIG = {"python_enable_replacements": "false"}
"""A name in a query is never a variable of this program."""
_OF_FILES = (
    duckdb.Error,
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
)
"""What DuckDB raises for a damaged file, among others."""
_CTRL_C = "Query interrupted"


@contextmanager
def session(
    root: CatalogRoot, files: CatalogFiles, storage: Storage, query: str
) -> Generator[duckdb.DuckDBPyConnection]:
    """Gives a connection on which a query can run; it is closed afterwards.

    Raises:
        QueryError: DuckDB cannot run it, or was interrupted.
        ManifestFormatError: An entry of an upload log is damaged; DuckDB would not say which.
        KeyboardInterrupt: Ctrl-C.
    """
    text = query.lower()
    # A view costs the opening of its files, so only what a query can mean is made.
    wants_overviews = "media_assets" in text
    functions = FileFunctions(storage)
    # A database of its own: what a query makes or sets is gone with it.
    with duckdb.connect(config={**_CONFIG}) as connection:
        named = named_columns(connection, query)
        tables = None if wants_overviews else _listed(files, named_tables(connection, query), named)
        listings = files.tables() if tables is None else tables
        functions.add_to(connection, query)
        try:
            if wants_overviews:
                overviewed = {table: files.of_table(table, listings[table]) for table in listings}
                make_overviews(connection, overviewed)
            if wants_overviews and "history" in text:
                connection.register("_history", history(root))
                connection.execute("create view media_assets.history as from _history")
            for table in _tables_meant(query, listings) if tables is None else tables:
                newest = listings[table]
                read = {c: newest[c] for c in newest if named is None or c in named}
                make_table_view(connection, table, files.of_table(table, read))
            if not connection.extract_statements(query):
                raise QueryError(query, "it is empty.", tables=listings)
            yield connection
        except duckdb.Error as error:
            if functions.failure is not None:
                raise functions.failure from error
            if type(error) in _OF_FILES:
                files.check_logs(listings)
            raise QueryError(query, str(error), tables=files.tables()) from error
        except RuntimeError as error:
            if str(error) == _CTRL_C:
                raise KeyboardInterrupt from error
            raise


def _listed(
    files: CatalogFiles, names: Iterable[str], columns: frozenset[str] | None
) -> dict[str, Newest] | None:
    """The tables of these very names, listed each by itself; None unless all are there."""
    listings: dict[str, Newest] = {}
    for name in names:
        newest = files.table(name, columns)
        if newest is None:
            return None
        listings[name] = newest
    return listings or None


def _tables_meant(query: str, tables: Iterable[str]) -> list[str]:
    """The tables that a query can mean.

    Names that differ by case alone are one to DuckDB: the one that stands in the query counts.
    """
    text = query.lower()
    by_case = sorted(tables, key=lambda table: table in query)
    return list({table.lower(): table for table in by_case if table.lower() in text}.values())
