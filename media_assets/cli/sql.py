"""`media-assets sql`: a DuckDB query over the catalog."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from media_assets.amounts import amount
from media_assets.catalog import Catalog
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows, say
from media_assets.cli.parameters import TEXT
from media_assets.threads import Threads


@click.command("sql")
@click.argument("query", type=TEXT)
@click.option(
    "--as-of",
    help="Query the catalog as it was at a time (2026-11-22T15:00) or after a run (its id).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows to this file instead: .csv, .parquet or .jsonl.",
)
@click.option(
    "--open",
    "is_open",
    is_flag=True,
    help="Allow everything that DuckDB can do: other files, the network, extensions.",
)
@format_option
@location_options
def command(
    location: Location,
    query: str,
    as_of: str | None,
    output: Path | None,
    *,
    is_open: bool,
    output_format: Format,
) -> None:
    """Run QUERY over the catalog, for example "select count(*) from photos".

    A query can read only the catalog, unless --open is given. presigned_url(fileurl, seconds) uses
    the credentials of the code location. Ctrl-C cancels the query.
    """
    moment = _moment_or_run(as_of) if as_of else None
    catalog = location.noted_catalog(external_access=is_open)
    if output is None:
        with _cancel_on_ctrl_c(catalog) as pool:
            answer = pool.submit(catalog.answer, query, as_of=moment).result()
        print_rows(answer, output_format, is_masked=False)
    else:
        with _cancel_on_ctrl_c(catalog) as pool:
            count = pool.submit(catalog.export, query, output, as_of=moment).result()
        say(f"Wrote {amount(count, 'row')} to {output}")


@contextmanager
def _cancel_on_ctrl_c(catalog: Catalog) -> Generator[Threads]:
    """Yields a thread for the query, since DuckDB itself may notice Ctrl-C late."""
    with Threads(1) as pool:
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
