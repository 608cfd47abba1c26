"""`media-assets scan`: a listing of the uploads, recorded but not computed."""

import click

from media_assets.automation.local_runs import register_partitions
from media_assets.automation.uploads_scan import ScanPosition, UploadsScan
from media_assets.cli.location import Location, location_options, open_instance
from media_assets.cli.output import say
from media_assets.cli.runs import describe_recording, fail_if_any_unreadable
from media_assets.tables.uploads_location import uploads_listing
from media_assets.uploads.conflicts import described_conflicts, ways_out
from media_assets.uploads.left_alone import MISPLACED


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
    media_table, installation = location.table(table), location.installation
    listing = uploads_listing(installation, media_table, follow_links=follow_links)
    with open_instance() as instance:
        scanner = UploadsScan(installation, media_table, all_files=all_files, replaces=replaces)
        look = scanner.look(listing, ScanPosition())
        register_partitions(instance, media_table, scanner.stored)
    left_alone = look.left_alone
    for row in look.misplaced:
        left_alone.add(MISPLACED, row)
    unchanged = look.files - look.recorded - left_alone.total - len(look.conflicts)
    say(f"{describe_recording(look, unchanged=unchanged, left_alone=left_alone)}.")
    if look.conflicts:
        say(f"{described_conflicts(look.conflicts)}.")
        for text in ways_out(look.conflicts, table):
            say(text)
    if look.recorded:
        say(f"To compute them: media-assets materialize {table} --state stale")
    fail_if_any_unreadable(left_alone)
