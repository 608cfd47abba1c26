"""A media table: its name, where its uploads are, and its columns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict, TypeVar

import dagster as dg

from media_assets.columns import (
    AssetGiven,
    Column,
    ColumnOptions,
    ComputedColumn,
    Declared,
    SourceColumn,
    check_declared_destination,
    check_name,
    check_row_timeout,
    declare_column,
    in_order,
)
from media_assets.destinations import parse_destination
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.images.limits import check_limits
from media_assets.naming import Naming
from media_assets.partitioning import BY_UPLOADS, PartitionOf, Partitions, partitioning
from media_assets.tables.row_checks import RowCheck, declare_check, last_read

ROWS_PER_PARTITION = 1_000
"""Rows of a batch by default: Dagster wants thousands of partitions at most, never one per file."""

GATHER_SECONDS = 3.0
"""How long uploads are gathered before their run by default; the sensor looks every 5 seconds."""

NIGHTLY = "0 3 * * *"
"""When maintenance runs by default, once its schedule is on."""

SEVERE_ERROR_SHARE = 0.1
"""Up to a tenth of error rows is a warning by default: broken photos are a part of life."""

Automation = bool | Literal["code_version"] | dg.AutomationCondition[dg.AssetKey]
"""Whether and by which condition computed columns follow their inputs by themselves."""

Dependency = dg.AssetKey | str | Sequence[str] | dg.AssetsDefinition | dg.AssetSpec
"""An asset that a column depends on."""


class SourceOptions(TypedDict, total=False):
    """Dagster's options of a source column."""

    deps: Sequence[Dependency]
    freshness_policy: dg.FreshnessPolicy
    metadata: Mapping[str, object]


RowFunction = TypeVar("RowFunction", bound=Callable[..., object])
Check = TypeVar("Check", bound=Callable[..., bool])


