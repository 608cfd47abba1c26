"""`media-assets init`: a new project with a table to edit and photos to try."""

import os
from pathlib import Path
from shlex import quote
from shutil import which

import click

from media_assets.cli.output import say
from media_assets.new_project import make_project
from media_assets.standard_error import tell


@click.command("init")
@click.argument("name", type=click.Path(file_okay=False))
def command(name: str) -> None:
    """Create a project in the folder NAME, with a table to edit and two photos to try.

    NAME may be a path; . is the current folder. A folder that does not exist is created; one that
    does must be empty. The project's package has the same name, with _ instead of -.
    """
    project = make_project(name)
    # uv sets this variable for the commands that it runs.
    prefix = "uv run " if "UV" in os.environ else ""
    say(f"Created {project.folder}. Edit its table in {project.table.relative_to(project.folder)}.")
    say("Next steps:")
    if project.folder != Path.cwd():
        say(f"  cd {quote(name)}")
    if not prefix and which("dg") is None:
        say("  pip install dagster-dg-cli")
    say(f"  {prefix}media-assets insert photos uploads/photos")
    say(f"  {prefix}dg dev")
    home = os.environ.get("DAGSTER_HOME")
    if home and Path(home) != project.folder:
        tell(
            f"DAGSTER_HOME is set to {home!r}, so this project's state would be kept there. "
            "To keep it in the project's folder: unset DAGSTER_HOME",
        )
