"""`python -m benchmarks`: measures, prints a table, and writes JSON and a plot."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from benchmarks.cases import SUITES
from benchmarks.figures import Figure
from benchmarks.report import figures_table, updated_report, write_plot
from benchmarks.settings import Settings

_CASES = {name: case for suite in SUITES.values() for name, case in suite.items()}
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--suite", type=click.Choice(list(SUITES)), default="core", show_default=True)
@click.option(
    "--only", type=click.Choice(list(_CASES)), multiple=True, help="Measure only these cases."
)
@click.option("--share", default=1.0, help="Measure this share of the rows; 1 is all.")
@click.option("--repeats", default=3, help="Run each job of a comparison this many times.")
@click.option(
    "--json",
    "json_file",
    type=_FILE,
    help="Keep figures and their samples in this file; those of other suites stay.",
)
@click.option("--plot", "plot_file", type=_FILE, help="Draw all kept figures in this SVG file.")
def main(
    suite: str,
    only: tuple[str, ...],
    share: float,
    repeats: int,
    json_file: Path | None,
    plot_file: Path | None,
) -> None:
    """Measure media-assets on this machine: the cases of a suite, or the named ones."""
    # A shell lets what it starts in the background ignore Ctrl-C, by which deployments are ended.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings = Settings(share, repeats)
    console = Console()
    figures = list(_measured(only or tuple(SUITES[suite]), settings, console))
    console.print(figures_table(figures))
    if json_file is not None:
        figures = updated_report(json_file, figures, settings)
    if plot_file is not None:
        write_plot(plot_file, figures)


def _measured(names: Sequence[str], settings: Settings, console: Console) -> Iterator[Figure]:
    for name in names:
        with console.status(f"measuring {name}"):
            yield from _CASES[name](settings)
        console.print(f"{name}: measured")


if __name__ == "__main__":
    main()
