"""`media-assets gallery`: a table's pictures as a page that opens from disk."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from media_assets.cli.location import asset_versions, load_location, location_options
from media_assets.cli.output import say
from media_assets.gallery import read_contents, write_gallery
from media_assets.gallery.contents import Contents
from media_assets.io_manager import MediaIOManager
from media_assets.tables.staleness import stale_columns
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog

_DAY = 86_400
_LONGEST = 3_650 * _DAY


@click.command("gallery")
@click.argument("table")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write; media/gallery/ in DAGSTER_HOME by default.",
)
@click.option(
    "--expires-in",
    type=click.IntRange(1, _LONGEST),
    default=_DAY,
    show_default=True,
    help="For how many seconds links to files in cloud storage work.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@location_options
def command(
    table: str,
    output: Path | None,
    expires_in: int,
    opens: bool,  # noqa: FBT001  click hands flags over like that
    module_name: str | None,
    python_file: Path | None,
) -> None:
    """Write a page with the pictures of TABLE, which opens from disk and loads nothing else.

    Every column is shown side by side, error rows with their messages, and cells that a run would
    make again are marked as stale. Thumbnails that are there
    from an earlier time are used again. Whoever has the folder can open files in cloud storage
    until its links expire.
    """
    location = load_location(module_name, python_file)
    media_table, manager = location.table(table), location.io_manager
    folder = output or manager.home.folder / "media" / "gallery" / media_table.op_name
    contents = _with_stale(read_contents(location.catalog, table), manager, media_table)
    with _progress(len({file.digest for file in contents.files})) as tell:
        written = write_gallery(
            contents,
            folder.resolve(),
            manager.reader,
            expires_in=timedelta(seconds=expires_in),
            tell=tell,
        )
    say(
        f"{written.rows} rows, {written.error_rows} with errors, "
        f"{written.thumbnails_made} thumbnails made: {written.index}"
    )
    if written.expires_at is not None:
        say(f"Its links work until {written.expires_at:%Y-%m-%d %H:%M} UTC.")
    if opens:
        click.launch(str(written.index))


def _with_stale(contents: Contents, manager: MediaIOManager, table: MediaTable) -> Contents:
    """Marks the cells that today's code or inputs would make anew; errors say so themselves."""
    root = manager.catalog_root()
    log = UploadLog(root, table.name)
    log.refresh()
    stale: dict[str, dict[str, str]] = {}
    with asset_versions() as versions:
        looked_at = [
            found
            for partition in log.partitions()
            for found in stale_columns(root, table, log, versions, partition)
        ]
    for found in looked_at:
        for reason, rows in found.stale.items():
            if not reason.is_error:
                for row in rows:
                    stale.setdefault(row, {})[found.column] = reason.value
    rows = [replace(row, stale=stale.get(row.name, {})) for row in contents.rows]
    return replace(contents, rows=rows)


@contextmanager
def _progress(total: int) -> Generator[Callable[[int], None]]:
    """Shows how many thumbnails are done, where there is a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("thumbnails", total=total)
        yield lambda done: bar.update(task, completed=done)
