"""The rows of a trial: a few from many partitions, error rows among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, zip_longest
from typing import cast

from media_assets.catalog import Catalog
from media_assets.errors import NothingToTryError
from media_assets.records.database import quote_name
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable

_PARTITIONS = 20
"""Reading a partition takes as long as making some rows, so a trial reads only so many."""

_ERROR_SHARE = 4
"""Up to one row in so many is an error row."""

_ERRORS = (
    'select distinct partition, row from media_assets.errors where "table" = ? '
    'and list_contains(?, "column")'
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of a trial.

    Attributes:
        rows: Their names, by partition.
        of_rows: How many rows the table has.
        of_partitions: How many partitions hold them.
    """

    rows: Mapping[str, Sequence[str]]
    of_rows: int
    of_partitions: int

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))


def choose_rows(
    catalog: Catalog,
    stored: StoredTable,
    table: MediaTable,
    columns: Sequence[str],
    *,
    rows: int,
    where: str | None,
) -> Sample:
    """Chooses the rows of a trial; as long as a table has the same rows, the same ones.

    Args:
        catalog: The catalog.
        stored: The table, as the catalog keeps it.
        table: The table.
        columns: The columns to try; up to a quarter are rows in which one of these has an error.
        rows: How many rows to choose.
        where: Choose only rows for which this is true, in SQL.

    Raises:
        NothingToTryError: The table has no such rows.
        QueryError: `where` cannot be understood.
        QueryRefusedError: It does more than read the catalog.
    """
    live = {p: stored.live_rows(p) for p in table.partitioning.among(stored.partitions())}
    live = {partition: found for partition, found in live.items() if found}
    candidates: dict[str, list[str]] = {p: list(found) for p, found in live.items()}
    if where is not None:
        query = f"select partition, row from {quote_name(table.name)} where (\n{where}\n)"  # noqa: S608  quoted
        candidates = _by_partition(_places(catalog, query), live)
    if not candidates:
        raise NothingToTryError(table.name, where=where)
    failing = _by_partition(_places(catalog, _ERRORS, [table.name, list(columns)]), candidates)
    chosen = dict.fromkeys(_spread(failing, max(1, rows // _ERROR_SHARE)))
    others = _spread({p: candidates[p] for p in _evenly(sorted(candidates))}, rows + len(chosen))
    for place in others:
        if len(chosen) >= rows:
            break
        chosen[place] = None
    of_partition: dict[str, list[str]] = {}
    for partition, row in sorted(islice(chosen, rows)):
        of_partition.setdefault(partition, []).append(row)
    return Sample(of_partition, sum(map(len, live.values())), len(live))


def _places(
    catalog: Catalog, query: str, parameters: Sequence[object] = ()
) -> list[tuple[str, str]]:
    return cast("list[tuple[str, str]]", catalog.answer(query, parameters).rows)


def _by_partition(
    places: Sequence[tuple[str, str]], known: Mapping[str, Sequence[str] | Mapping[str, object]]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for partition, row in places:
        if partition in known and row in known[partition]:
            found.setdefault(partition, []).append(row)
    return found


def _evenly(partitions: Sequence[str]) -> list[str]:
    """Returns up to 20 of the partitions, from the first to the last."""
    if len(partitions) <= _PARTITIONS:
        return list(partitions)
    last = len(partitions) - 1
    return [partitions[round(n * last / (_PARTITIONS - 1))] for n in range(_PARTITIONS)]


def _spread(rows: Mapping[str, Sequence[str]], count: int) -> list[tuple[str, str]]:
    """Returns some rows, one from each partition in turn, in an order that only looks random."""
    shuffled = [[(p, row) for row in sorted(rows[p], key=_digest)] for p in sorted(rows)]
    rounds = zip_longest(*shuffled)
    return list(islice((place for each in rounds for place in each if place), count))


def _digest(row: str) -> bytes:
    return sha256(row.encode()).digest()
