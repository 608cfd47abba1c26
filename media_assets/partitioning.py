"""Partitions of rows: partitions of uploads, or those of a table's own rule."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from media_assets.errors import DeclarationError, UploadError

BY_UPLOADS: Literal["uploads"] = "uploads"
UNPARTITIONED = "_"
"""The partition of a table without partitions, in keys and in the catalog."""

Partitions = dg.PartitionsDefinition | Literal["uploads"] | None
PartitionOf = Callable[[str], str]

_PLACE = "{partition_key}"
_LONGEST_KEY_BYTES = 2_000
_NOT_IN_KEYS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|\.\.\.")


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table's rows are spread over partitions.

    Attributes:
        definition: Dagster's partitions definition; None for a table without partitions.
        partition_of: The partition of a row by its name, which there is; None where batches
            decide.
        is_dated: Whether `uploads` holds `{partition_key}`, so that a run lists its own files.
    """

    definition: dg.PartitionsDefinition | None
    partition_of: PartitionOf | None
    is_dated: bool = False

    @property
    def lists_at_run(self) -> bool:
        """Whether a run over a partition looks for its uploads itself."""
        return self.is_dated or self.definition is None

    def has(self, partition: str) -> bool:
        """Whether the table has a partition; it had others if its declaration was changed."""
        if self.definition is None:
            return partition == UNPARTITIONED
        return _has_key(self.definition, partition)

    def among(self, partitions: Iterable[str]) -> list[str]:
        """Returns those of some partitions that the table has."""
        return [partition for partition in partitions if self.has(partition)]

    def is_stray(self, row: str) -> bool:
        """Whether a file that was found lies beside all partitions' folders."""
        if not self.is_dated or self.partition_of is None:
            return False
        try:
            self.partition_of(row)
        except UploadError:
            return True
        return False


def partitioning(
    table: str, partitions: Partitions, partition_of: PartitionOf | None, uploads: str | None
) -> Partitioning:
    """Works out how a table is partitioned.

    Raises:
        DeclarationError: Nothing says which rows a partition holds, or two things do.
    """
    is_dated = uploads is not None and _PLACE in uploads
    if partitions == BY_UPLOADS:
        if partition_of is None and not is_dated:
            batches = dg.DynamicPartitionsDefinition(name=dynamic_partitions_name(table))
            return Partitioning(batches, None)
        raise _problem(table, "is partitioned by batches and says which rows a partition holds")
    if partitions is None:
        if partition_of is None and not is_dated:
            return Partitioning(None, lambda _: UNPARTITIONED)
        raise _problem(table, "has no partitions and says which rows a partition holds")
    if is_dated == (partition_of is not None):
        raise _problem(
            table, "has partitions of its own, and no one rule says which rows are where"
        )
    rule = partition_of or _key_in_name(uploads or "", partitions)
    return Partitioning(partitions, _check(table, partitions, rule), is_dated)


def dynamic_partitions_name(table: str) -> str:
    """Returns the name of a table's batches on the Dagster instance."""
    return f"media_assets/{table}"


def uploads_root(uploads: str) -> str:
    """Returns the location that rows' names are relative to: the folder above the key's.

    >>> uploads_root("/data/day-{partition_key}/raw/")
    '/data/'
    """
    before, place, _ = uploads.partition(_PLACE)
    return f"{before.rpartition('/')[0]}/" if place else uploads


def uploads_of(uploads: str, partition: str) -> str:
    """Returns where the uploads of one partition are."""
    return uploads.replace(_PLACE, partition)


def _key_in_name(uploads: str, definition: dg.PartitionsDefinition) -> PartitionOf:
    """Reads the partition's key out of a row's name, which is relative to the uploads' root.

    A key may hold slashes: the shortest part of the name that is one counts.
    """
    template = uploads.removeprefix(uploads_root(uploads)).strip("/")
    before, *after = (re.escape(part) for part in template.split(_PLACE))
    folder = re.compile(before + "(.+)" + r"\1".join(after))

    def partition_of(row: str) -> str:
        for slash in re.finditer("/", row):
            found = folder.fullmatch(row, 0, slash.start())
            if found is not None and _has_key(definition, found[1]):
                return found[1]
        return ""

    return partition_of


def _check(table: str, definition: dg.PartitionsDefinition, rule: PartitionOf) -> PartitionOf:
    """A rule that names only partitions that there are: a run over any other would be refused."""

    def partition_of(row: str) -> str:
        partition = rule(row)
        if _has_key(definition, partition):
            return _check_key(table, row, partition)
        raise UploadError(
            what=f"Row {row!r} is in no partition of table {table!r}"
            + (f": there is no {partition!r}." if partition else "."),
            accepted="Rows whose name says which of the table's partitions they are in.",
            fix="Name it by --name, for example 2026-11-22/photo.jpg, or move it there; nothing "
            "was recorded.",
        )

    return partition_of


def _check_key(table: str, row: str, key: str) -> str:
    """Refuses a key that Dagster takes for a range or for none, or that its database cannot hold.

    For dynamic partitions Dagster does not do so itself.
    """
    if _NOT_IN_KEYS.search(key) is None and len(key.encode()) <= _LONGEST_KEY_BYTES:
        return key
    raise UploadError(
        what=f"Row {row!r} is in a partition of table {table!r} that Dagster cannot name: {key!r}.",
        accepted="Text without control characters and without '...', of at most "
        f"{_LONGEST_KEY_BYTES} bytes.",
        fix="Let partition_of= return such keys, or rename the upload; nothing was recorded.",
    )


def _has_key(definition: dg.PartitionsDefinition, key: str) -> bool:
    """Whether there is such a partition; dynamic partitions come to be with their rows."""
    dimensions = getattr(definition, "partitions_defs", ())
    parts = [definition, *(dimension.partitions_def for dimension in dimensions)]
    if any(isinstance(part, dg.DynamicPartitionsDefinition) for part in parts):
        return bool(key)
    return definition.has_partition_key(key)


def _problem(table: str, problem: str) -> DeclarationError:
    return DeclarationError(
        what=f"Table {table!r} {problem}.",
        accepted='partitions="uploads" (or None) alone; or a partitions definition with either '
        "{partition_key} in uploads= or partition_of=.",
        fix='Write it like MediaTable("days", uploads="/data/{partition_key}/", '
        'partitions=dg.DailyPartitionsDefinition("2026-01-01")).',
    )
