"""`media-assets scan`: what is new or changed among the uploads becomes batches."""

from pathlib import Path

import click

from media_assets.automation.intake import Intake, Place
from media_assets.automation.local_runs import register_partitions
from media_assets.cli.location import load_location, location_options, open_instance
from media_assets.cli.report import fail_if_any_unreadable
from media_assets.tables.listing import uploads_listing
from media_assets.uploads.left_alone import MISPLACED


@click.command("scan")
@click.argument("table")
@click.option("--all", "all_files", is_flag=True, help="Take every file, whatever its extension.")
@click.option("--follow-links", is_flag=True, help="Follow links wherever they lead.")
@location_options
def command(
    table: str,
    all_files: bool,  # noqa: FBT001  click hands flags over like that
    follow_links: bool,  # noqa: FBT001
    module_name: str | None,
    python_file: Path | None,
) -> None:
    """Record what is new or changed among TABLE's uploads as batches, and compute nothing."""
    location = load_location(module_name, python_file)
    media_table, manager = location.table(table), location.io_manager
    listing = uploads_listing(manager, media_table, follow_links=follow_links)
    with open_instance() as instance:
        intake = Intake(manager, media_table, all_files=all_files)
        look = intake.look(listing, Place())
        register_partitions(instance, media_table, intake.log)
    left_alone = look.left_alone
    for row in look.misplaced:
        left_alone.add(MISPLACED, row)
    unchanged = look.files - look.new - look.replaced - left_alone.total
    click.echo(f"{look.new} new, {look.replaced} replaced, {unchanged} unchanged, {left_alone}.")
    if look.new or look.replaced:
        click.echo(f"Compute them: media-assets materialize {table} --partitions stale")
    fail_if_any_unreadable(left_alone)
