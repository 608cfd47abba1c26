"""`media-assets init`: a project of one's own, with a table to edit and photos to try it with."""

import os
from pathlib import Path
from shlex import quote
from shutil import which

import click

from media_assets.cli.output import say
from media_assets.new_project import make_project


@click.command("init")
@click.argument("name", type=click.Path(file_okay=False))
def command(name: str) -> None:
    """Make a project in the folder NAME: a table to edit, and two photos to try it with.

    NAME may be a path, and . is the current folder. The folder is made if it is missing, and must
    be empty otherwise. The project's package is called like it, with _ for -.
    """
    project = make_project(name)
    # uv tells the commands that it runs where it is itself.
    prefix = "uv run " if "UV" in os.environ else ""
    say(f"Made {project.folder}: edit its table in {project.table.relative_to(project.folder)}.")
    say("What to do next:")
    if project.folder != Path.cwd():
        say(f"  cd {quote(name)}")
    if not prefix and which("dg") is None:
        say("  pip install dagster-dg-cli")
    say(f"  {prefix}media-assets insert photos uploads/photos")
    say(f"  {prefix}dg dev")
    home = os.environ.get("DAGSTER_HOME")
    if home and Path(home) != project.folder:
        say(
            f"DAGSTER_HOME is set to {home!r}, so media-assets would keep this project's state "
            "there. To keep it in the project's folder: unset DAGSTER_HOME",
            err=True,
        )
