"""`media-assets branch`: branches are made, listed and dropped."""

import click

from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows, say
from media_assets.records.branches import Branch, list_branches
from media_assets.verbs.branch import drop, new_branch

_COLUMNS = ("branch", "made", "by", "manifests", "entries")


@click.command("branch")
@click.argument("name", required=False)
@click.option("--drop", "drops", is_flag=True, help="Delete the branch; main stays as it is.")
@format_option
@location_options
def command(
    location: Location,
    name: str | None,
    drops: bool,  # noqa: FBT001  click hands flags over like that
    output_format: Format,
) -> None:
    """Make a branch NAME of all tables as they are now; without NAME, list the branches.

    A branch shows main's rows and cells, and has those that are made on it: media-assets --branch
    NAME materialize photos. No file is copied.
    """
    if name is None and drops:
        raise click.MissingParameter(param_hint="NAME", param_type="argument")
    installation = location.installation
    if name is None:
        lines = map(_line, list_branches(installation.catalog.main))
        print_rows(Answer.of_records(list(lines), _COLUMNS), output_format)
        return
    done = drop(installation, name) if drops else new_branch(installation, name)
    for line in done.lines:
        say(line)


def _line(branch: Branch) -> dict[str, object]:
    made_at = f"{branch.made_at:%Y-%m-%d %H:%M} UTC"
    values = (branch.name, made_at, branch.made_by, branch.manifests, branch.entries)
    return dict(zip(_COLUMNS, values, strict=True))
