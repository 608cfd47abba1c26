"""The entry point of the command line, and the reporting of errors."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from typing import Any, NoReturn

import click

from media_assets.cli.output import set_up_streams
from media_assets.errors import MediaAssetsError
from media_assets.interruption import (
    end_on_signals,
    exit_status,
    interruption_line,
    received_signal,
)
from media_assets.standard_error import tell

VERBS = (
    "init",
    "insert",
    "update",
    "scan",
    "materialize",
    "try",
    "accept",
    "show",
    "describe",
    "status",
    "errors",
    "sql",
    "explain",
    "plan",
    "check",
    "presign",
    "gallery",
    "export",
    "delete",
    "drop",
    "verify",
    "gc",
    "restore",
)
_MODULES = {"try": "try_out"}
"""The modules of verbs that are words of Python."""


class _InterruptedError(BaseException):
    """A KeyboardInterrupt that click lets through; for that one it prints "Aborted!"."""


class _Verbs(click.Group):
    """Imports a verb only when it is used."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  as click has it
    ) -> click.Context:
        with _printable_errors():
            return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        module = _MODULES.get(cmd_name, cmd_name)
        return import_module(f"media_assets.cli.{module}").command

    def invoke(self, ctx: click.Context) -> object:
        try:
            with _printable_errors():
                return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _InterruptedError from error
        except click.Abort as error:  # a prompt raises it on Ctrl-C
            if received_signal() is None:
                raise
            raise _InterruptedError from error


@contextmanager
def _printable_errors() -> Generator[None]:
    """Prints the errors of click in the same way as all others."""
    try:
        yield
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        tell(shown.getvalue().rstrip("\n"))
        raise click.exceptions.Exit(error.exit_code) from error


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="media-assets")
def cli() -> None:
    """Media tables on Dagster: insert files, materialize columns, find every file again."""


def main() -> None:
    """Runs the command line.

    An error of this package is printed on one line, and the exit code is 1. A signal that ends the
    command is printed on one line too, and the exit code is 128 plus its number.
    """
    set_up_streams()
    with end_on_signals(_clean_up):
        try:
            cli()
        except MediaAssetsError as error:
            _fail(error)
        except Exception as error:
            from media_assets.cli.disk_faults import disk_fault  # noqa: PLC0415  rarely needed

            fault = disk_fault(error)
            if fault is None:
                raise
            _fail(fault)
        except (KeyboardInterrupt, _InterruptedError):
            if (line := interruption_line()) is not None:
                tell(line)
            sys.exit(exit_status())


def _fail(error: MediaAssetsError) -> NoReturn:
    tell(f"Error: {error}")
    sys.exit(1)


def _clean_up() -> None:
    """Kills processes and deletes folders that a sudden end would leave behind."""
    if processes := sys.modules.get("media_assets.pipeline.processes"):
        processes.kill_processes()
    if folders := sys.modules.get("media_assets.temporary_folder"):
        folders.remove_own_folders()
