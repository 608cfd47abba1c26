"""`media-assets gallery`: a page with a table's files that opens from disk."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from media_assets.amounts import amount
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.errors import UnknownNameError
from media_assets.gallery import read_contents, write_gallery
from media_assets.gallery.contents import Contents, Row
from media_assets.home import find_home
from media_assets.reading import Reader
from media_assets.records.stale_marks import is_marked
from media_assets.uploads.stored_table import StoredTable

_DAY = 86_400
_LONGEST = 3_650 * _DAY


@click.command("gallery")
@click.argument("table")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; by default media/gallery/ in DAGSTER_HOME.",
)
@click.option(
    "--expires-in",
    type=click.IntRange(1, _LONGEST),
    default=_DAY,
    show_default=True,
    help="How long links to files in cloud storage work, in seconds.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@location_options
def command(
    location: Location,
    table: str,
    output: Path | None,
    expires_in: int,
    opens: bool,  # noqa: FBT001  click hands flags over like that
) -> None:
    """Write a page with the files of TABLE that opens from disk, without a server.

    The page shows all columns side by side, and the messages of error rows. Stale cells are marked:
    with -m or -f, those that this code would make again; otherwise, those that the last evaluation
    of `up_to_date` found. Existing thumbnails are reused. Anyone who has the folder can open its
    files in cloud storage until the links expire.
    """
    shown = _by_code if location.is_named else _by_evaluations
    contents, reader = shown(location, table)
    folder = output or find_home().folder / "media" / "gallery" / table.replace("/", "__")
    with _progress(len({file.digest for file in contents.files})) as tell:
        written = write_gallery(
            contents,
            folder.resolve(),
            reader,
            expires_in=timedelta(seconds=expires_in),
            tell=tell,
        )
    unreadable = f"{written.unreadable} with files that cannot be read, "
    say(
        f"{amount(written.rows, 'row')}, {written.error_rows} with errors, "
        f"{unreadable if written.unreadable else ''}"
        f"{amount(written.thumbnails_made, 'thumbnail')} made: {written.index}"
    )
    if written.expires_at is not None:
        say(f"Links work until {written.expires_at:%Y-%m-%d %H:%M} UTC.")
    if opens:
        click.launch(str(written.index))


def _by_code(location: Location, name: str) -> tuple[Contents, Reader]:
    """Reads a table and marks the cells that the code would make again, except error rows."""
    from media_assets.tables.staleness import stale_columns  # noqa: PLC0415  slow: Dagster
    from media_assets.verbs.location import asset_versions  # noqa: PLC0415  slow: Dagster

    table = location.table(name)
    stored = StoredTable(location.installation.catalog, name)
    stale: dict[str, dict[str, str]] = {}
    with asset_versions() as versions:
        looked_at = [
            found
            for partition in stored.partitions()
            for found in stale_columns(table, stored, versions, partition)
        ]
    for found in looked_at:
        for reason, rows in found.stale.items():
            if not reason.is_error:
                for row in rows:
                    stale.setdefault(row, {})[found.column] = reason.value
    contents = read_contents(location.catalog, name)
    rows = [replace(row, stale=stale.get(row.name, {})) for row in contents.rows]
    return replace(contents, rows=rows), location.installation.reader


def _by_evaluations(location: Location, name: str) -> tuple[Contents, Reader]:
    """Reads a table and marks the cells that the last evaluation of each partition found stale."""
    installation, catalog = location.noted(), location.noted_catalog()
    if name not in (known := catalog.tables()):
        raise UnknownNameError(kind="table", name=name, known=known, where="in the catalog")
    contents, reader = read_contents(catalog, name), installation.reader
    if not is_marked(installation.catalog, name):
        return contents, reader
    return _marked_as_evaluated(contents, name), reader


def _marked_as_evaluated(contents: Contents, name: str) -> Contents:
    import dagster as dg  # noqa: PLC0415  slow to import

    from media_assets.tables.evaluated import last_evaluations  # noqa: PLC0415  slow: Dagster
    from media_assets.verbs.location import open_instance  # noqa: PLC0415  slow: Dagster

    by_partition: dict[str, list[Row]] = {}
    for row in contents.rows:
        by_partition.setdefault(row.partition, []).append(row)
    stale: dict[str, dict[str, str]] = {}
    with open_instance() as instance:
        for column in contents.columns:
            key = dg.AssetKey([*name.split("/"), column])
            for partition, found in last_evaluations(instance, key, by_partition):
                for reason, rows in found.items():
                    for row in rows or [row.name for row in by_partition[partition]]:
                        stale.setdefault(row, {})[column] = reason
    rows = [replace(row, stale=stale.get(row.name, {})) for row in contents.rows]
    return replace(contents, rows=rows)


@contextmanager
def _progress(total: int) -> Generator[Callable[[int], None]]:
    """Shows how many thumbnails are done, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  slow to import
    from rich.progress import Progress  # noqa: PLC0415  slow to import

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("thumbnails", total=total)
        yield lambda done: bar.update(task, completed=done)
