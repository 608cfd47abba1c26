"""`media-assets scan`: a listing of the uploads, recorded but not computed."""

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.runs import fail_if_any_unreadable
from media_assets.verbs.scan import scan


@click.command("scan")
@click.argument("table")
@click.option("--all", "all_files", is_flag=True, help="Record every file, whatever its extension.")
@click.option(
    "--replace",
    "replaces",
    is_flag=True,
    help="Replace rows of the same name whose content came from another address.",
)
@click.option("--follow-links", is_flag=True, help="Follow links, even to other folders.")
@location_options
def command(
    location: Location,
    table: str,
    all_files: bool,  # noqa: FBT001  click hands flags over like that
    replaces: bool,  # noqa: FBT001
    follow_links: bool,  # noqa: FBT001
) -> None:
    """Record new and changed uploads of TABLE in partitions, and compute nothing."""
    scanned = scan(
        location,
        location.table(table),
        all_files=all_files,
        replaces=replaces,
        follow_links=follow_links,
    )
    for line in scanned.lines:
        say(line)
    if scanned.result.recorded:
        say(f"To compute them: media-assets materialize {table} --state stale")
    fail_if_any_unreadable(scanned.left_alone)
