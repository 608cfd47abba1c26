"""The columns of a table, its row values and its checks: declared, in order, and selected."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Self, TypeVar

import dagster as dg

from media_assets.columns import (
    RETRY_DELAY,
    AssetGiven,
    Column,
    ColumnOptions,
    ComputedColumn,
    Declared,
    RetryOn,
    RowValue,
    SourceColumn,
    check_published_name,
    check_redeclared,
    check_row_timeout,
    declare_column,
    declare_values,
    in_order,
)
from media_assets.errors import DeclarationError, SameNameError, UnknownNameError
from media_assets.interactive import is_interactive
from media_assets.object_options import ObjectOptions
from media_assets.tables.row_checks import RowCheck, declare_check, last_read

Dependency = dg.AssetKey | str | Sequence[str] | dg.AssetsDefinition | dg.AssetSpec
"""An asset that a column depends on."""

RowFunction = TypeVar("RowFunction", bound=Callable[..., object])
Check = TypeVar("Check", bound=Callable[..., bool])


class DeclaredColumns:
    """The columns of one table, to which its decorators add.

    Attributes:
        name: The table's name.
        source: The source column.
        values: The row values by name.
        row_timeout: The time limit of row functions that do not set their own.
        derived: The tables made from this one, by the last part of their names.
    """

    def __init__(
        self,
        name: str,
        source: Column,
        *,
        values: Mapping[str, object],
        row_timeout: timedelta | float | None,
    ) -> None:
        self.name = name
        self.source = source
        self.values = declare_values(values, table=name, source=source.name)
        self.row_timeout = check_row_timeout(row_timeout, what=f"Table {name!r}")
        self._columns: dict[str, Column] = {source.name: source}
        self._checks: dict[str, RowCheck] = {}
        self.derived: dict[str, Self] = {}

    @property
    def keeps_truncated(self) -> bool:
        """Whether images that end early are decoded as far as they go."""
        return False

    def computed_column(  # noqa: PLR0913  each is an option of its own, named at the call
        self,
        *,
        name: str | None = None,
        destination: Declared | None = None,
        object_options: Mapping[str, object] | ObjectOptions | None = None,
        publish: str | None = None,
        format: str | None = None,  # noqa: A002  the word that Pillow and its users have for it
        save_options: Mapping[str, object] | None = None,
        keep_metadata: Collection[str] = (),
        animated: bool = False,
        code_version: str | None = None,
        decode_size: tuple[int, int] | None = None,
        description: str | None = None,
        owners: list[str] | None = None,
        tags: Mapping[str, str] | None = None,
        kinds: set[str] | None = None,
        deps: Sequence[Dependency] | None = None,
        freshness_policy: dg.FreshnessPolicy | None = None,
        automation_condition: dg.AutomationCondition[Any] | None = None,
        metadata: Mapping[str, object] | None = None,
        batch_size: int | None = None,
        processes: bool = False,
        row_timeout: timedelta | float | None = None,
        max_concurrency: int | None = None,
        max_retries: int = 0,
        retry_on: RetryOn | None = None,
        retry_delay: timedelta | float = RETRY_DELAY,
        rate_limit: str | None = None,
        where: str | None = None,
        ins: Mapping[str, AssetGiven] | None = None,
    ) -> Callable[[RowFunction], RowFunction]:
        """Makes the decorated row function a column; the function itself is not changed.

        Each parameter names a column to read and is annotated with that column's type. The return
        annotation is the type of this column: `Image.Image`, or a value of type `float`,
        `int`, `str`, `bool`, `dict` or `list`.

        Args:
            name: The column's name; the function's by default.
            destination: Where this column's files go, whatever the global destination: a URI
                prefix or an absolute path, or a callable that returns one (or None) at the start
                of a run.
            object_options: How its files are kept as objects of a bucket, beside what is set for
                the destination: `cache_control`, `content_disposition`, `metadata`,
                `storage_class`, `encryption` and `kms_key`; see `ma.ObjectOptions`.
            publish: A second, readable address of each file below the destination, which stays the
                same when the file changes: a template with `{row}`, `{row_stem}`, `{width}`,
                `{height}`, `{format}` and row values, such as `"thumbs/{row_stem}.webp"`.
            format: The file format by Pillow's name; JPEG by default, or WebP for images with
                transparency.
            save_options: Options of Pillow's `save` for that format, such as `quality`.
            keep_metadata: The facts of the source photo that its files keep, of `artist`, `camera`,
                `copyright`, `exposure`, `lens`, `location` and `taken_at`; by default none.
            animated: Says that the column takes or returns all frames of images; its function is
                annotated with `ma.Animation` for those that it does. By default the first frame.
            code_version: Change it when the results change; by default, a digest of the
                function's source, which does not cover functions that it calls.
            decode_size: A sufficient width and height: sources are decoded reduced, which is
                faster.
            description: For the Dagster UI; the function's docstring by default.
            owners: Dagster's.
            tags: Dagster's.
            kinds: Dagster's.
            deps: More assets that this column depends on; their values are not passed on.
            freshness_policy: Dagster's.
            automation_condition: Dagster's; the table's `automation` by default.
            metadata: Dagster's, in addition to the column's own.
            batch_size: Call the function with lists of up to this many rows; it returns a list.
            processes: Run the function in separate processes: for functions that hold Python's
                interpreter lock, which blocks all threads.
            row_timeout: The time limit of the function for one row, a timedelta or seconds; the
                table's by default. With `processes=True` or `async def`, a row that takes longer
                is an error row. Otherwise Python cannot end the function, so the run fails and
                names the row. A batch has this time for each of its rows.
            max_concurrency: How many calls of the function run at the same time in one process.
                By default 16 of an `async def` function, and one per core of any other.
            max_retries: How often a call is repeated that raised an error of `retry_on`.
            retry_on: The errors after which a call is repeated: a class, several, or a function
                that gets the error and returns whether to repeat the call.
            retry_delay: The wait before the first repetition, a timedelta or seconds. It doubles
                each time, up to a minute, and is longer if the error has a `retry_after`, or its
                response the header `Retry-After`.
            rate_limit: How many calls may start within a time, in one process: `"60/min"`,
                `"5/s"`, `"1000/h"`.
            where: An SQL expression over value columns and row values of the same row. The cell is
                null where it is not true, and the function is not called.
            ins: Outside assets whose values are passed to the function, by parameter name: a key,
                or a `dg.AssetIn` with one. A value is loaded once per step, as the type in the
                parameter's annotation; if the asset has partitions, from the partition with the
                step's key. Cells are made again when the asset's data version changes.

        Raises:
            DeclarationError: An argument cannot be used; the message says what to write.
        """
        options = ColumnOptions(
            name=name,
            destination=destination,
            object_options=object_options,
            publish=publish,
            values=self.values_in_names,
            format=format,
            save_options=save_options,
            keep_metadata=keep_metadata,
            animated=animated,
            source=self.source if isinstance(self.source, SourceColumn) else None,
            keeps_truncated=self.keeps_truncated,
            code_version=code_version,
            decode_size=decode_size,
            description=description,
            batch_size=batch_size,
            processes=processes,
            row_timeout=self.row_timeout if row_timeout is None else row_timeout,
            max_concurrency=max_concurrency,
            max_retries=max_retries,
            retry_on=retry_on,
            retry_delay=retry_delay,
            rate_limit=rate_limit,
            where=where,
            ins=ins or {},
            asset_options={
                "owners": owners,
                "tags": tags,
                "kinds": kinds,
                "deps": deps,
                "freshness_policy": freshness_policy,
                "automation_condition": automation_condition,
                "metadata": metadata,
            },
        )

        def declare(function: RowFunction) -> RowFunction:
            column = declare_column(function, options)
            if column.name in self._columns or column.name in self.values:
                check_redeclared(self._columns.get(column.name), column, table=self.name)
            if column.name in self.derived:
                raise SameNameError(self.name, column.name)
            check_published_name(self.name, self._columns.values(), column)
            self._columns[column.name] = column
            return function

        return declare

    def check(
        self,
        *,
        name: str | None = None,
        severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
        blocking: bool = False,
        description: str | None = None,
    ) -> Callable[[Check], Check]:
        """Makes the decorated function an asset check, which is called for every row.

        Each parameter names a column and is annotated with its type, as for a row function; the
        function returns whether the row passes. Rows without one of these cells are skipped. The
        check belongs to the last of the columns that it reads, and is evaluated with it.

        Args:
            name: The check's name; the function's by default.
            severity: The severity of the check if a row fails.
            blocking: Whether a failure of severity ERROR stops the steps that depend on the
                column; other columns of the table are made in the same step.
            description: For the Dagster UI; the docstring's first line by default.

        Raises:
            DeclarationError: An argument cannot be used; the message says what to write.
        """

        def declare(function: Check) -> Check:
            made = declare_check(
                function, name=name, severity=severity, blocking=blocking, description=description
            )
            if made.name in self._checks and not is_interactive(function):
                raise DeclarationError(
                    what=f"Table {self.name!r} already has a check {made.name!r}.",
                    accepted="Check names are unique within a table.",
                    fix="Rename the function, or name the check with name=.",
                )
            self._checks[made.name] = made
            return function

        return declare

    def checks_of(self, column: str) -> list[RowCheck]:
        """The user-defined checks of a column: those for which it is the last column read.

        Raises:
            UnknownNameError: A check reads a column that does not exist.
            DeclarationError: A parameter's annotation is not the type of its column.
        """
        columns = self.columns
        checks = self._checks.values()
        return [c for c in checks if last_read(c, columns, self.values).name == column]

    @property
    def checks(self) -> tuple[RowCheck, ...]:
        """The user-defined checks."""
        return tuple(self._checks.values())

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, each after those that it reads, otherwise in the order of declaration.

        Raises:
            UnknownNameError: A row function has a parameter that names no column.
            DeclarationError: Columns read each other in a cycle, or a parameter's annotation is
                not the type of its column.
        """
        return in_order(
            self._columns.values(), self.values, of_parent=self.of_parent, derived=self.derived
        )

    def hold_parts(self, column: ComputedColumn) -> None:
        """Takes a column of parts in place of the source column of that name."""
        self.source = self._columns[column.name] = column

    @property
    def own_names(self) -> frozenset[str]:
        """The names of its columns and row values."""
        return frozenset({*self._columns, *self.values})

    @property
    def of_parent(self) -> Mapping[str, Column | RowValue] | None:
        """What columns may read of the rows that these are parts of; None if they are no parts."""
        return None

    @property
    def values_in_names(self) -> Collection[str]:
        """The row values that a published name may have."""
        return self.values

    def values_with(self, columns: Collection[Column]) -> tuple[RowValue, ...]:
        """Returns the row values that go with columns: what they read; with the source, all."""
        if self.source in columns:
            return tuple(self.values.values())
        read = {name for column in columns for name in column.reads}
        return tuple(value for name, value in self.values.items() if name in read)

    @property
    def computed_columns(self) -> tuple[ComputedColumn, ...]:
        """All columns except the source column."""
        return tuple(column for column in self.columns if isinstance(column, ComputedColumn))

    def select(self, names: tuple[str, ...] | None) -> tuple[Column, ...]:
        """Returns the columns with these names, in order; all for None.

        Raises:
            UnknownNameError: There is no such column; the message lists the known ones.
        """
        for name in names or ():
            if name not in self._columns:
                where = f"in table {self.name!r}"
                raise UnknownNameError(kind="column", name=name, known=self._columns, where=where)
        return tuple(c for c in self.columns if names is None or c.name in names)

    def select_names(self, names: tuple[str, ...] | None) -> list[str]:
        """Returns the names of columns and row values as they are shown, in order; all for None."""
        columns = self.select(names and tuple(n for n in names if n not in self.values))
        shown = [column.name for column in columns]
        values = [name for name in self.values if names is None or name in names]
        first = shown[:1] if shown[:1] == [self.source.name] else []
        return [*first, *values, *shown[len(first) :]]

    @property
    def asset_names(self) -> tuple[str, ...]:
        """The names of all that is an asset: the columns, and the row values."""
        return (*(column.name for column in self.columns), *self.values)
