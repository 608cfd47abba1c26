"""A connection to DuckDB with the views and functions that one query can mean."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

import duckdb

from media_assets.catalog.files import CatalogFiles, Newest
from media_assets.catalog.functions import FileFunctions
from media_assets.catalog.history import history
from media_assets.catalog.queries import named_columns, named_tables
from media_assets.catalog.views import TableFiles, make_overviews, make_table_view
from media_assets.errors import QueryError
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot

_CONFIG = {"python_enable_replacements": "false"}
"""A name in a query is never a variable of this program."""
_CTRL_C = "Query interrupted"


@contextmanager
def session(
    root: CatalogRoot, files: CatalogFiles, reader: Reader, query: str
) -> Generator[duckdb.DuckDBPyConnection]:
    """Gives a connection on which a query can run; it is closed afterwards.

    Raises:
        QueryError: DuckDB cannot run it, or was interrupted.
        ManifestFormatError: An entry of an upload log is damaged; DuckDB would not say which.
        KeyboardInterrupt: Ctrl-C.
    """
    # A view costs the opening of its files, so only what a query can mean is made.
    wants_overviews = "media_assets" in query.lower()
    functions = FileFunctions(reader)
    # A database of its own: what a query makes or sets is gone with it.
    with duckdb.connect(config={**_CONFIG}) as connection:
        columns = named_columns(connection, query)
        names = named_tables(connection, query)
        functions.add_to(connection, query)
        tables: dict[str, TableFiles] | None = None
        listings: dict[str, Newest] = {}
        try:
            if not wants_overviews:
                tables = _named(files, names, columns)
            if tables is None:
                listings = files.tables()
                if wants_overviews:
                    overviews = {t: files.of_table(t, listings[t]) for t in listings}
                    functions.read.extend(overviews.values())
                    _make_overviews(connection, root, overviews, query)
                tables = _meant(files, query, columns, listings)
            functions.read.extend(tables.values())
            for table, read in tables.items():
                make_table_view(connection, table, read)
            if not connection.extract_statements(query):
                raise QueryError(query, "it is empty.", tables=files.tables())
            yield connection
        except duckdb.Error as error:
            if functions.failure is not None:
                raise functions.failure from error
            files.check_after(error, listings if wants_overviews else tables or ())
            raise QueryError(query, str(error), tables=files.tables()) from error
        except RuntimeError as error:
            if str(error) == _CTRL_C:
                raise KeyboardInterrupt from error
            raise


def _make_overviews(
    connection: duckdb.DuckDBPyConnection,
    root: CatalogRoot,
    overviews: Mapping[str, TableFiles],
    query: str,
) -> None:
    make_overviews(connection, overviews)
    if "history" in query.lower():  # it reads every manifest
        connection.register("_history", history(root))
        connection.execute("create view media_assets.history as from _history")


def _named(
    files: CatalogFiles, names: Iterable[str], columns: frozenset[str] | None
) -> dict[str, TableFiles] | None:
    """The tables of these very names, looked for each by itself; None unless all are there."""
    tables: dict[str, TableFiles] = {}
    for name in names:
        found = files.named(name, columns)
        if found is None:
            return None
        tables[name] = found
    return tables or None


def _meant(
    files: CatalogFiles,
    query: str,
    columns: frozenset[str] | None,
    listings: Mapping[str, Newest],
) -> dict[str, TableFiles]:
    """The tables that a query can mean.

    Names that differ by case alone are one to DuckDB: the one that stands in the query counts.
    """
    text = query.lower()
    by_case = sorted(listings, key=lambda table: table in query)
    tables = {table.lower(): table for table in by_case if table.lower() in text}.values()
    read: dict[str, TableFiles] = {}
    for table in tables:
        newest = listings[table]
        asked = {c: newest[c] for c in newest if columns is None or c.lower() in columns}
        read[table] = files.of_table(table, asked)
    return read
