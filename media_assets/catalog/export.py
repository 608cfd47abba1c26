"""The result of a query as a file, written by DuckDB."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import duckdb

from media_assets.errors import ExportFormatError
from media_assets.records.database import quote_text

_OPTIONS = {
    ".csv": "format csv, header",
    ".parquet": "format parquet, compression zstd",
    ".jsonl": "format json",
}
"""DuckDB's options by the ending of the file."""


def output_paths(path: Path) -> list[str]:
    """Returns the paths that DuckDB writes for a file, including its temporary one."""
    return [str(path), str(path.with_name(f"tmp_{path.name}"))]


def write_result(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object], path: Path
) -> int:
    """Writes the result of a query to a file, and returns its number of rows.

    Raises:
        ExportFormatError: The file's name does not end in `.csv`, `.parquet` or `.jsonl`.
    """
    options = _OPTIONS.get(path.suffix.lower())
    if options is None:
        raise ExportFormatError(str(path), known=_OPTIONS)
    # On its own lines, so that a comment at the end of the query hides nothing.
    statement = (
        f"copy (\n{query.strip().rstrip(';')}\n) "
        f"to {quote_text(str(path))} ({options}, use_tmp_file true)"
    )
    return cast("int", connection.execute(statement, list(parameters)).fetchall()[0][0])
