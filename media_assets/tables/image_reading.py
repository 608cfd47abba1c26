"""How a column reads images, in words for `plan` and `describe`."""

from media_assets.columns import Column, ComputedColumn
from media_assets.tables.table import MediaTable
from media_assets.values import ColumnType


def describe_reading(table: MediaTable, column: Column) -> str | None:
    """Returns which frames a column reads, or what becomes of truncated uploads; None if neither.

    >>> photos = MediaTable("photos", truncated="keep")
    >>> describe_reading(photos, photos.source)
    'truncated: keep'
    """
    if not isinstance(column, ComputedColumn):
        return f"truncated: {table.truncated}" if column.type is ColumnType.IMAGE else None
    if column.animations & column.input_types.keys():
        return "all frames"
    return "first frame" if ColumnType.IMAGE in column.input_types.values() else None
