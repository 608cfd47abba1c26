"""What is measured: one file per subject, one function per comparison."""

from collections.abc import Callable, Iterator, Mapping

from benchmarks.cases import (
    against_floor,
    columns,
    distance,
    memory,
    peers,
    queries,
    start_up,
    table_growth,
)
from benchmarks.figures import Figure
from benchmarks.settings import Settings

Case = Callable[[Settings], Iterator[Figure]]

CORE: Mapping[str, Case] = {
    "photos": against_floor.photos,
    "small-photos": against_floor.small_photos,
    "growth": memory.growth,
    "large-photos": memory.large_photos,
    "distance": distance.distant_destination,
    "new-rows": table_growth.new_rows,
    "catalog": queries.catalog,
    "imports": start_up.imports,
    "thumbnails": columns.thumbnails,
    "further-column": columns.further_column,
}
"""What `make bench` runs, by the name that `--only` takes."""

FURTHER: Mapping[str, Case] = {"pixeltable": peers.pixeltable}
"""What is measured only when it is asked for: peers take long, and a lot of memory."""
