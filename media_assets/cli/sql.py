"""`media-assets sql`: a DuckDB query over the catalog."""

from datetime import datetime

import click

from media_assets.catalog import Catalog
from media_assets.cli.output import Format, format_option, print_rows


@click.command("sql")
@click.argument("query")
@click.option(
    "--as-of", help="As it was at a time (2026-11-22T15:00), or as a run left it (its id)."
)
@format_option
def command(query: str, as_of: str | None, output_format: Format) -> None:
    """Run QUERY over the catalog, for example "select count(*) from photos"."""
    moment = _moment_or_run(as_of) if as_of else None
    print_rows(Catalog.open().sql(query, as_of=moment), output_format)


def _moment_or_run(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