class MediaTable:
    """A table of images: rows are uploads, columns are Dagster assets.

    Examples:
        >>> from PIL import Image
        >>> photos = MediaTable("photos")
        >>> @photos.computed_column()
        ... def flipped(source_image: Image.Image) -> Image.Image:
        ...     return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        >>> [column.name for column in photos.columns]
        ['source_image', 'flipped']
    """

    def __init__(  # noqa: PLR0913  each is an option of its own, named at the call
        self,
        name: str,
        *,
        uploads: str | None = None,
        source: str = "source_image",
        destination: Declared | None = None,
        rows_per_partition: int = ROWS_PER_PARTITION,
        partitions: Partitions = BY_UPLOADS,
        partition_of: PartitionOf | None = None,
        description: str | None = None,
        pool: str | None = None,
        retry_policy: dg.RetryPolicy | None = None,
        backfill_policy: dg.BackfillPolicy | None = None,
        gather_seconds: float = GATHER_SECONDS,
        uploads_order: Literal["any", "growing"] = "any",
        storage_sources: Sequence[str] = (),
        name_by: str | None = None,
        change_time: bool = True,
        follow_links: bool = False,
        image_limits: Mapping[str, int] | None = None,
        nightly: str | None = NIGHTLY,
        automation: Automation = False,
        severe_error_share: float = SEVERE_ERROR_SHARE,
        row_timeout: timedelta | float | None = None,
        owners: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        kinds: Collection[str] = (),
        group_name: str | None = None,
        op_tags: Mapping[str, str] | None = None,
        run_tags: Mapping[str, str] | None = None,
        hooks: Collection[dg.HookDefinition] = (),
        source_options: SourceOptions | None = None,
    ) -> None:
        """Declares a table with its source column.

        Args:
            name: The table's name, which may be a path (`team/photos`); it becomes the asset
                group and the key prefix.
            uploads: Where new files are looked for; `$DAGSTER_HOME/uploads/<name>/` by default.
                With partitions of your own it may hold `{partition_key}`, or the name of each
                dimension in braces (`/data/{day}/{camera}/`); other braces are doubled.
            source: The name of the column of what was uploaded.
            destination: Where uploads are kept, if they should not stay where they are.
            rows_per_partition: How many rows one partition holds at most.
            partitions: What a partition is: a batch of uploads, or Dagster's partitions
                definition, or None for a table without partitions.
            partition_of: The partition of a row by its name, for partitions of your own.
            description: What the table is, for the Dagster UI.
            pool: Dagster's concurrency pool of the table's step.
            retry_policy: Dagster's, for faults of the step; a row's own failure is no fault.
            backfill_policy: Dagster's: how many partitions one run of a backfill makes, one after
                another; a run each by default.
            gather_seconds: How long the uploads sensor gathers uploads before it requests a run,
                unless a batch is full before.
            uploads_order: `"growing"` where every new upload's key is greater than all before:
                the sensor then lists from the last one on, however many there are.
            storage_sources: Prefixes below which an https address that is inserted is storage and
                is read with its keys; any other is a web address and is read without.
            name_by: How rows are named after their files: `"path"` (as given), `"url"`,
                `"stem"`, or a template of these such as `"card1/{stem}"`. By default by the key
                below the uploads location, or the file's own name.
            change_time: Whether a local file whose change time alone is another one is read and
                compared; False for folders in which a backup sets hard links.
            follow_links: Whether links in the uploads folder are followed wherever they lead, to
                each folder once, as DVC and git-annex need it. Else links to files are followed
                where they lead to a file below the folder, and all others are left alone.
            image_limits: What an uploaded image may be, by name: `max_pixels`, `max_bytes`,
                `max_frames`. What is not named here the IO manager's `image_limits` say, then the
                settings (`MEDIA_ASSETS_MAX_PIXELS`, ...), then the defaults.
            nightly: The cron schedule of the table's maintenance, in UTC; None for no schedule.
            automation: Whether computed columns follow their inputs by Dagster's declarative
                automation: True, `"code_version"` to follow a changed function over all
                partitions too, or a condition of your own.
            severe_error_share: Error rows up to this share of a column's rows are a warning of
                its check `no_error_rows`, more of them are an error.
            row_timeout: How long a row function may take for one row, for columns that name no
                time of their own: a timedelta, or seconds; None for no limit.
            owners: Dagster's, of every column; a column's own come on top, as with the next two.
            tags: Dagster's, of every column.
            kinds: Dagster's, of every column; by default each column's is what it holds, such as
                `image` or `float`.
            group_name: Dagster's, of every column; the table's name by default.
            op_tags: Dagster's, of the table's step: what an executor or launcher reads there, such
                as `dagster-k8s/config`.
            run_tags: Dagster's, of runs of the table's jobs, of its sensor and of the command line.
            hooks: Dagster's, of the table's step.
            source_options: Further options of the source column: `deps`, `freshness_policy`,
                `metadata`.

        Raises:
            DeclarationError: A name cannot be used, `rows_per_partition` is below 1,
                `gather_seconds` below 0, or `row_timeout` no time above 0.
            DestinationError: The destination, or a storage source, cannot be understood.
            SettingError: A limit of images is unknown, or no whole number from 1 on.
        """
        _check_table_name(name)
        check_declared_destination(destination, column=f"{name}/{source}")
        if rows_per_partition < 1:
            raise DeclarationError(
                what=f"Table {name!r} has rows_per_partition={rows_per_partition}.",
                accepted="A whole number of rows from 1 up; a run costs seconds of start-up.",
                fix=f"Leave it at {ROWS_PER_PARTITION}, or name a larger number.",
            )
        if gather_seconds < 0:
            raise DeclarationError(
                what=f"Table {name!r} has gather_seconds={gather_seconds}.",
                accepted="A number of seconds from 0 up.",
                fix=f"Leave it at {GATHER_SECONDS}, or name another number.",
            )
        self.name = name
        self.uploads = uploads
        self.rows_per_partition = rows_per_partition
        self.partitioning = partitioning(name, partitions, partition_of, uploads)
        self.pool = pool
        self.retry_policy = retry_policy
        self.backfill_policy = backfill_policy
        self.gather_seconds = gather_seconds
        self.uploads_order = uploads_order
        self.storage_sources = tuple(
            parse_destination(text, source=f"storage_sources of table {name!r}")
            for text in storage_sources
        )
        self.naming = Naming.of(name_by)
        if self.partitioning.folders and not self.naming.keeps_folders:
            raise DeclarationError(
                what=f"Table {name!r} has uploads={uploads!r}, and name_by={name_by!r}.",
                accepted="name_by='stem' or none there: a row's name tells its partition.",
                fix="Drop name_by, or say by partition_of= which partition a row is in.",
            )
        self.change_time = change_time
        self.follow_links = follow_links
        self.image_limits = check_limits(image_limits or {}, where=f"of the table {name!r}")
        self.nightly = nightly
        self.automation: Automation = automation
        self.severe_error_share = severe_error_share
        self.row_timeout = check_row_timeout(row_timeout, what=f"Table {name!r}")
        self.owners = tuple(owners)
        self.tags = dict(tags or {})
        self.kinds = frozenset(kinds)
        self.group_name = group_name or self.op_name
        self.op_tags = dict(op_tags or {})
        self.run_tags = dict(run_tags or {})
        self.hooks = frozenset(hooks)
        self.description = description
        self.source = SourceColumn(
            check_name(source, what="Column"),
            destination,
            "What was uploaded.",
            asset_options={**(source_options or {})},
        )
        self._columns: dict[str, Column] = {source: self.source}
        self._checks: dict[str, RowCheck] = {}

    def computed_column(  # noqa: PLR0913  each is an option of its own, named at the call
        self,
        *,
        name: str | None = None,
        destination: Declared | None = None,
        format: str | None = None,  # noqa: A002  the word that Pillow and its users have for it
        save_options: Mapping[str, object] | None = None,
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
        ins: Mapping[str, AssetGiven] | None = None,
    ) -> Callable[[RowFunction], RowFunction]:
        """Makes the decorated row function a column; the function itself is left as it is.

        Each parameter names the column that it reads and is annotated with what that holds; the
        return annotation says what this column holds: `Image.Image`, or a value of type `float`,
        `int`, `str`, `bool`, `dict` or `list`.

        Args:
            name: The column's name; the function's by default.
            destination: Where this column's files go, whatever the globals say: a URI prefix or
                an absolute path, or a callable that returns one (or None) when a run starts.
            format: Pillow's name of the file format; JPEG by default, or WebP where the image
                has transparency.
            save_options: What Pillow's `save` takes for that format, for example `quality`.
            code_version: What changes when the results should; by default a digest of the
                function's source, which does not cover functions that it calls.
            decode_size: A width and height that suffice: the source is decoded reduced, faster.
            description: For the Dagster UI; the function's docstring by default.
            owners: Dagster's.
            tags: Dagster's.
            kinds: Dagster's.
            deps: Further assets that this column depends on; nothing of them is handed over.
            freshness_policy: Dagster's.
            automation_condition: Dagster's; the table's `automation` by default.
            metadata: Dagster's, beside what the column says of itself.
            batch_size: Call the function with lists of up to so many rows, and take a list back.
            processes: Run the function in processes of their own: for functions that keep
                Python's interpreter lock, which hold all threads up.
            row_timeout: How long the function may take for one row, a timedelta or seconds; the
                table's by default. With `processes=True` a row that takes longer is an error row;
                without, Python cannot end the function, so the run ends and names the row. A batch
                may take so long for each of its rows.
            ins: Assets outside the table whose values parameters of the function get, by the
                parameter's name: a key, or a `dg.AssetIn` with one. A value is loaded once for a
                step, as the parameter is annotated; of an asset with partitions that of the
                step's own partition key. Cells are made again when its data version is another.

        Raises:
            DeclarationError: Something of this cannot be used; the text says what to write.
        """
        options = ColumnOptions(
            name=name,
            destination=destination,
            format=format,
            save_options=save_options,
            code_version=code_version,
            decode_size=decode_size,
            description=description,
            batch_size=batch_size,
            processes=processes,
            row_timeout=self.row_timeout if row_timeout is None else row_timeout,
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
            if column.name in self._columns:
                raise DeclarationError(
                    what=f"Table {self.name!r} has a column {column.name!r} already.",
                    accepted="Each column's name once.",
                    fix="Rename the function, or name the column with name=.",
                )
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

        Each parameter names a column and is annotated with what that holds, as for a row
        function; it returns whether the row is fine. Rows without one of these cells are passed
        over. The check belongs to the last of the columns that it reads, and is evaluated with it.

        Args:
            name: The check's name; the function's by default.
            severity: What it means if a row is not fine.
            blocking: Whether steps that depend on the column are then not run, where the severity
                is an error; other columns of the table are of the same step.
            description: For the Dagster UI; the docstring's first line by default.

        Raises:
            DeclarationError: Something of this cannot be used; the text says what to write.
        """

        def declare(function: Check) -> Check:
            made = declare_check(
                function, name=name, severity=severity, blocking=blocking, description=description
            )
            if made.name in self._checks:
                raise DeclarationError(
                    what=f"Table {self.name!r} has a check {made.name!r} already.",
                    accepted="Each check's name once.",
                    fix="Rename the function, or name the check with name=.",
                )
            self._checks[made.name] = made
            return function

        return declare

    def checks_of(self, column: str) -> list[RowCheck]:
        """The checks of one's own that belong to a column: the last one that each reads.

        Raises:
            UnknownNameError: A check reads a column that does not exist.
            DeclarationError: A parameter is annotated with something that its column does not hold.
        """
        columns = self.columns
        return [c for c in self._checks.values() if last_read(c, columns).name == column]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, each after those that it reads, otherwise as declared.

        Raises:
            UnknownNameError: A row function has a parameter that names no column.
            DeclarationError: Columns read each other in a circle, or a parameter is annotated
                with something that its column does not hold.
        """
        return in_order(self._columns.values())

    @property
    def computed_columns(self) -> tuple[ComputedColumn, ...]:
        """All columns but the source column."""
        return tuple(column for column in self.columns if isinstance(column, ComputedColumn))

    def select(self, names: tuple[str, ...] | None) -> tuple[Column, ...]:
        """Returns the columns with these names, in order; all for None.

        Raises:
            UnknownNameError: There is no such column; the text lists the known ones.
        """
        for name in names or ():
            if name not in self._columns:
                where = f"in table {self.name!r}"
                raise UnknownNameError(kind="column", name=name, known=self._columns, where=where)
        return tuple(c for c in self.columns if names is None or c.name in names)

    def asset_key(self, column: str) -> dg.AssetKey:
        """The Dagster asset of a column: `[<table>, <column>]`."""
        return dg.AssetKey([*self.name.split("/"), column])

    @property
    def op_name(self) -> str:
        """The name of the table's step, and of its section in run config."""
        return self.name.replace("/", "__")

    @property
    def job_name(self) -> str:
        """The name of the job that materializes all columns."""
        return f"{self.op_name}_job"

    @property
    def partitions_name(self) -> str | None:
        """The name of the table's dynamic partitions on the Dagster instance, if it has some."""
        definition = self.partitioning.definition
        is_dynamic = isinstance(definition, dg.DynamicPartitionsDefinition)
        return definition.name if is_dynamic else None


def _check_table_name(name: str) -> None:
    """Refuses a name that cannot be a table's, or that Dagster keeps for itself."""
    for part in name.split("/"):
        check_name(part, what="Table" if part == name else f"In table {name!r} the")
    try:
        dg.GraphDefinition(name.replace("/", "__"))
    except dg.DagsterInvalidDefinitionError as error:
        raise DeclarationError(
            what=f"Table name {name!r} cannot be used: its step would be called so, too.",
            accepted="What is no word of Python and none of Dagster's, such as `config` or `type`.",
            fix="Name it after what it holds, or put it into a folder: `team/photos`.",
        ) from error
