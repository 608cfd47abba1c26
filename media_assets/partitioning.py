"""The partitions of rows: partitions of uploads, or those of a table's own rule."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from media_assets.errors import DeclarationError, UploadError
from media_assets.partition_keys import has_key
from media_assets.upload_folders import UploadFolders, upload_folders

BY_UPLOADS: Literal["uploads"] = "uploads"
UNPARTITIONED = "_"
"""The partition of a table without partitions, in keys and in the catalog."""

Partitions = dg.PartitionsDefinition | Literal["uploads"] | None
PartitionOf = Callable[[str], str]

_LONGEST_KEY_BYTES = 2_000
_NOT_IN_KEYS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|\.\.\.")


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table's rows are assigned to partitions.

    Attributes:
        definition: Dagster's partitions definition; None for a table without partitions.
        partition_of: Returns a row's partition, which exists, by its name; None for partitions of
            uploads.
        uploads: The location that rows' names are relative to; None for the default one.
        folders: The folder of each partition there, whose files a run lists itself; None if
            `uploads` names no partition.
        is_of_parts: Whether the rows are parts of others, whose partitions they have.
    """

    definition: dg.PartitionsDefinition | None
    partition_of: PartitionOf | None
    uploads: str | None = None
    folders: UploadFolders | None = None
    is_of_parts: bool = False

    @property
    def lists_at_run(self) -> bool:
        """Whether a run over a partition lists its uploads itself."""
        is_listed = self.folders is not None or self.definition is None
        return is_listed and not self.is_of_parts

    @property
    def of_parts(self) -> "Partitioning":
        """How the parts of the rows are partitioned: with their rows."""
        return Partitioning(self.definition, None, is_of_parts=True)

    def has(self, partition: str) -> bool:
        """Whether the table has a partition; its declaration may have changed since."""
        if self.definition is None:
            return partition == UNPARTITIONED
        return has_key(self.definition, partition)

    def among(self, partitions: Iterable[str]) -> list[str]:
        """Returns those of the partitions that the table has."""
        return [partition for partition in partitions if self.has(partition)]

    def is_stray(self, row: str) -> bool:
        """Whether a file was found outside all partitions' folders."""
        return self.folders is not None and not self.folders.partition_of(row)


def partitioning(
    table: str, partitions: Partitions, partition_of: PartitionOf | None, uploads: str | None
) -> Partitioning:
    """Returns how a table is partitioned.

    Raises:
        DeclarationError: Nothing says which rows a partition holds, or two things do; or
            `uploads` does not describe usable folders.
    """
    own = None if partitions == BY_UPLOADS else partitions
    root, folders = upload_folders(table, uploads, own)
    if own is None:
        if partition_of is not None:
            kind = "no partitions" if partitions is None else "partitions of uploads"
            raise _problem(table, f"has {kind}, but also says which rows a partition holds")
        if partitions is None:
            return Partitioning(None, lambda _: UNPARTITIONED, root)
        batches = dg.DynamicPartitionsDefinition(name=dynamic_partitions_name(table))
        return Partitioning(batches, None, root)
    rules = [rule for rule in (partition_of, folders and folders.partition_of) if rule]
    if len(rules) != 1:
        raise _problem(
            table, "has partitions of its own, but not exactly one rule for the rows they hold"
        )
    return Partitioning(own, _check(table, own, rules[0], folders), root, folders)


def dynamic_partitions_name(table: str) -> str:
    """Returns the name of a table's dynamic partitions on the Dagster instance."""
    return f"media_assets/{table}"


def _check(
    table: str,
    definition: dg.PartitionsDefinition,
    rule: PartitionOf,
    folders: UploadFolders | None,
) -> PartitionOf:
    """Returns a rule that allows only existing partitions: a run over others would be refused."""
    example = folders.example() if folders else "2026-11-22/"

    def partition_of(row: str) -> str:
        partition = rule(row)
        # Keys read from a folder's name were already looked up.
        if (folders and partition) or has_key(definition, partition):
            return _check_key(table, row, partition)
        raise UploadError(
            what=f"Row {row!r} does not belong to a partition of table {table!r}"
            + (f": there is no {partition!r}." if partition else "."),
            accepted="Rows whose names say which of the table's partitions they are in.",
            fix=f"Name it by --name, for example {example}photo.jpg, or move it there. Nothing "
            "was recorded.",
        )

    return partition_of


def _check_key(table: str, row: str, key: str) -> str:
    """Refuses a key that Dagster reads as a range or as no key, or that its database cannot hold.

    Dagster does not check the keys of dynamic partitions itself.
    """
    if _NOT_IN_KEYS.search(key) is None and len(key.encode()) <= _LONGEST_KEY_BYTES:
        return key
    raise UploadError(
        what=f"Row {row!r} is in a partition of table {table!r} that Dagster cannot name: {key!r}.",
        accepted="Text without control characters and without '...', of at most "
        f"{_LONGEST_KEY_BYTES} bytes.",
        fix="Return other keys from partition_of=, or rename the upload. Nothing was recorded.",
    )


def _problem(table: str, problem: str) -> DeclarationError:
    return DeclarationError(
        what=f"Table {table!r} {problem}.",
        accepted='partitions="uploads" (or None) alone; or a partitions definition with either '
        "{partition_key} or the names of all dimensions in uploads=, or with partition_of=.",
        fix='Write it like MediaTable("days", uploads="/data/{partition_key}/", '
        'partitions=dg.DailyPartitionsDefinition("2026-01-01")).',
    )
