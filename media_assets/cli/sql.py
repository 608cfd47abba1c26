"""`media-assets sql`: a DuckDB query over the catalog."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from media_assets.catalog import Catalog
from media_assets.cli.location import location_options, open_catalog
from media_assets.cli.output import Format, format_option, print_rows


@click.command("sql")
@click.argument("query")
@click.option(
    "--as-of", help="As it was at a time (2026-11-22T15:00), or as a run left it (its id)."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows to this file instead: .csv, .parquet or .jsonl.",
)
@format_option
@location_options
def command(
    query: str,
    as_of: str | None,
    output: Path | None,
    output_format: Format,
    module_name: str | None,
    python_file: Path | None,
) -> None:
    """Run QUERY over the catalog, for example "select count(*) from photos".

    presigned_url(fileurl, seconds) signs with the credentials of the code location. Ctrl-C cancels.
    """
    moment = _moment_or_run(as_of) if as_of else None
    catalog = open_catalog(module_name, python_file)
    if output is None:
        with _cancelled_by_ctrl_c(catalog) as pool:
            rows = pool.submit(catalog.sql, query, as_of=moment).result()
        print_rows(rows, output_format)
    else:
        with _cancelled_by_ctrl_c(catalog) as pool:
            count = pool.submit(catalog.export, query, output, as_of=moment).result()
        click.echo(f"Wrote {count} rows to {output}")


@contextmanager
def _cancelled_by_ctrl_c(catalog: Catalog) -> Generator[ThreadPoolExecutor]:
    """Gives a thread to ask in: DuckDB itself sees Ctrl-C only between two parts of its work."""
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            catalog.interrupt()
            raise


def _moment_or_run(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
