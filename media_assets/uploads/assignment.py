"""The assignment of uploads to partitions, for tables with partitions of uploads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from media_assets.uploads.upload import Upload


def assign_partitions(
    uploads: Sequence[Upload],
    *,
    newest: Mapping[str, Upload],
    open_batch: tuple[str, int] | None,
    rows_per_partition: int,
    existing: Iterable[str],
    now: datetime,
) -> list[Upload]:
    """Assigns each upload to a partition: the open one until it is full, then new ones.

    A row that is already in the open partition stays there as a newer version.

    Args:
        uploads: New and replaced rows, in the order to be recorded.
        newest: The newest upload of each existing row.
        open_batch: The newest partition's key, and how many rows were recorded into it.
        rows_per_partition: How many rows a partition holds at most.
        existing: All existing partition keys.
        now: The time in UTC that names new partitions, to the minute.
    """
    new_keys = _new_keys(existing, now)
    key, filled = open_batch or ("", rows_per_partition)
    assigned: list[Upload] = []
    for upload in uploads:
        previous = newest.get(upload.row)
        supersedes = previous.partition if previous else None
        if open_batch is not None and supersedes == open_batch[0]:
            assigned.append(replace(upload, partition=supersedes, supersedes=supersedes))
            continue
        if filled >= rows_per_partition:
            key, filled = next(new_keys), 0
        filled += 1
        assigned.append(replace(upload, partition=key, supersedes=supersedes))
    return assigned


def _new_keys(existing: Iterable[str], now: datetime) -> Iterator[str]:
    """Yields partition keys that are safe in paths, ranges and URLs, and sort by time."""
    taken = frozenset(existing)
    minute = now.astimezone(UTC).strftime("%Y%m%dT%H%M")
    for sequence in count(1):
        if (key := f"{minute}-{sequence:04d}") not in taken:
            yield key
