"""DuckDB connections for this package's own queries.

DuckDB takes a tenth of a second to import, so the first connection does that.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect(*, threads: int | None = None) -> "duckdb.DuckDBPyConnection":
    """Returns a connection with its own temporary views; close it after use.

    All connections of a process share one empty database in memory, which takes 15 ms to make.

    Args:
        threads: How many threads a query uses, each with about 15 MB; None for all cores.
    """
    return _database(os.getpid(), threads).cursor()


def quote_name(name: str) -> str:
    """Returns a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Returns a text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _database(process_id: int, threads: int | None) -> "duckdb.DuckDBPyConnection":
    """Returns the database of a process; a forked one must not use its parent's threads."""
    import duckdb  # noqa: PLC0415  slow to import

    del process_id
    return duckdb.connect(config={} if threads is None else {"threads": threads})
