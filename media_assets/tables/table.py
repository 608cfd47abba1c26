"""A media table: its name, where its uploads are, and its columns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Literal, Self, TypedDict, Unpack, overload

import dagster as dg

from media_assets.columns import (
    Column,
    Declared,
    RowValue,
    SourceColumn,
    check_declared_destination,
    check_name,
)
from media_assets.destinations import parse_destination
from media_assets.errors import DerivedRowsError
from media_assets.limits import check_limits
from media_assets.media_types import medium_given
from media_assets.partitioning import BY_UPLOADS, PartitionOf, Partitions, partitioning
from media_assets.row_names import Naming
from media_assets.split import Splitter
from media_assets.split.functions import splitter_of
from media_assets.tables.checked_options import (
    check_gather_seconds,
    check_keeps_folders,
    check_rows_per_partition,
    check_table_name,
    check_truncated,
)
from media_assets.tables.declared_columns import DeclaredColumns, Dependency
from media_assets.tables.derived import DerivedOptions, SplitFunction, Splitting, derive

ROWS_PER_PARTITION = 1_000
"""Rows per partition by default: Dagster supports thousands of partitions, not one per file."""

GATHER_SECONDS = 1.0
"""How long uploads are gathered before their run, by default: until a tick's second look."""

NIGHTLY = "0 3 * * *"
"""When maintenance runs by default, if its schedule is on."""

SEVERE_ERROR_SHARE = 0.1
"""By default, up to a tenth of error rows is only a warning: some broken photos are normal."""

Automation = bool | Literal["code_version"] | dg.AutomationCondition[dg.AssetKey]
"""Whether computed columns follow their inputs, and under which condition."""


class SourceOptions(TypedDict, total=False):
    """Dagster's options for a source column."""

    deps: Sequence[Dependency]
    freshness_policy: dg.FreshnessPolicy
    metadata: Mapping[str, object]


