"""The shipment of a branch: main takes its rows and cells, and nothing is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

import dagster as dg

from media_assets.amounts import amount
from media_assets.automation.local_runs import register_partitions
from media_assets.automation.partition_selection import describe_misplaced_rows
from media_assets.branches.cells import ShippedCells, ship_cells, shipped_by
from media_assets.branches.changes import BranchChanges, ChangedColumn
from media_assets.branches.events import tell_cells, tell_values
from media_assets.branches.holding import Holding
from media_assets.branches.rows import BranchRows, partitions_of
from media_assets.concurrency import REQUESTS_AT_ONCE, map_concurrently
from media_assets.errors import MisplacedRowsError, PublishError
from media_assets.installation import Installation
from media_assets.records.branches import find_branch
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.verbs.branch import refuse_on_branch, user_name
from media_assets.verbs.report import Report

_NAMED = 10
"""Rows that a report names."""
_AT_ONCE = 2 * REQUESTS_AT_ONCE
"""Partitions that main takes before their events are told."""


@dataclass(kw_only=True, repr=False)
class Shipped(Report):
    """The report of a shipment.

    Attributes:
        branch: The branch.
        rows: How many rows main took.
        cells: How many cells main took.
        partitions: The partitions of those.
        left_rows: The rows that main had changed since, and that stay as main has them.
        left_cells: How many cells stay as main has them: what they are made from is other there.
    """

    branch: str
    rows: int = 0
    cells: int = 0
    partitions: set[str] = field(default_factory=set[str])
    left_rows: list[str] = field(default_factory=list[str])
    left_cells: int = 0

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        rows, cells = amount(self.rows, "row"), amount(self.cells, "cell")
        where = amount(len(self.partitions), "partition")
        told = [f"Shipped branch {self.branch}: {rows} and {cells}, in {where}. 0 cells made."]
        if not (self.rows or self.cells):
            told = [f"Nothing to ship: main has all of branch {self.branch} that holds there."]
        if self.left_rows:
            names = ", ".join(map(repr, self.left_rows[:_NAMED]))
            more = len(self.left_rows) - _NAMED
            names += f" and {more} more" if more > 0 else ""
            count = amount(len(self.left_rows), "row that", "rows that")
            told.append(f"Left as main has them: {count} main has changed since, {names}.")
        if self.left_cells:
            count = amount(self.left_cells, "cell, whose inputs", "cells, whose inputs")
            told.append(
                f"Left as main has them: {count} are other on main by now. The next "
                "materialization makes what is stale."
            )
        told.append(f"To drop the branch: media-assets branch {quote(self.branch)} --drop")
        return told


def ship(
    installation: Installation,
    declared: Mapping[str, MediaTable],
    name: str,
    instance: dg.DagsterInstance,
) -> Shipped:
    """Lets main take what a branch changed; shipped again, it completes what was interrupted.

    The rows come first, as in an insert, then the cells, each partition of a column at once, and
    after a few partitions their events.

    Raises:
        OnBranchError: This is a branch.
        UnknownBranchError: There is none of this name.
        BranchBaseCollectedError: A file of main that it began with is gone.
        MisplacedRowsError: A table's partitions have changed.
        UnknownNameError: It changed rows of a table that the code does not have.
        PublishError: Files of a column could not be published; the shipment is done.
    """
    changes = open_changes(installation, declared, name)
    done = Shipped(branch=name)
    refused: list[PublishError] = []
    versions, user = AssetVersions(lambda: instance), user_name()
    for table, rows in changes.rows():
        _ship_rows(instance, table, rows, done)

    def take(folder: str) -> list[tuple[ChangedColumn, ShippedCells]]:
        """Ships a partition; its columns one after another, since they read each other."""
        taken: list[tuple[ChangedColumn, ShippedCells]] = []
        for one in changes.columns_of(folder):
            holding = Holding(one.table, one.column, one.main, one.branch, versions)
            cells = ship_cells(installation, one.changed, name, user, holding.rows, holding.live)
            taken.append((one, cells))
        return taken

    folders = changes.folders
    for lot in (folders[n : n + _AT_ONCE] for n in range(0, len(folders), _AT_ONCE)):
        taken = [each for found in map_concurrently(take, lot) for each in found]
        for one, cells in taken:
            done.cells += cells.cells
            done.left_cells += cells.left
            if cells.cells:
                done.partitions.add(one.main.partition)
            refused += [cells.refused] if cells.refused else []
        _tell(instance, changes, taken, name)
    if refused:
        raise refused[0]
    return done


def open_changes(
    installation: Installation, declared: Mapping[str, MediaTable], name: str
) -> BranchChanges:
    """Returns what a branch changed, if main can take it; raises what `ship` raises."""
    refuse_on_branch(installation, "This", why="it is about main")
    root = installation.catalog
    find_branch(root, name)
    branch = root.on_branch(name)
    assert branch.on is not None  # noqa: S101  just opened
    branch.on.check_base()
    changes = BranchChanges(root, branch, declared)
    for table in changes.tables:
        for each in (root, branch):
            if told := describe_misplaced_rows(table, stored_table(each, table)):
                raise MisplacedRowsError(told)
    return changes


def _ship_rows(
    instance: dg.DagsterInstance, table: MediaTable, rows: BranchRows, done: Shipped
) -> None:
    shipped = rows.ship()
    if table.splitting is None:
        register_partitions(instance, table, rows.main)
        done.rows += len(shipped.all)
        done.left_rows += shipped.left
    touched = rows.branch.log.newest_of(rows.touched).values()
    tell_values(instance, table, rows.main, partitions_of([*shipped.all, *touched]))


def _tell(
    instance: dg.DagsterInstance,
    changes: BranchChanges,
    taken: Sequence[tuple[ChangedColumn, ShippedCells]],
    name: str,
) -> None:
    """Reports what the shipment committed, now or before it was killed, column by column."""
    for table, column in changes.in_order:
        manifests = {
            one.main.partition: cells.manifest
            for one, cells in taken
            if one.table is table
            and one.column is column
            and cells.manifest
            and shipped_by(cells.manifest, name)
        }
        if manifests:
            tell_cells(instance, table, column, manifests)
