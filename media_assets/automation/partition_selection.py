"""Selections of partitions: by key, by range, or by state."""

import logging
from collections.abc import Callable, Sequence, Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate

import dagster as dg

from media_assets.amounts import amount
from media_assets.automation.local_runs import assets_of_run
from media_assets.columns import Column
from media_assets.errors import AmbiguousPartitionsError, UnknownNameError
from media_assets.file_keys import partition_prefix
from media_assets.installation import Installation
from media_assets.partition_keys import keys_between, known_keys
from media_assets.pipeline.reuse import is_unreadable
from media_assets.records.manifests import Manifest
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.parents import WAITING
from media_assets.tables.staleness import stale_columns
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.uploads.parts import unsplit_parents
from media_assets.uploads.stored_table import StoredTable

STATES = ("failed", "missing", "stale")
"""With error rows; with cells that were never made; with anything that a run would make."""

_ALL = "all"
_RANGE = "..."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The partitions that were selected.

    Attributes:
        partitions: The keys, in the order in which they were named, then oldest first.
        states: The states that were named: `failed`, `missing`, `stale`.
    """

    partitions: Sequence[str]
    states: AbstractSet[str]


def select_partitions(
    texts: Sequence[str],
    installation: Installation,
    table: MediaTable,
    columns: Sequence[Column],
    stored: StoredTable,
    versions: AssetVersions,
    *,
    states: Sequence[str] = (),
) -> Chosen:
    """Returns the partitions that `--partitions` and `--state` name, or all with rows by default.

    Args:
        texts: Keys, ranges, `all`, or states. A key named like a state is taken as the key.
        installation: Access to the catalog.
        table: The table.
        columns: The columns whose state counts; all of them stand for derived tables as well.
        stored: The table, as the catalog keeps it.
        versions: The newest data versions of other assets.
        states: States, even if a key has the same name.

    Raises:
        UnknownNameError: The table does not have a key; the message lists the known ones.
        AmbiguousPartitionsError: A text can be read as keys in more than one way.
    """
    of_tables = states_of_run(installation, table, columns, stored)
    by_state: dict[str, Callable[[str], bool]] = {
        "failed": lambda partition: any(each.has_errors(partition) for each in of_tables),
        "missing": lambda partition: any(each.is_missing(partition) for each in of_tables),
        "stale": lambda partition: any(
            each.is_stale(partition, versions=versions) for each in of_tables
        ),
    }
    with_uploads = known = table.partitioning.among(stored.partitions())
    definition = table.partitioning.definition
    if definition is not None and (keys := known_keys(definition)) is not None:
        known = keys
    found: list[str] = []
    chosen = by_state.keys() & {*states, *set(texts).difference(known)}
    if not (texts or states) or (_ALL in texts and _ALL not in known):
        found += filter(stored.has_rows, with_uploads)
    for text in texts:
        if text in known or text not in {*STATES, _ALL}:
            found += _parse_keys(text, known, table)
    for name in sorted(chosen):
        found += filter(by_state[name], with_uploads)
    return Chosen(list(dict.fromkeys(found)), chosen)


def describe_misplaced_rows(table: MediaTable, stored: StoredTable) -> str | None:
    """Returns a note on rows in partitions that the table no longer has, or None."""
    known = stored.partitions()
    gone = sorted(set(known).difference(table.partitioning.among(known)))
    rows = {partition: len(stored.live_rows(partition)) for partition in gone}
    standing = [partition for partition in gone if rows[partition]]
    if not standing:
        return None
    return (
        f"{amount(sum(rows.values()), 'row is', 'rows are')} in partitions that table "
        f"{table.name!r} no longer has, such as {standing[0]!r}. Such rows are shown, but not made "
        "again. To move them to the current partitions, insert their files again, or, if they are "
        f"in the table's uploads location: media-assets scan {table.name}"
    )


def partitions_without_events(
    instance: dg.DagsterInstance, table: MediaTable, columns: Sequence[Column], stored: StoredTable
) -> list[str]:
    """Returns the partitions with rows whose events Dagster lost, oldest first.

    That happens when an asset is wiped. A run makes nothing again, but reports the cells.
    """
    keys = list(assets_of_run(table, columns))
    if table.partitioning.definition is None:
        is_told = all(instance.get_latest_materialization_event(key) for key in keys)
        return [] if is_told else table.partitioning.among(stored.partitions())
    told = [instance.get_materialized_partitions(key) for key in keys]
    return [
        partition
        for partition in table.partitioning.among(stored.partitions())
        if any(partition not in of_column for of_column in told) and stored.live_rows(partition)
    ]


def states_of_run(
    installation: Installation, table: MediaTable, columns: Sequence[Column], stored: StoredTable
) -> list["PartitionState"]:
    """Returns the states of all tables that a run of columns makes: derived ones go along."""
    derived = table.made_with(columns)[1:]
    return [
        PartitionState(installation, table, columns, stored),
        *(
            PartitionState(installation, each, each.columns, stored_table(stored.root, each))
            for each in derived
        ),
    ]


class PartitionState:
    """The state of partitions in some columns."""

    def __init__(
        self,
        installation: Installation,
        table: MediaTable,
        columns: Sequence[Column],
        stored: StoredTable,
    ) -> None:
        self._installation, self._table, self._columns = installation, table, columns
        self._stored = stored

    def has_errors(self, partition: str) -> bool:
        """Whether a partition has error rows."""
        return bool(self._error_rows(partition))

    def errors_to_retry(self, partition: str) -> set[str]:
        """Returns the rows with errors, except those whose source cannot be decoded.

        Of a part with an error it is all rows that it is made from.
        """
        rows = self._error_rows(partition)
        if not rows:
            return rows
        if self._table.splitting is not None:
            errors = (e for m in self._manifests(partition) if m is not None for e in m.errors)
            passing = {e.row for e in errors if e.row in rows and e.error_class not in WAITING}
            return {parent for row in passing for parent in accumulate(row.split("/"), _join)}
        source = self._stored.manifest(self._table.source.name, partition)
        live = self._stored.live_rows(partition)
        medium, keeps = self._table.source.type, self._table.keeps_truncated
        waiting = {
            record.row
            for record in (source.errors if source else ())
            if record.row in rows
            and is_unreadable(record, live[record.row], medium, keeps_truncated=keeps)
        }
        return rows - waiting

    def is_missing(self, partition: str) -> bool:
        """Whether a partition has cells that were never made."""
        if self._table.splitting and unsplit_parents(self._stored, partition):
            return True
        live = self._stored.live_rows(partition).keys()
        return any(m is None or live - m.records.keys() for m in self._manifests(partition))

    def is_stale(self, partition: str, *, versions: AssetVersions) -> bool:
        """Whether a run of the partition would make anything; moving files does not count."""
        from media_assets.tables.derived_step import step_class  # noqa: PLC0415  slow
        from media_assets.tables.step import StepOptions  # noqa: PLC0415  slow

        if any(manifest is None for manifest in self._manifests(partition)):
            return True
        step = step_class(self._table)(
            self._installation,
            self._table,
            partition,
            versions.known_to(self._columns, partition),
            run_id="",
            options=StepOptions(moves=False),
            log=logging.getLogger(),
        )
        return step.has_work()

    def is_out_of_date(self, partition: str, *, versions: AssetVersions) -> bool:
        """Whether a cell was never made, or is of other content or code; errors do not count."""
        stale = stale_columns(self._table, self._stored, versions, partition, self._columns)
        if any(column.cells for column in stale):
            return True
        # Parts have no address of their own: they follow their parents.
        return self._table.splitting is None and not self._shows_addresses(partition)

    def _shows_addresses(self, partition: str) -> bool:
        """Whether the source's cells are where the uploads are now."""
        source = self._table.source.name
        manifest = self._stored.manifest(source, partition)
        kept = partition_prefix(self._table.name, source, partition)
        fileurls = dict(manifest.select("row", "fileurl")) if manifest else {}
        return all(
            fileurls.get(row) in (None, upload.uri) or kept in fileurls[row]
            for row, upload in self._stored.live_rows(partition).items()
        )

    def _error_rows(self, partition: str) -> set[str]:
        live = self._stored.live_rows(partition).keys()
        return {
            error.row
            for manifest in self._manifests(partition)
            if manifest is not None
            for error in manifest.errors
            if error.row in live
        }

    def _manifests(self, partition: str) -> list[Manifest | None]:
        return [self._stored.manifest(column.name, partition) for column in self._columns]


