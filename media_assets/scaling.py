"""What a table of some size takes, by figures measured on this project's own benchmarks.

The formula and where each figure comes from are in docs/scaling.md.
"""

from dataclasses import dataclass
from math import ceil

RUN_START_SECONDS = 6.0
RUN_COLUMN_SECONDS = 0.6
EVENTS_OF_RUN, EVENTS_OF_COLUMN = 9, 11
EVENT_BYTES_OF_RUN, EVENT_BYTES_OF_COLUMN = 16_000, 33_000
MANIFEST_BYTES_OF_CELL = 75
UPLOAD_BYTES_OF_ROW = 13
RECORD_MEMORY_OF_CELL = 300
KEYS_OF_PAGE, SECONDS_OF_PAGE = 1_000, 0.1
RUNS_AT_ONCE = 25
SECONDS_OF_CELL = 0.01
_ADVISED = ((100_000, 1_000), (10_000_000, 10_000))
"""Up to so many rows of a table, so many of a partition."""
_LARGEST = 100_000
_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that ends before the cores do.

    Attributes:
        what: What there is too much of.
        load: How much a table needs.
        bound: How much works well.
        advice: What to do where the load is above it.
    """

    what: str
    load: float
    bound: float
    advice: str

    @property
    def share(self) -> float:
        """The load as a share of the bound."""
        return self.load / self.bound


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it takes to materialize all of a table once.

    Attributes:
        partition_rows: Rows of a partition.
        partitions: Partitions, and runs: a run makes all columns of one.
        events: Events in Dagster's log.
        event_bytes: What they take in PostgreSQL.
        write_requests: Files, manifests and upload entries that are created.
        read_requests: Files that are read, each once for all columns.
        catalog_bytes: Manifests and the upload log.
        hours: Of all cores, when nothing else is the limit.
        start_hours: Of the runs' starts and ends alone, at `RUNS_AT_ONCE`.
        limits: Those that are nearest first.
    """

    partition_rows: int
    partitions: int
    events: int
    event_bytes: int
    write_requests: int
    read_requests: int
    catalog_bytes: int
    hours: float
    start_hours: float
    limits: tuple[Limit, ...]


def advised_partition_rows(rows: float) -> int:
    """Returns how many rows a partition should have, for a table of so many rows."""
    return next((advised for most, advised in _ADVISED if rows <= most), _LARGEST)


def estimate(
    rows: float,
    columns: int,
    cores: int,
    *,
    seconds_of_cell: float = SECONDS_OF_CELL,
    partition_rows: int | None = None,
    chunk_rows: int = 25,
) -> Estimate:
    """Returns what it takes to make all cells of a table once.

    Args:
        rows: Rows of the table.
        columns: Computed columns that store images.
        cores: Cores of all machines.
        seconds_of_cell: Seconds that one core needs for one cell, its share of reading included.
        partition_rows: Rows of a partition; as advised for the table's size by default.
        chunk_rows: Rows of a task, as `FanOut` has it.
    """
    partition_rows = partition_rows or advised_partition_rows(rows)
    partitions = ceil(rows / partition_rows)
    seconds = rows * columns * seconds_of_cell / cores
    seconds_of_run = RUN_START_SECONDS + RUN_COLUMN_SECONDS * columns
    manifests = partitions * (columns + 1)
    limits = (
        Limit(
            "GB of upload log that a machine copies from a bucket, once",
            rows * UPLOAD_BYTES_OF_ROW / _GB,
            4,
            "Spread the rows over several tables.",
        ),
        Limit(
            "tasks that a Dask scheduler hands out in a second",
            cores / (columns * seconds_of_cell * chunk_rows),
            100,
            "Raise FanOut(chunk_rows=...), or have a scheduler for each group of runs.",
        ),
        Limit(
            "runs at once that keep all cores busy while others start",
            min(partitions, 1 + seconds_of_run * partitions / seconds),
            RUNS_AT_ONCE,
            "Make partitions larger: MediaTable(rows_per_partition=...).",
        ),
        Limit(
            "seconds to list all manifests of a bucket",
            manifests / KEYS_OF_PAGE * SECONDS_OF_PAGE,
            30,
            "Make partitions larger: MediaTable(rows_per_partition=...).",
        ),
        Limit(
            "partitions of a table in Dagster",
            partitions,
            100_000,
            "Make partitions larger: MediaTable(rows_per_partition=...).",
        ),
        Limit(
            "GB of cells in the memory of each run",
            min(partition_rows, rows) * columns * RECORD_MEMORY_OF_CELL / _GB,
            4,
            "Make partitions smaller: MediaTable(rows_per_partition=...).",
        ),
        Limit(
            "GB of Dagster's event log",
            partitions * (EVENT_BYTES_OF_RUN + EVENT_BYTES_OF_COLUMN * columns) / _GB,
            100,
            "Make partitions larger, or let Dagster forget old runs.",
        ),
    )
    return Estimate(
        partition_rows=partition_rows,
        partitions=partitions,
        events=partitions * (EVENTS_OF_RUN + EVENTS_OF_COLUMN * columns),
        event_bytes=partitions * (EVENT_BYTES_OF_RUN + EVENT_BYTES_OF_COLUMN * columns),
        write_requests=round(rows * columns) + manifests + partitions,
        read_requests=round(rows),
        catalog_bytes=round(rows * (columns + 1) * MANIFEST_BYTES_OF_CELL)
        + round(rows * UPLOAD_BYTES_OF_ROW),
        hours=seconds / 3_600,
        start_hours=partitions * seconds_of_run / RUNS_AT_ONCE / 3_600,
        limits=tuple(sorted(limits, key=lambda limit: -limit.share)),
    )
