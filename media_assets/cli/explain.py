"""`media-assets explain`: where a file came from."""

import click

from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows, say
from media_assets.errors import LocationError
from media_assets.home import find_home
from media_assets.installation import Installation
from media_assets.verbs.explain import explain_file
from media_assets.verbs.explained import Code


@click.command("explain")
@click.argument("file")
@format_option
@location_options
def command(location: Location, file: str, output_format: Format) -> None:
    """Say where FILE came from: its row, upload, inputs, function, run and destination.

    FILE is a path, a fileurl, or a public or presigned URL. Only records are read, so the file may
    be gone. If no table has or had it, the exit code is 1.
    """
    find_home()
    opened = location.installation if location.is_named else Installation.open_noted()
    explanation = explain_file(opened, file, lambda: _code(location))
    if output_format == "table":
        say(str(explanation))
    else:
        print_rows(Answer.of_records(explanation.cells), output_format)


def _code(location: Location) -> Code:
    """Loads the code; without -m and -f, what is recorded suffices if there is none."""
    try:
        return Code(location.tables, location.defs)
    except LocationError:
        if location.is_named:
            raise
        return Code({})
