"""`media-assets insert`: files, folders and URLs as new rows, with all columns."""

from pathlib import Path

import click

from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import split_names
from media_assets.cli.row_values import (
    check_sources,
    data_options,
    parse_values,
    value_options,
)
from media_assets.cli.runs import (
    caller,
    fail_if_any,
    fail_if_any_unreadable,
    tell_failures,
)
from media_assets.verbs.insert import InsertOptions, insert
from media_assets.verbs.progress import show_progress


@click.command("insert")
@click.argument("table")
@click.argument("files", nargs=-1)
@data_options
@value_options
@click.option("--columns", help="Materialize only the source and these columns: a,b")
@click.option("--name", help="The row's name, if you insert a single file.")
@click.option("--name-by", help="Name rows by path, url or stem, or a template: card1/{stem}")
@click.option(
    "--all",
    "all_files",
    is_flag=True,
    help="Insert every file of a folder, whatever its extension.",
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
    s3://bucket/prefix/. Of a folder, all files of the table's medium are inserted, also from
    subfolders; a file is inserted whatever its name. Cells that are up to date are not computed
    again.
    """
    media_table = location.table(table)
    check_sources(files, data, options=(name, all_files, *values, *nulls))
    options = InsertOptions(
        columns=split_names(columns),
        name=name,
        name_by=name_by,
        all_files=all_files,
        replaces=replaces,
        follow_links=follow_links,
        values=parse_values(media_table, values, nulls),
        data=data,
        ignores_others=ignore_columns,
    )
    with show_progress():
        inserted = insert(location, media_table, files, options, caller())
    failed = tell_failures(inserted.runs)
    for line in inserted.lines:
        say(line)
    if inserted.error_rows:
        say(f"See what failed: media-assets errors {table}")
    if failed:
        say(f"When that is mended: media-assets materialize {table} --partitions missing")
    fail_if_any_unreadable(inserted.left_alone)
    fail_if_any(failed)
