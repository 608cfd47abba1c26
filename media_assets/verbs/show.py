"""A page of a table's rows, with their pictures."""

from collections.abc import Sequence
from typing import cast

from media_assets.catalog.frame import MediaFrame
from media_assets.catalog.page import PageShown
from media_assets.errors import DeclarationError
from media_assets.tables.table import MediaTable
from media_assets.verbs.location import Location


def show(
    location: Location,
    table: MediaTable,
    columns: Sequence[str],
    *,
    page: int,
    rows: int,
    size: int,
) -> MediaFrame:
    """Returns a page of rows; `MediaTable.show` describes the arguments and errors."""
    for name, number in (("page", page), ("rows", rows), ("size", size)):
        if number < 1:
            raise DeclarationError(
                what=f"show() got {name}={number}.",
                accepted="A whole number from 1 up.",
                fix="Write it like show(page=2, rows=50, size=200).",
            )
    names = ["row", *table.select_names(tuple(columns) or None)]
    catalog = location.catalog
    shown = PageShown(first=(page - 1) * rows, rows=rows, size=(size, size))
    if table.name not in catalog.tables():
        return MediaFrame({name: [] for name in names})
    return cast("MediaFrame", catalog.table(table.name, page=shown).reindex(columns=names))