def _join(parent: str, key: str) -> str:
    return f"{parent}/{key}"


def _parse_keys(text: str, known: list[str], table: MediaTable) -> list[str]:
    """Returns the keys in a text. One whole key comes first, since keys may contain commas."""
    if text in known:
        return [text]
    first, is_range, last = text.partition(_RANGE)
    readings = [[first, last]] if is_range else _readings(text, frozenset(known))
    if len(readings) > 1:
        raise AmbiguousPartitionsError(text, readings)
    named = readings[0] if readings else [key.strip() for key in text.split(",")]
    for key in named:
        if key not in known:
            where = f"of table {table.name!r}"
            raise UnknownNameError(kind="partition", name=key, known=known, where=where)
    if is_range:
        return keys_between(table.partitioning.definition, first, last, known)
    return [partition for partition in known if partition in named]


def _readings(text: str, known: frozenset[str]) -> list[list[str]]:
    """Returns at most two ways to read a text as keys separated by commas."""
    parts = text.split(",")
    longest = 1 + max((key.count(",") for key in known), default=0)
    of_rest: list[list[list[str]]] = [[[]]]
    for start in reversed(range(len(parts))):
        ways: list[list[str]] = []
        for length in range(1, min(longest, len(parts) - start) + 1):
            key = ",".join(parts[start : start + length]).strip()
            if key in known:
                ways += [[key, *rest] for rest in of_rest[length - 1]]
        of_rest.insert(0, ways[:2])
    return of_rest[0]
