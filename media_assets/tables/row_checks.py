"""Asset checks of one's own: a function of a row's cells that says whether the row is fine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from media_assets.columns import Column, check_name, read_signature
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.values import ColumnType

_RESERVED = ("files_exist", "no_error_rows", "up_to_date")


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check that looks at every row.

    Attributes:
        name: Its name.
        function: The function of cells, which returns whether the row is fine.
        input_types: What each column that it reads holds, by name.
        takes_row: Whether the function gets the row's name as well.
        severity: What a failing row makes of the check.
        blocking: Whether a failing check stops the steps that read its column.
        description: For people.
    """

    name: str
    function: Callable[..., bool]
    input_types: Mapping[str, ColumnType]
    takes_row: bool
    severity: dg.AssetCheckSeverity
    blocking: bool
    description: str | None


def declare_check(
    function: Callable[..., bool],
    *,
    name: str | None,
    severity: dg.AssetCheckSeverity,
    blocking: bool,
    description: str | None,
) -> RowCheck:
    """Checks a function of cells and its options, and returns the check that they make.

    Raises:
        DeclarationError: Its name or a parameter cannot be used, or it does not return a bool.
    """
    checked = check_name(name or getattr(function, "__name__", ""), what="Check")
    signature = read_signature(function, column=checked, is_batch=False)
    if checked in _RESERVED:
        raise DeclarationError(
            what=f"Check {checked!r} is one that every table has.",
            accepted=f"Any name but {', '.join(_RESERVED)}.",
            fix="Rename the function, or name the check with name=.",
        )
    others = {*signature.resources, *signature.given} - {"row"}
    if signature.returns is not ColumnType.BOOL or others:
        raise DeclarationError(
            what=f"Check {checked!r} cannot be called row by row"
            + (f": it takes {', '.join(sorted(others))}." if others else ": it returns no bool."),
            accepted="A function of columns and of `row: str` that returns whether a row is fine.",
            fix="Write it like `def bright_enough(brightness: float) -> bool`.",
        )
    return RowCheck(
        checked,
        function,
        signature.input_types,
        "row" in signature.given,
        severity,
        blocking,
        description or (function.__doc__ or "").strip().partition("\n")[0] or None,
    )


def last_read(check: RowCheck, columns: Sequence[Column]) -> Column:
    """Returns the last of a table's columns that a check reads, which it belongs to.

    Raises:
        UnknownNameError: It reads a column that does not exist.
        DeclarationError: A parameter is annotated with something that its column does not hold.
    """
    by_name = {column.name: column for column in columns}
    for name, expected in check.input_types.items():
        if name not in by_name:
            where = f"in the parameters of check {check.name!r}"
            raise UnknownNameError(kind="column", name=name, known=by_name, where=where)
        if by_name[name].type is not expected:
            raise DeclarationError(
                what=f"Check {check.name!r} takes {name!r} as `{expected}`, and the column holds "
                f"`{by_name[name].type}`.",
                accepted="The type that the column holds.",
                fix="Correct the annotation.",
            )
    return [column for column in columns if column.name in check.input_types][-1]
