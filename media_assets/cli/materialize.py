"""`media-assets materialize`: columns of existing rows."""

import click

from media_assets.amounts import amount
from media_assets.automation.local_runs import RunOutcome, register_partitions
from media_assets.automation.partition_selection import (
    STATES,
    describe_misplaced_rows,
    partitions_without_events,
    select_partitions,
)
from media_assets.cli.dry_run import print_dry_run
from media_assets.cli.location import Location, asset_versions, location_options, open_instance
from media_assets.cli.output import say
from media_assets.cli.progress import show_progress
from media_assets.cli.runs import (
    describe_counts,
    fail_if_any,
    run_partitions,
    split_names,
    tell_failures,
)
from media_assets.tables.scanning import record, scan_uploads
from media_assets.uploads.stored_table import StoredTable


@click.command("materialize")
@click.argument("table")
@click.option("--columns", help="Only these columns: a,b")
@click.option(
    "--partitions",
    multiple=True,
    help="A key, several keys (A,B, or the option several times), a range (A...B), all (the "
    "default), or a state as for --state, unless it is also the name of a key.",
)
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    help="Partitions that are failed (have error rows), missing (have cells that were never made) "
    "or stale (have anything that a run would make); can be given several times.",
)
@click.option("--force", is_flag=True, help="Make every cell again, even if it is up to date.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would be made, moved and reused, and make nothing."
)
@location_options
def command(
    location: Location,
    table: str,
    columns: str | None,
    partitions: tuple[str, ...],
    states: tuple[str, ...],
    force: bool,  # noqa: FBT001  click hands flags over like that
    dry_run: bool,  # noqa: FBT001  the same
) -> None:
    """Materialize columns of TABLE; cells that are up to date are not computed again."""
    media_table, installation = location.table(table), location.installation
    selected = media_table.select(split_names(columns))
    for column in selected:
        installation.decide(table, column)
    stored = StoredTable(installation.catalog, table)
    if media_table.partitioning.lists_at_run and not dry_run:
        record(installation, media_table, scan_uploads(installation, media_table), stored=stored)
    with asset_versions() as versions:
        selection = select_partitions(
            partitions, installation, media_table, selected, stored, versions, states=states
        )
    chosen, by_state = selection.partitions, selection.states
    # Partitions chosen by state are only repaired: their files are not moved.
    config = {"force": force, "move": not by_state, "retry_unreadable": "failed" in by_state}
    if told := describe_misplaced_rows(media_table, stored):
        say(told, err=True)
    if dry_run:
        with asset_versions() as versions:
            print_dry_run(
                installation,
                media_table,
                chosen,
                selected,
                stored,
                versions,
                force=force,
                moves=config["move"],
            )
        return
    with open_instance() as instance:
        register_partitions(instance, media_table, stored)
        if not by_state.isdisjoint({"missing", "stale"}):
            untold = partitions_without_events(instance, media_table, selected, stored)
            chosen = list(dict.fromkeys([*chosen, *untold]))
        runs: list[RunOutcome] = []
        with show_progress():
            for run in run_partitions(
                location, instance, media_table, chosen, selected, config=config
            ):
                state = "" if run.succeeded else ", failed"
                say(f"{run.partition}: {describe_counts([run])}{state}")
                runs.append(run)
    if not runs:
        say(f"Nothing to materialize in {table}.")
        return
    failed = tell_failures(runs)
    done = amount(len(runs), "partition")
    if failed:
        done = f"{len(runs) - failed} of {len(runs)} partitions"
    say(f"Materialized {done} of {table}: {describe_counts(runs)}.")
    if errors := sum(run.errors for run in runs):
        told = amount(errors, "cell has an error", "cells have an error")
        say(f"{told}. See what failed: media-assets errors {table}")
    fail_if_any(failed)
