"""Which partition a row is in: a batch of uploads, or what a rule of the table says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from media_assets.errors import DeclarationError, UploadError

BATCHES: Literal["batches"] = "batches"
UNPARTITIONED = "_"
"""The partition of a table without partitions, in keys and in the catalog."""

Partitions = dg.PartitionsDefinition | Literal["batches"] | None
PartitionOf = Callable[[str], str]

_PLACE = "{partition_key}"


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table's rows are spread over partitions.

    Attributes:
        definition: Dagster's partitions definition; None for a table without partitions.
        partition_of: The partition of a row by its name; None where batches decide.
        is_dated: Whether `uploads` holds `{partition_key}`, so that a run lists its own files.
    """

    definition: dg.PartitionsDefinition | None
    partition_of: PartitionOf | None
    is_dated: bool = False

    @property
    def lists_at_run(self) -> bool:
        """Whether a run over a partition looks for its uploads itself."""
        return self.is_dated or self.definition is None


def partitioning(
    table: str, partitions: Partitions, partition_of: PartitionOf | None, uploads: str | None
) -> Partitioning:
    """Works out how a table is partitioned.

    Raises:
        DeclarationError: Nothing says which rows a partition holds, or two things do.
    """
    is_dated = uploads is not None and _PLACE in uploads
    if partitions == BATCHES:
        if partition_of is None and not is_dated:
            return Partitioning(dg.DynamicPartitionsDefinition(name=f"media_assets/{table}"), None)
        raise _problem(table, "is partitioned by batches and says which rows a partition holds")
    if partitions is None:
        if partition_of is None and not is_dated:
            return Partitioning(None, lambda _: UNPARTITIONED)
        raise _problem(table, "has no partitions and says which rows a partition holds")
    if is_dated == (partition_of is not None):
        raise _problem(
            table, "has partitions of its own, and no one rule says which rows are where"
        )
    return Partitioning(partitions, partition_of or _by_name(uploads or ""), is_dated)


def uploads_root(uploads: str) -> str:
    """Returns the location that rows' names are relative to: what stands before the key."""
    return uploads.partition(_PLACE)[0] if _PLACE in uploads else uploads


def uploads_of(uploads: str, partition: str) -> str:
    """Returns where the uploads of one partition are."""
    return uploads.replace(_PLACE, partition)


def _by_name(uploads: str) -> PartitionOf:
    """Reads the partition's key out of a row's name, which is relative to the uploads' root."""
    rest = uploads.partition(_PLACE)[2].strip("/")
    pattern = re.compile(rf"([^/]+)/{re.escape(rest)}.+" if rest else r"([^/]+)/.+")

    def partition_of(row: str) -> str:
        found = pattern.match(row)
        if found is None:
            raise UploadError(
                what=f"Row {row!r} does not say which partition it is in.",
                accepted=f"Names like those below {uploads!r}: the key, then the file.",
                fix="Name it by --name, for example 2026-11-22/photo.jpg.",
            )
        return found[1]

    return partition_of


def _problem(table: str, problem: str) -> DeclarationError:
    return DeclarationError(
        what=f"Table {table!r} {problem}.",
        accepted='partitions="batches" (or None) alone; or a partitions definition with either '
        "{partition_key} in uploads= or partition_of=.",
        fix='Write it like MediaTable("days", uploads="/data/{partition_key}/", '
        'partitions=dg.DailyPartitionsDefinition("2026-01-01")).',
    )
