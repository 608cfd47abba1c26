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
    """Returns a page of rows as a DataFrame that shows its pictures in a notebook.

    Args:
        location: The definitions of the table.
        table: The table.
        columns: The columns; if empty, all.
        page: The number of the page, from 1 up.
        rows: The number of rows on a page.
        size: The maximum width and height of a picture, in pixels.

    Raises:
        UnknownNameError: A column does not exist.
        DeclarationError: A number is below 1.
    """
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
