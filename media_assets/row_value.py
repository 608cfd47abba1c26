"""A row value as a catalog keeps it: its name and type, without the code that declares it."""

from collections.abc import Mapping
from dataclasses import dataclass

from media_assets.column_types import ColumnType

SOURCE_CODE_VERSION = "upload"
"""The code version of what is given with a row, not computed."""

PARENT = "parent"
"""The value of a part that names the row it is of."""

OR_NULL = " | None"
"""How a declaration says that a row may have null."""


class GivenColumn:
    """What columns share whose cells are given, not computed."""

    __slots__ = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """It reads no other column."""
        return ()

    @property
    def reads(self) -> tuple[str, ...]:
        """It reads no other column."""
        return ()

    @property
    def code_version(self) -> str:
        """Always the same: no code of a user takes part in it."""
        return SOURCE_CODE_VERSION


@dataclass(frozen=True, slots=True)
class RowValue(GivenColumn):
    """A column whose cells are given with the rows: a value, kept in the upload log.

    Attributes:
        name: The column's name.
        type: What it holds.
        is_nullable: Whether a row may have null.
    """

    name: str
    type: ColumnType
    is_nullable: bool = False


def declared_types(values: Mapping[str, RowValue]) -> dict[str, str]:
    """Returns the type of each row value as it is declared."""
    return {name: value.type + OR_NULL * value.is_nullable for name, value in values.items()}


def read_declared(types: Mapping[str, str]) -> dict[str, RowValue]:
    """Returns the row values that `declared_types` wrote down.

    >>> read_declared({"taken": "datetime | None"})["taken"].is_nullable
    True
    """
    return {
        name: RowValue(name, ColumnType(kind.removesuffix(OR_NULL)), kind.endswith(OR_NULL))
        for name, kind in types.items()
    }