class MediaTable(DeclaredColumns):
    """A table of media: rows are uploads, columns are Dagster assets.

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
        media: type | str = "image",
        source: str | None = None,
        destination: Declared | None = None,
        values: Mapping[str, object] | None = None,
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
        limits: Mapping[str, int] | None = None,
        truncated: Literal["error", "keep"] = "error",
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
            name: The table's name; it may be a path (`team/photos`). It becomes the asset group
                and the key prefix.
            uploads: The folder or prefix that is searched for new files;
                `$DAGSTER_HOME/uploads/<name>/` by default. With partitions of your own it may
                contain `{partition_key}`, or the name of each dimension in braces
                (`/data/{day}/{camera}/`); double any other braces.
            media: What the uploads are: `ma.Image` by default, `ma.Video`, `ma.Audio` or
                `ma.Document`; or its name (`"video"`).
            source: The name of the source column, which holds the uploads: `source_image`,
                `source_video`, ... by default.
            destination: Where uploads are copied to; by default they stay in place.
            values: The values that are given with each row, a type for each name: `{"label": str,
                "taken": datetime | None}`. Row functions read them as they read columns; null is
                allowed only where the type says `| None`.
            rows_per_partition: The maximum number of rows in a partition.
            partitions: `"uploads"` for partitions of uploads, a Dagster partitions definition, or
                None for a table without partitions.
            partition_of: Returns a row's partition by its name, for partitions of your own.
            description: Describes the table in the Dagster UI.
            pool: Dagster's concurrency pool for the table's step.
            retry_policy: Dagster's, for failures of the step; an error row does not fail it.
            backfill_policy: Dagster's: how many partitions one run of a backfill makes, one after
                another; by default, one.
            gather_seconds: How long the uploads sensor gathers uploads before it requests a run,
                unless a partition is full sooner.
            uploads_order: `"growing"` if every new upload's key is greater than all earlier ones:
                the sensor then lists only from the last key on.
            storage_sources: Prefixes of https addresses that are storage: they are read with its
                keys. All other https addresses are read without keys.
            name_by: How rows are named after their files: `"path"` (as given), `"url"`,
                `"stem"`, or a template of these such as `"card1/{stem}"`. By default, the key
                below the uploads location, or the file's own name.
            change_time: Whether a local file is read and compared if only its change time differs;
                False for folders in which a backup creates hard links.
            follow_links: Whether to follow links in the uploads folder wherever they lead, each
                folder once, as DVC and git-annex need. Otherwise links to files within the folder
                are followed, and all others are left alone.
            limits: Limits on uploads by name, such as `max_bytes`; each kind of media has its own.
                Others come from the IO manager's `limits`, then the settings
                (`MEDIA_ASSETS_MAX_BYTES`, ...), then the defaults.
            truncated: What becomes of images that end early: `"error"`, or `"keep"` to decode them
                as far as they go, and mark them.
            nightly: The cron schedule of the table's maintenance, in UTC; None for no schedule.
            automation: Whether computed columns follow their inputs by Dagster's declarative
                automation: True, `"code_version"` to follow changed functions over all
                partitions too, or a condition of your own.
            severe_error_share: The check `no_error_rows` is a warning if up to this share of a
                column's rows have an error, and fails as an error above it.
            row_timeout: The time limit of a row function for one row, for columns that do not set
                their own: a timedelta, or seconds; None for no limit.
            owners: Dagster's, for every column. A column's own owners, tags and kinds are added.
            tags: Dagster's, for every column.
            kinds: Dagster's, for every column; by default its type, such as `image`.
            group_name: Dagster's, for every column; the table's name by default.
            op_tags: Dagster's, for the table's step, such as `dagster-k8s/config`.
            run_tags: Dagster's, for runs of the table's jobs, its sensor and the command line.
            hooks: Dagster's, for the table's step.
            source_options: Dagster's, for the source column.

        Raises:
            DeclarationError: A name or `media` cannot be used, `rows_per_partition` is below 1,
                `gather_seconds` is below 0, or `row_timeout` is not above 0.
            DestinationError: The destination or a storage source cannot be understood.
            SettingError: A limit is unknown to this kind of media, or not a whole number of at
                least 1.
        """
        check_table_name(name)
        self.medium = medium_given(media)
        source = self.medium.source if source is None else source
        check_declared_destination(destination, column=f"{name}/{source}")
        check_rows_per_partition(rows_per_partition, name, default=ROWS_PER_PARTITION)
        check_gather_seconds(gather_seconds, name, default=GATHER_SECONDS)
        uploaded = SourceColumn(
            check_name(source, what="Column"),
            destination,
            f"The uploaded {self.medium.plural}.",
            asset_options={**(source_options or {})},
            type=self.medium.type,
        )
        super().__init__(name, uploaded, values=values or {}, row_timeout=row_timeout)
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
        if self.partitioning.folders:
            check_keeps_folders(self.naming, name, uploads=uploads, name_by=name_by)
        self.change_time = change_time
        self.follow_links = follow_links
        known = self.medium.limits.names() if limits else ()
        self.limits = check_limits(limits or {}, where=f"table {name!r}", names=known)
        check_truncated(truncated, name, self.medium)
        self.truncated: Literal["error", "keep"] = truncated
        self.nightly = nightly
        self.automation: Automation = automation
        self.severe_error_share = severe_error_share
        self.owners = tuple(owners)
        self.tags = dict(tags or {})
        self.kinds = frozenset(kinds)
        self.group_name = group_name or self.op_name
        self.op_tags = dict(op_tags or {})
        self.run_tags = dict(run_tags or {})
        self.hooks = frozenset(hooks)
        self.description = description
        self.splitting: Splitting | None = None

    @overload
    def derived_table(
        self, name: str | None = None, splitter: None = None, **options: Unpack[DerivedOptions]
    ) -> Callable[[SplitFunction], Self]: ...

    @overload
    def derived_table(
        self,
        name: str | None,
        splitter: Splitter | SplitFunction,
        **options: Unpack[DerivedOptions],
    ) -> Self: ...

    def derived_table(
        self,
        name: str | None = None,
        splitter: Splitter | SplitFunction | None = None,
        **options: Unpack[DerivedOptions],
    ) -> Self | Callable[[SplitFunction], Self]:
        """Returns a table whose rows are parts of this table's rows: frames, pages, tiles.

        It has the partitions of this table, and is materialized with it. Its rows are named
        `<row>/<key>`; its columns may read the columns of this table, too. Without a splitter, it
        decorates a function that yields a `NamedTuple` for each part.

        Args:
            name: The table is named `<this table>/<name>`; by default like the splitter, or the
                function.
            splitter: What splits a row, such as `ma.split.frames(fps=1)`, or such a function.
            **options: `source`, the name of the column of the parts (by default that of the
                splitter: `frame`, `page`, ...); `destination`, `format`, `save_options`,
                `object_options` and `publish` of that column, as of a computed column;
                `stored=False` to keep parts in the files of their parents and read them there (to
                be said if every frame is taken, which is a lot of files); `where`,
                an SQL expression over values of a row, for the rows that are split; `max_parts`,
                the most parts of a row (10,000), above which it is an error row; `code_version` of
                a function, to be changed when it splits rows differently; `description` of the
                table; `pool`, Dagster's, by default this table's.

        Raises:
            DeclarationError: A name or an option cannot be used, or the splitter does not split
                what this table holds.
        """

        def declare(given: Splitter | SplitFunction) -> Self:
            if isinstance(given, Splitter):
                return derive(self, name or given.name, given, options)
            made = splitter_of(given, name=name, code_version=options.get("code_version"))
            return derive(self, made.name, made, options)

        return declare if splitter is None else declare(splitter)

    @property
    def of_parent(self) -> Mapping[str, Column | RowValue] | None:
        """What columns may read of the rows that these are parts of; None if they are no parts."""
        if self.splitting is None:
            return None
        parent = self.splitting.parent
        return {**{column.name: column for column in parent.columns}, **parent.values}

    @property
    def values_in_names(self) -> Collection[str]:
        """The row values that a published name may have: those of the rows' parents, too."""
        of_parent = () if self.splitting is None else self.splitting.parent.values
        return {*of_parent, *self.values}

    @property
    def all_derived(self) -> tuple["MediaTable", ...]:
        """The tables derived from this one, each followed by those derived from it."""
        return tuple(t for table in self.derived.values() for t in (table, *table.all_derived))

    def made_with(self, columns: Sequence[Column]) -> tuple["MediaTable", ...]:
        """The tables of a run: with all columns of this one go the tables derived from it."""
        is_whole = {column.name for column in self.columns} <= {column.name for column in columns}
        return (self, *self.all_derived) if is_whole else (self,)

    @property
    def root(self) -> "MediaTable":
        """The table whose rows were uploaded: this one, or the first that it is derived from."""
        return self if self.splitting is None else self.splitting.parent.root

    def refuse_parts(self, verb: str) -> None:
        """Refuses what only rows that were uploaded are for.

        Raises:
            DerivedRowsError: The rows are parts of others.
        """
        if self.splitting is not None:
            raise DerivedRowsError(self.name, self.root.name, verb=verb)

    def asset_key(self, column: str) -> dg.AssetKey:
        """The Dagster asset of a column: `[<table>, <column>]`."""
        return dg.AssetKey([*self.name.split("/"), column])

    @property
    def keeps_truncated(self) -> bool:
        """Whether images that end early are decoded as far as they go."""
        return self.truncated == "keep"

    @property
    def op_name(self) -> str:
        """The name of the table's step, and of its section in the run config."""
        return self.name.replace("/", "__")

    @property
    def job_name(self) -> str:
        """The name of the job that materializes all columns."""
        return f"{self.op_name}_job"

    @property
    def partitions_name(self) -> str | None:
        """The name of the table's dynamic partitions on the Dagster instance, if any."""
        definition = self.partitioning.definition
        is_dynamic = isinstance(definition, dg.DynamicPartitionsDefinition)
        return definition.name if is_dynamic else None
