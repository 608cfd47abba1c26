"""A DuckDB connection with only the views and functions that one query may refer to."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

from media_assets.catalog.functions import FileFunctions
from media_assets.catalog.history import history
from media_assets.catalog.newest_manifests import CatalogFiles, Newest
from media_assets.catalog.queries import SCHEMA, Query, parse_query
from media_assets.catalog.views import TableSources, make_overviews, make_table_view
from media_assets.errors import QueryError, QueryRefusedError
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot

_CONFIG = {"python_enable_replacements": "false"}
"""A name in a query never refers to a Python variable."""
_SCHEMAS = ("", "main", "temp")
"""The schemas in which a name may refer to a table's view."""
_CTRL_C = "Query interrupted"


@contextmanager
def session(
    root: CatalogRoot,
    files: CatalogFiles,
    reader: Reader,
    query: str,
    *,
    external_access: bool = False,
    writes: Sequence[str] = (),
    read: list[TableSources] | None = None,
) -> Generator[duckdb.DuckDBPyConnection]:
    """Gives a connection that can run a query; it is closed afterwards.

    Args:
        root: The catalog's root.
        files: The catalog's files, as they are or were.
        reader: Signs URLs, and finds files.
        query: The query, which decides which views there are.
        external_access: Whether it may do all that DuckDB can. Otherwise it may only read, and only
            the catalog's files of its tables.
        writes: The files that the caller writes.
        read: Gets the sources of the query's views.

    Raises:
        QueryRefusedError: It does more than read the catalog.
        QueryError: DuckDB cannot run it, or was interrupted.
        ManifestFormatError: An entry of an upload log is damaged; DuckDB would not say which.
        KeyboardInterrupt: Ctrl-C.
    """
    functions = FileFunctions(reader)
    tables: set[str] = set()
    # A separate database: whatever a query creates or sets is gone with it.
    with duckdb.connect(config={**_CONFIG}) as connection:
        try:
            meant = parse_query(connection, query, external_access=external_access)
            if meant.is_empty:
                raise QueryError(query, "it is empty.", tables=files.tables())
            if meant.refused and not external_access:
                raise QueryRefusedError(query, meant.refused)
            functions.add_to(connection, query)
            functions.read += _make_views(connection, root, files, meant, tables)
            if read is not None:
                read += functions.read
            if not external_access:
                paths = (path for read in functions.read for path in read.paths())
                _close(connection, [*paths, *writes])
            yield connection
        except duckdb.Error as error:
            if isinstance(error, duckdb.PermissionException) and not external_access:
                raise QueryRefusedError(query, str(error)) from error
            if functions.failure is not None:
                raise functions.failure from error
            files.check_after(error, tables)
            raise QueryError(query, str(error), tables=files.tables()) from error
        except RuntimeError as error:
            if str(error) == _CTRL_C:
                raise KeyboardInterrupt from error
            raise


def _make_views(
    connection: duckdb.DuckDBPyConnection,
    root: CatalogRoot,
    files: CatalogFiles,
    meant: Query,
    made: set[str],
) -> Iterator[TableSources]:
    """Makes the views of a query, adds their tables to those made, and yields what they read.

    A view opens its files, so only those that a query may refer to are made.
    """
    names = {name for schema, name in meant.tables if schema.lower() in _SCHEMAS}
    overviews = {name.lower() for schema, name in meant.tables if schema.lower() == SCHEMA}
    found = None if overviews else _find_tables(files, names, meant.columns)
    if found is None:
        listings = files.tables()
        if overviews:
            made |= set(listings)
            all_files = {table: files.of_table(table, listings[table]) for table in listings}
            make_overviews(connection, all_files)
            yield from all_files.values()
        if "history" in overviews:  # it reads every manifest
            connection.register("_history", history(root))
            connection.execute(f"create view {SCHEMA}.history as from _history")
        found = _among(files, listings, names, meant.columns)
    made |= set(found)
    for table, of_table in found.items():
        make_table_view(connection, table, of_table)
        yield of_table


def _find_tables(
    files: CatalogFiles, names: Iterable[str], columns: frozenset[str] | None
) -> dict[str, TableSources] | None:
    """Looks up the tables with exactly these names; None unless all exist."""
    tables: dict[str, TableSources] = {}
    for name in names:
        found = files.find_table(name, columns)
        if found is None:
            return None
        tables[name] = found
    return tables


def _among(
    files: CatalogFiles,
    listings: Mapping[str, Newest],
    names: set[str],
    columns: frozenset[str] | None,
) -> dict[str, TableSources]:
    """Returns the tables with these names in any case.

    DuckDB ignores case: of names that differ only by case, the one in the query is used.
    """
    in_lower_case = {name.lower() for name in names}
    by_case = sorted(listings, key=lambda table: table in names)
    tables = {table.lower(): table for table in by_case if table.lower() in in_lower_case}
    read: dict[str, TableSources] = {}
    for table in tables.values():
        newest = listings[table]
        asked = {c: newest[c] for c in newest if columns is None or c.lower() in columns}
        read[table] = files.of_table(table, asked)
    return read


def _close(connection: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Restricts a connection to these files, for good."""
    if listed := list(paths):
        connection.execute("set allowed_paths = ?", [listed])
    connection.execute("set enable_external_access = false; set lock_configuration = true")
