"""Connections to DuckDB for the queries of this package itself.

It is imported with the first connection: that takes a tenth of a second.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect(*, threads: int | None = None) -> "duckdb.DuckDBPyConnection":
    """Returns a connection whose temporary views nobody else sees; close it after use.

    All connections of a process share one empty database in memory: to make one takes 15 ms.

    Args:
        threads: How many work on a query, each with some 15 MB of its own; None for all cores.
    """
    return _database(os.getpid(), threads).cursor()


def quote_name(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _database(process_id: int, threads: int | None) -> "duckdb.DuckDBPyConnection":
    """The database of a process; one that was forked must not touch its parent's threads."""
    import duckdb  # noqa: PLC0415  slow to import

    del process_id
    return duckdb.connect(config={} if threads is None else {"threads": threads})
