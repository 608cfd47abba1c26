"""`media-assets scan`: what is new or changed among the uploads becomes batches."""

from pathlib import Path

import click

from media_assets.automation.intake import Intake, Place
from media_assets.automation.local_runs import register_partitions
from media_assets.cli.location import load_location, location_options, open_instance
from media_assets.cli.report import recorded_text
from media_assets.tables.listing import uploads_listing
from media_assets.uploads.recording import described_conflicts


@click.command("scan")
@click.argument("table")
@click.option("--all", "all_files", is_flag=True, help="Take every file, whatever its extension.")
@click.option(
    "--replace",
    "replaces",
    is_flag=True,
    help="Replace rows whose names are taken by other content from elsewhere.",
)
@location_options
def command(
    table: str,
    all_files: bool,  # noqa: FBT001  click hands flags over like that
    replaces: bool,  # noqa: FBT001
    module_name: str | None,
    python_file: Path | None,
) -> None:
    """Record what is new or changed among TABLE's uploads as batches, and compute nothing."""
    location = load_location(module_name, python_file)
    media_table, manager = location.table(table), location.io_manager
    listing = uploads_listing(manager, media_table)
    with open_instance() as instance:
        intake = Intake(manager, media_table, all_files=all_files, replaces=replaces)
        look = intake.look(listing, Place())
        register_partitions(instance, media_table, intake.log)
    left_alone = look.left_alone + len(look.misplaced)
    unchanged = look.files - look.recorded - left_alone - len(look.conflicts)
    click.echo(f"{recorded_text(look, unchanged=unchanged, left_alone=left_alone)}.")
    if look.conflicts:
        click.echo(f"{described_conflicts(look.conflicts)}. To replace them: scan --replace")
    if look.recorded:
        click.echo(f"Compute them: media-assets materialize {table} --partitions stale")
