"""`media-assets scan`: what is new or changed in the uploads folder becomes batches."""

from pathlib import Path

import click

from media_assets.cli.location import load_location, location_options, open_instance
from media_assets.cli.runs import register_partitions
from media_assets.table_uploads import record, scan_uploads
from media_assets.upload_log import UploadLog


@click.command("scan")
@click.argument("table")
@click.option("--all", "all_files", is_flag=True, help="Take every file, whatever its extension.")
@location_options
def command(
    table: str,
    all_files: bool,  # noqa: FBT001  click hands flags over like that
    module_name: str | None,
    python_file: Path | None,
) -> None:
    """Record what is new or changed in TABLE's uploads folder as batches, and compute nothing."""
    location = load_location(module_name, python_file)
    media_table, manager = location.table(table), location.io_manager
    found = scan_uploads(manager, media_table, all_files=all_files)
    with open_instance() as instance:
        recorded = record(manager, media_table, found)
        log = UploadLog(manager.catalog_root(), table)
        log.refresh()
        register_partitions(instance, media_table, log)
    click.echo(
        f"{recorded.new} new, {recorded.replaced} replaced, {recorded.unchanged} unchanged, "
        f"{recorded.left_alone} left alone."
    )
    if recorded.new or recorded.replaced:
        click.echo(f"Compute them: media-assets materialize {table} --partitions stale")
