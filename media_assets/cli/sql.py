"""`media-assets sql`: a DuckDB query over the catalog."""

import click

from media_assets.catalog import Catalog
from media_assets.cli.output import Format, format_option, print_rows


@click.command("sql")
@click.argument("query")
@format_option
def command(query: str, output_format: Format) -> None:
    """Run QUERY over the catalog, for example "select count(*) from photos"."""
    print_rows(Catalog.open().sql(query), output_format)
