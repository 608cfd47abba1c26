"""`media-assets insert`: files, folders and URLs in, every column out."""

from pathlib import Path
from time import perf_counter

import click

from media_assets.automation.local_runs import register_partitions
from media_assets.catalog import Catalog
from media_assets.cli.location import load_location, location_options, open_instance
from media_assets.cli.progress import progress_shown
from media_assets.cli.report import fail_if_any_failed, split_names
from media_assets.cli.runs import run_partitions
from media_assets.tables.listing import table_reader
from media_assets.tables.uploads import record
from media_assets.uploads.log import UploadLog
from media_assets.uploads.named import find_named


@click.command("insert")
@click.argument("table")
@click.argument("files", nargs=-1, required=True)
@click.option("--columns", help="Materialize these columns alone, with the source: a,b")
@click.option("--name", help="The row's name, for one single file.")
@click.option("--all", "all_files", is_flag=True, help="Take every file of a folder.")
@location_options
def command(
    table: str,
    files: tuple[str, ...],
    columns: str | None,
    name: str | None,
    all_files: bool,  # noqa: FBT001  click hands flags over like that
    module_name: str | None,
    python_file: Path | None,
) -> None:
    """Insert FILES into TABLE and materialize its columns.

    FILES are local files and folders, http(s) URLs, and files and prefixes in storage, such as
    s3://bucket/prefix/. A folder gives its image files, recursively; a file is taken whatever its
    name. What is there already, unchanged, is not computed again.
    """
    started = perf_counter()
    location = load_location(module_name, python_file)
    media_table, manager = location.table(table), location.io_manager
    names = split_names(columns)
    selected = media_table.select(names and (media_table.source.name, *names))
    for column in selected:
        manager.decide(table, column)
    reader = table_reader(manager, media_table)
    found = find_named(files, reader, name=name, all_files=all_files)
    root = manager.catalog_root()
    with open_instance() as instance:
        recorded = record(manager, media_table, found, is_named=True)
        log = UploadLog(root, table)
        log.refresh()
        register_partitions(instance, media_table, log)
        with progress_shown():
            runs = list(
                run_partitions(location, instance, media_table, recorded.partitions, selected)
            )
    rows = recorded.new + recorded.replaced
    errors = Catalog(root).error_rows(table, [upload.row for upload in found.uploads])
    seconds = perf_counter() - started
    click.echo(
        f"Inserted {rows} rows with {errors} errors in {seconds:.2f} s "
        f"({rows / seconds:.1f} rows/s)"
    )
    click.echo(
        f"{recorded.new} new, {recorded.replaced} replaced, {recorded.unchanged} unchanged, "
        f"{recorded.left_alone} left alone; "
        f"{sum(run.made for run in runs)} cells made, {sum(run.reused for run in runs)} reused."
    )
    if errors:
        click.echo(f"See what failed: media-assets errors {table}")
    fail_if_any_failed(runs)
