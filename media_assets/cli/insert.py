"""`media-assets insert`: files, folders and URLs as new rows, with all columns."""

from pathlib import Path
from time import perf_counter

import click

from media_assets.amounts import amount
from media_assets.automation.local_runs import IN_PLACE, register_partitions
from media_assets.automation.partition_selection import PartitionState
from media_assets.catalog import Catalog
from media_assets.cli.location import Location, location_options, open_instance
from media_assets.cli.output import say
from media_assets.cli.progress import show_progress
from media_assets.cli.row_values import (
    check_sources,
    data_options,
    parse_values,
    value_options,
    with_values,
)
from media_assets.cli.runs import (
    describe_counts,
    describe_recording,
    fail_if_any,
    fail_if_any_unreadable,
    run_partitions,
    split_names,
    tell_failures,
)
from media_assets.naming import Naming
from media_assets.tables.row_data import given_rows, insert_given
from media_assets.tables.scanning import placed_by_folder, record
from media_assets.tables.uploads_location import table_reader
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.stored_table import StoredTable


@click.command("insert")
@click.argument("table")
@click.argument("files", nargs=-1)
@data_options
@value_options
@click.option("--columns", help="Materialize only the source and these columns: a,b")
@click.option("--name", help="The row's name, if you insert a single file.")
@click.option("--name-by", help="Name rows by path, url or stem, or a template: card1/{stem}")
@click.option(
    "--all", "all_files", is_flag=True, help="Insert every file of a folder, not only images."
)
@click.option(
    "--replace",
    "replaces",
    is_flag=True,
    help="Replace rows of the same name whose content came from another address.",
)
@click.option(
    "--follow-links", is_flag=True, help="Follow links in folders, even to other folders."
)
@location_options
def command(  # noqa: PLR0913, PLR0917  the options of the verb
    location: Location,
    table: str,
    files: tuple[str, ...],
    data: Path | None,
    ignore_columns: bool,  # noqa: FBT001  click hands flags over like that
    values: tuple[str, ...],
    nulls: tuple[str, ...],
    columns: str | None,
    name: str | None,
    name_by: str | None,
    all_files: bool,  # noqa: FBT001
    replaces: bool,  # noqa: FBT001
    follow_links: bool,  # noqa: FBT001
) -> None:
    """Insert FILES, or the rows of data, into TABLE and materialize its columns.

    FILES are local files and folders, http(s) URLs, and files and prefixes in storage, such as
    s3://bucket/prefix/. Of a folder, all image files are inserted, also from subfolders; a file is
    inserted whatever its name. Cells that are up to date are not computed again.
    """
    started = perf_counter()
    media_table, installation = location.table(table), location.installation
    names = split_names(columns)
    selected = media_table.select(names and (media_table.source.name, *names))
    for column in selected:
        installation.decide(table, column)
    naming = media_table.naming if name_by is None else Naming.of(name_by)
    check_sources(files, data, options=(name, all_files, *values, *nulls))
    given = data and given_rows(media_table, data, naming=naming, ignores_others=ignore_columns)
    found = find_named(
        files,
        table_reader(installation, media_table),
        name=name if files else None,
        all_files=all_files,
        follow_links=follow_links or media_table.follow_links,
        naming=naming,
    )
    found = with_values(found, media_table, parse_values(media_table, values, nulls))
    if name is None and name_by is None:
        found = placed_by_folder(installation, media_table, found)
    stored = StoredTable(installation.catalog, table)
    with open_instance() as instance:
        if given is None:
            recorded = record(
                installation, media_table, found, is_named=True, replaces=replaces, stored=stored
            )
        else:
            recorded = insert_given(
                installation, media_table, given, replaces=replaces, stored=stored
            )
        register_partitions(instance, media_table, stored)
        rows = [upload.row for upload in found.uploads]
        state = PartitionState(installation, media_table, selected, stored)
        looked_at = recorded.partitions if rows else ()
        retried = {row for p in looked_at for row in state.errors_to_retry(p)}
        retried &= set(rows)
        with show_progress():
            runs = list(
                run_partitions(
                    location, instance, media_table, recorded.partitions, selected, config=IN_PLACE
                )
            )
    inserted = recorded.new + recorded.replaced
    catalog = Catalog(stored.root)
    named = [rows] if given is None else ([row.row for row in c] for c in given.chunks())
    errors = sum(catalog.error_rows(table, chunk) for chunk in named)
    seconds = perf_counter() - started
    failed = tell_failures(runs)
    if failed:
        say(f"Recorded {amount(inserted, 'row')}, but {failed} of {len(runs)} partitions failed.")
    else:
        say(_summary(inserted, errors, seconds, is_any=bool(recorded.partitions)))
    told = describe_recording(recorded, unchanged=recorded.unchanged, left_alone=found.left_alone)
    say(f"{told}; {describe_counts(runs)}.")
    if retried:
        were = amount(len(retried), "row with an error was", "rows with an error were")
        say(f"{were} retried.")
    if errors:
        say(f"See what failed: media-assets errors {table}")
    fail_if_any_unreadable(found.left_alone)
    fail_if_any(failed)


def _summary(inserted: int, errors: int, seconds: float, *, is_any: bool) -> str:
    """Returns the result of the insert in one line.

    Errors are counted in all rows that were named, including those that existed before.
    """
    if inserted >= max(errors, 1):
        speed = f"in {seconds:.2f} s ({inserted / seconds:.1f} rows/s)"
        return f"Inserted {amount(inserted, 'row')} with {amount(errors, 'error')} {speed}"
    what = "no file is new or changed" if is_any else "no files were found"
    done = f"Inserted {amount(inserted, 'row')}" if inserted else f"Inserted nothing: {what}"
    if not errors:
        return f"{done}."
    have = amount(errors, "of the named rows has", "of the named rows have")
    return f"{done}; {have} an error."
