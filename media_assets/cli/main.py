"""The command line's entry: its verbs, and how errors are told."""

import sys
from importlib import import_module

import click

from media_assets.errors import MediaAssetsError

VERBS = (
    "insert",
    "scan",
    "materialize",
    "show",
    "describe",
    "status",
    "errors",
    "sql",
    "plan",
    "check",
    "estimate",
    "presign",
    "gallery",
    "delete",
    "drop",
    "verify",
    "gc",
    "restore",
)


class _Verbs(click.Group):
    """Imports a verb only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        return import_module(f"media_assets.cli.{cmd_name}").command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="media-assets")
def cli() -> None:
    """Media tables on Dagster: insert images, materialize columns, find every file again."""


def main() -> None:
    """Runs the command line; an error of ours is told in one line, and exits with 1."""
    try:
        cli()
    except MediaAssetsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
