"""A tick of the uploads sensor: scan, record, request runs."""

from collections.abc import Callable
from time import sleep, time
from typing import cast

import dagster as dg

from media_assets.automation.cursor import Cursor
from media_assets.automation.local_runs import register_partitions
from media_assets.automation.run_requests import DueRuns, RunPlanner
from media_assets.automation.uploads_scan import COMPARED_BYTES, ScanResult, UploadsScan, clock
from media_assets.automation.watching import is_local, may_watch, state_of, watch
from media_assets.installation import Installation
from media_assets.run_processes import end_dead_runs
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import missing_folder, uploads_listing
from media_assets.uploads.changes import ByteLimit
from media_assets.uploads.listing import Listing

TICK_SECONDS = 10.0
"""Time limit for the scan of a tick; for planning runs, half. Dagster stops it after 60 s."""

AGAIN_SECONDS = 1.0
"""How long a tick waits before it looks again at files that may still be being written."""

MOST_LOOKS = 5


def evaluate(
    table: MediaTable, context: dg.SensorEvaluationContext
) -> dg.SensorResult | dg.SkipReason:
    """Returns the result of one evaluation of a table's sensor."""
    installation = cast("Installation", context.resources.media_io_manager.installation)
    end_dead_runs(context.instance)
    if folder := missing_folder(installation, table):
        return dg.SkipReason(f"The uploads folder {str(folder)!r} does not exist yet.")
    listing = uploads_listing(installation, table)
    look, due, cursor = tick_and_watch(
        context.instance, installation, table, listing, Cursor.parse(context.cursor)
    )
    told = summary(look, due)
    if due.requests or look.new or look.replaced:
        context.log.info(told)
    return dg.SensorResult(
        run_requests=due.requests,
        skip_reason=None if due.requests else told,
        cursor=str(cursor),
    )


def tick_and_watch(
    instance: dg.DagsterInstance,
    installation: Installation,
    table: MediaTable,
    listing: Listing,
    cursor: Cursor,
    *,
    pause: Callable[[float], None] = sleep,
) -> tuple[ScanResult, DueRuns, Cursor]:
    """Ticks, and if there was nothing to do, ticks once more as soon as something changes.

    It waits for that only where it holds up nothing else; see `watching`.
    """
    stored = stored_table(installation.catalog, table)
    watches = may_watch(instance) and is_local(installation, table)
    before = state_of(listing, stored) if watches else ""
    look, due, cursor = tick(
        instance, installation, table, listing, cursor, now=time(), pause=pause
    )
    is_idle = look.is_complete and not (look.recorded or look.unsettled)
    is_idle &= not (due.requests or due.held or cursor.gathering_since)
    if not (watches and is_idle and watch(lambda: state_of(listing, stored), before, pause=pause)):
        return look, due, cursor
    return tick(instance, installation, table, listing, cursor, now=time(), pause=pause)


def tick(
    instance: dg.DagsterInstance,
    installation: Installation,
    table: MediaTable,
    listing: Listing,
    cursor: Cursor,
    *,
    now: float,
    seconds: float = TICK_SECONDS,
    pause: Callable[[float], None] | None = None,
) -> tuple[ScanResult, DueRuns, Cursor]:
    """Scans the uploads for a limited time, records what is new, and plans the runs that are due.

    Runs are planned from the upload log, not from this scan, so a killed tick loses nothing.

    Args:
        instance: The Dagster instance.
        installation: Access to catalog and storage.
        table: The table.
        listing: Its uploads.
        cursor: What the last tick left.
        now: The time, in seconds.
        seconds: The time limit of the scan.
        pause: Waits a number of seconds before another look at files that may still be being
            written; None leaves them to the next tick.
    """
    has_time = clock(seconds)
    scanner = UploadsScan(
        installation, table, has_time=has_time, looks_twice=True, limit=ByteLimit(COMPARED_BYTES)
    )
    look = scanner.look(listing, cursor.place)
    since = cursor.gathering_since
    if since is None and look.recorded + look.unsettled > 0:
        since = now
    looks = 1
    while pause and look.unsettled and look.is_complete and looks < MOST_LOOKS and has_time():
        pause(AGAIN_SECONDS)
        now, looks = now + AGAIN_SECONDS, looks + 1
        again = scanner.look(listing, look.place)
        look = look.followed_by(again)
        if not again.recorded:  # they are still being written
            break
    register_partitions(instance, table, scanner.stored)
    is_gathering = since is not None and now < since + table.gather_seconds
    due = RunPlanner(instance, table, scanner.stored).plan(
        cursor.requested, cursor.held, is_gathering=is_gathering, has_time=clock(seconds / 2)
    )
    if not is_gathering:
        since = now if look.unsettled else None
    return look, due, Cursor(look.place, since, due.position, due.held)


def summary(look: ScanResult, due: DueRuns) -> str:
    """Returns the result of a tick in one line."""
    goes_on = "" if look.is_complete else " The next tick continues."
    return f"{look}; {len(due.requests)} runs requested, {len(due.held)} waiting.{goes_on}"
