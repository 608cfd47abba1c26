"""`media-assets presign`: URLs with which anyone can read stored files until they expire."""

from datetime import timedelta

import click

from media_assets.catalog import Answer, Catalog
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows, print_url
from media_assets.cli.parameters import TEXT
from media_assets.cli.tables import find_columns
from media_assets.errors import UnknownNameError
from media_assets.standard_error import tell
from media_assets.urls import presign

_NOT_SIGNED = (
    "This is a web address, which cannot be signed. For a file in storage, write s3://, gs:// "
    "or az://, or add its prefix to `storage_sources` of the table or the settings."
)


@click.command("presign")
@click.argument("url", required=False)
@click.option("--table", help="Sign the files of this table...")
@click.option("--column", help="... in this column.")
@click.option("--row", type=TEXT, help="Only this row.")
@click.option(
    "--expires-in", type=float, required=True, help="How long the URL works, in seconds: 3600"
)
@format_option
@location_options
def command(
    location: Location,
    url: str | None,
    table: str | None,
    column: str | None,
    row: str | None,
    expires_in: float,
    output_format: Format,
) -> None:
    """Print a presigned URL of the fileurl URL, or of the files of a table's column.

    Anyone who has the URL can read the file until the URL expires: do not store it.
    """
    lifetime = timedelta(seconds=expires_in)
    if url is not None and table is None and column is None and row is None:
        signed = presign(url, lifetime, location.noted_reader())
        if signed == url:
            tell(_NOT_SIGNED)
        print_url(signed)
        return
    if url is not None or table is None or column is None:
        message = "Give either a fileurl, or --table and --column."
        raise click.UsageError(message)
    installation, catalog = location.reading(table)
    files = _files(location, catalog, table, column, row)
    signed = [presign(one, lifetime, installation.reader) for one in files.values()]
    if row is not None:
        print_url(signed[0])
    else:
        rows = list(zip(files, signed, strict=True))
        print_rows(Answer(["row", "url"], rows), output_format, is_masked=False)


def _files(
    location: Location, catalog: Catalog, table: str, column: str, row: str | None
) -> dict[str, str]:
    """Returns the fileurl of each row that has one, or of the requested row."""
    find_columns(location, catalog, table, None)
    files = catalog.fileurls_of(table, column, None if row is None else [row])
    if row is not None and not files:
        where = f"with a file in column {table}/{column}"
        raise UnknownNameError(kind="row", name=row, known=files, where=where)
    return files
