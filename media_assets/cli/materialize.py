"""`media-assets materialize`: columns of existing rows."""

import click

from media_assets.amounts import amount
from media_assets.automation.local_runs import RunOutcome
from media_assets.automation.partition_selection import STATES, describe_misplaced_rows
from media_assets.cli.dry_run import print_dry_run
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import split_names
from media_assets.cli.runs import caller, fail_if_any, tell_failures
from media_assets.standard_error import tell
from media_assets.verbs.location import asset_versions
from media_assets.verbs.materialize import MaterializeOptions, materialize, select_work
from media_assets.verbs.progress import show_progress
from media_assets.verbs.runs import describe_counts


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
    media_table = location.table(table)
    options = MaterializeOptions(
        columns=split_names(columns), partitions=partitions, states=states, force=force
    )
    work = select_work(location, media_table, options, lists=not dry_run)
    if told := describe_misplaced_rows(media_table, work.stored):
        tell(told)
    if dry_run:
        with asset_versions() as versions:
            print_dry_run(
                location.installation,
                media_table,
                work.partitions,
                work.columns,
                work.stored,
                versions,
                force=force,
                moves=work.config["move"],
            )
        return
    with show_progress():
        done = materialize(location, media_table, work, caller(_say_outcome))
    failed = tell_failures(done.runs)
    for line in done.lines:
        say(line)
    if done.errors:
        told = amount(done.errors, "cell has an error", "cells have an error")
        say(f"{told}. See what failed: media-assets errors {table}")
    fail_if_any(failed)


def _say_outcome(run: RunOutcome) -> None:
    state = "" if run.succeeded else ", failed"
    say(f"{run.partition}: {describe_counts([run])}{state}")
