"""`media-assets scan`: what is new or changed in the uploads folder becomes batches."""

from pathlib import Path

import click

from media_assets.cli.location import load_location, location_options, open_instance
from media_assets.cli.runs import register_partitions
from media_assets.destinations import parse_destination
from media_assets.errors import UploadError
from media_assets.upload_log import UploadLog
from media_assets.uploads import find_files, record_uploads


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
    uploads = media_table.uploads or str(manager.home.uploads(table))
    folder = parse_destination(uploads, source=f"uploads of table {table!r}").path
    if folder is None or not folder.is_dir():
        raise UploadError(
            f"The uploads location {uploads!r} of table {table!r} is no existing folder.",
            accepted="A local folder.",
            fix=f"Create it, or insert files by name: media-assets insert {table} FILE",
        )
    root = manager.catalog_root()
    found = find_files([folder], all_files=all_files)
    with open_instance() as instance:
        recorded = record_uploads(
            root, table, media_table.source.name, found, batch_rows=media_table.batch_rows
        )
        log = UploadLog(root, table)
        log.refresh()
        register_partitions(instance, media_table, log)
    click.echo(
        f"{recorded.new} new, {recorded.replaced} replaced, {recorded.unchanged} unchanged, "
        f"{recorded.left_alone} left alone."
    )
    if recorded.new or recorded.replaced:
        click.echo(f"Compute them: media-assets materialize {table} --partitions stale")
