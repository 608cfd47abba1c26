"""Errors of parts of rows, and of tables that are made from others."""

from media_assets.errors.base import MediaAssetsError
from media_assets.errors.declaring import DeclarationError


class SameNameError(DeclarationError):
    """A column and a derived table of the same name."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(
            f"Table {table!r} has both a column and a derived table named {name!r}.",
            accepted="Names that are unique within a table.",
            fix="Rename one of them.",
        )


class PartKeyError(MediaAssetsError, ValueError):
    """A key of a part that another part of the row has."""

    def __init__(self, key: str, row: str) -> None:
        super().__init__(
            f"Two parts of row {row!r} have the key {key!r}.",
            accepted="A key for each part, unique within its row.",
            fix="Let the splitting function yield other keys, or none: it numbers its parts then.",
        )


class DerivedRowsError(MediaAssetsError, ValueError):
    """A change of rows that are made from those of another table."""

    def __init__(self, table: str, parent: str, *, verb: str) -> None:
        super().__init__(
            f"Rows of table {table!r} cannot {verb}: they are parts of rows of {parent!r}.",
            accepted=f"Changes of table {parent!r}, which this one follows.",
            fix=f"Name {parent!r} instead.",
        )
