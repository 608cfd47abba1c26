"""User-defined asset checks: functions of a row's cells that return whether the row passes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from media_assets.columns import Column, RowValue, check_name, read_signature, type_to_read
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.values import ColumnType

_RESERVED = ("files_exist", "no_error_rows", "up_to_date")


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check of every row.

    Attributes:
        name: The check's name.
        function: A function of cells that returns whether the row passes.
        input_types: The type of each column that it reads, by name.
        takes_row: Whether the function also receives the row's name.
        severity: The severity of the check if a row fails.
        blocking: Whether a failing check stops the steps that read its column.
        description: Shown in the Dagster UI.
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
    """Returns the check for a function of cells and its options, after validating them.

    Raises:
        DeclarationError: Its name or a parameter cannot be used, or it does not return a bool.
    """
    checked = check_name(name or getattr(function, "__name__", ""), what="Check")
    signature = read_signature(function, column=checked, is_batch=False)
    if checked in _RESERVED:
        raise DeclarationError(
            what=f"The check name {checked!r} is reserved: every table has a check of that name.",
            accepted=f"Any name except {', '.join(_RESERVED)}.",
            fix="Rename the function, or name the check with name=.",
        )
    others = {*signature.resources, *signature.given, *signature.source_files} - {"row"}
    if signature.returns is not ColumnType.BOOL or others or signature.is_async:
        raise DeclarationError(
            what=f"Check {checked!r} cannot be called row by row"
            + (
                f": it takes {', '.join(sorted(others))}."
                if others
                else ": it is an `async def` function."
                if signature.is_async
                else ": it returns no bool."
            ),
            accepted="A function of columns and of `row: str` that returns whether a row passes.",
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


def last_read(check: RowCheck, columns: Sequence[Column], values: Mapping[str, RowValue]) -> Column:
    """Returns the last of a table's columns that a check reads; the check belongs to that column.

    One that reads row values alone belongs to the source column, with which they are given.

    Raises:
        UnknownNameError: It reads a column that does not exist.
        DeclarationError: A parameter's annotation is not the type of its column.
    """
    by_name: dict[str, Column | RowValue] = {
        **{column.name: column for column in columns},
        **values,
    }
    for name, expected in check.input_types.items():
        if name not in by_name:
            where = f"in the parameters of check {check.name!r}"
            raise UnknownNameError(kind="column", name=name, known=by_name, where=where)
        if type_to_read(by_name[name].type, expected) is None:
            raise DeclarationError(
                what=f"Check {check.name!r} annotates {name!r} as `{expected}`, but the column is "
                f"`{by_name[name].type}`.",
                accepted="The type of the column.",
                fix="Correct the annotation.",
            )
    read = [column for column in columns if column.name in check.input_types]
    return (read or columns)[-1 if read else 0]
