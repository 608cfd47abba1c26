"""The entry point of the command line, and the reporting of errors."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

import click

from media_assets.cli.collector import collect_rarely, keep_dagster
from media_assets.cli.suggestions import note_branch, note_location, with_options
from media_assets.cli.verbs import VERBS, WITHOUT_CODE
from media_assets.interruption import (
    end_on_signals,
    exit_status,
    interruption_line,
    received_signal,
)
from media_assets.standard_error import tell

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from media_assets.errors import MediaAssetsError

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
        if cmd_name not in WITHOUT_CODE:
            keep_dagster()
        module = _MODULES.get(cmd_name, cmd_name)
        return import_module(f"media_assets.cli.{module}").command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS:
            from difflib import get_close_matches  # noqa: PLC0415  rarely needed

            if close := get_close_matches(args[0], VERBS, 1):
                ctx.fail(f"No such command {args[0]!r}. Did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([*VERBS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem  # noqa: PLC0415  rarely needed

        verbs = [CompletionItem(n, help=h) for n, h in VERBS.items() if n.startswith(incomplete)]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)

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
@click.option("--branch", metavar="NAME", help="Work on this branch instead of main.")
@click.pass_context
def cli(context: click.Context, branch: str | None) -> None:
    """Media tables on Dagster: insert files, materialize columns, find every file again."""
    note_branch(branch)
    if branch is not None:
        context.with_resource(_on_branch(branch))


@contextmanager
def _on_branch(name: str) -> Generator[None]:
    """Lets this process, and those that it starts, work on a branch."""
    from media_assets.home import BRANCH_VARIABLE  # noqa: PLC0415  for --help
    from media_assets.records.branches import check_branch_name  # noqa: PLC0415  the same

    check_branch_name(name)  # an empty name would mean main
    before = os.environ.get(BRANCH_VARIABLE)
    os.environ[BRANCH_VARIABLE] = name
    try:
        yield
    finally:
        os.environ.pop(BRANCH_VARIABLE)
        if before is not None:
            os.environ[BRANCH_VARIABLE] = before


def main() -> None:
    """Runs the command line.

    An error of this package is printed on one line, and the exit code is 1. A signal that ends the
    command is printed on one line too, and the exit code is 128 plus its number.
    """
    collect_rarely()
    _set_up_streams()
    with end_on_signals(_clean_up):
        try:
            cli()
        except Exception as error:
            from media_assets.cli.disk_faults import disk_fault  # noqa: PLC0415  rarely needed
            from media_assets.errors import MediaAssetsError  # noqa: PLC0415

            fault = error if isinstance(error, MediaAssetsError) else disk_fault(error)
            if fault is None:
                raise
            _fail(fault)
        except (KeyboardInterrupt, _InterruptedError):
            if (line := interruption_line()) is not None:
                tell(line)
            sys.exit(exit_status())
        finally:
            note_branch(None)
            note_location(None, None)


def _set_up_streams() -> None:
    """Escapes characters that the output's encoding lacks, so that printing never fails."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(error: "MediaAssetsError") -> NoReturn:
    tell(with_options(f"Error: {error}"))
    sys.exit(1)


def _clean_up() -> None:
    """Kills processes and deletes folders that a sudden end would leave behind."""
    if processes := sys.modules.get("media_assets.pipeline.processes"):
        processes.kill_processes()
    if folders := sys.modules.get("media_assets.temporary_folder"):
        folders.remove_own_folders()
