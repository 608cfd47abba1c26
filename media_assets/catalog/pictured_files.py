"""The files that a frame shows, with what the catalog knows of each."""

from collections.abc import Collection, Iterable, Sequence

import duckdb

from media_assets.catalog.cell_files import Cells
from media_assets.catalog.views import source_of
from media_assets.column_types import ColumnType
from media_assets.records.database import quote_text
from media_assets.thumbnails import PicturedFile

ColumnCells = tuple[ColumnType, Sequence[Cells]]
"""A column's type and the cells of its manifests."""

_FACTS = "fileurl, digest, format, size_bytes, width, height, frames"


def pictured_files(
    connection: duckdb.DuckDBPyConnection,
    columns: Iterable[ColumnCells],
    fileurls: Collection[str],
) -> dict[str, PicturedFile]:
    """Returns those of these files that manifests have, by fileurl."""
    parts = [
        f"select {quote_text(kind.kind)}, {_FACTS} from {source_of(cells)} "  # noqa: S608  quoted
        "where fileurl in (select unnest($1::varchar[]))"
        for kind, cells in columns
        if kind.is_medium and cells
    ]
    if not parts or not fileurls:
        return {}
    found = connection.execute(" union all ".join(parts), [list(fileurls)]).fetchall()
    return {
        fileurl: PicturedFile(fileurl, digest, ColumnType(kind), *facts)
        for kind, fileurl, digest, *facts in found
    }
