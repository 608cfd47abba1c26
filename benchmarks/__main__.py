"""`python -m benchmarks`: measures, prints a table, and writes JSON and a plot."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from benchmarks.cases import CORE, FURTHER
from benchmarks.figures import Figure
from benchmarks.report import figures_table, write_json, write_plot
from benchmarks.settings import Settings

_CASES = {**CORE, **FURTHER}
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--only", type=click.Choice(list(_CASES)), multiple=True, help="These cases alone.")
@click.option("--share", default=1.0, help="Which share of the rows to take; 1 is all.")
@click.option("--repeats", default=3, help="How often the two of a comparison take turns.")
@click.option("--json", "json_file", type=_FILE, help="Write all figures and samples here.")
@click.option("--plot", "plot_file", type=_FILE, help="Write a picture of them here, as SVG.")
def main(
    only: tuple[str, ...],
    share: float,
    repeats: int,
    json_file: Path | None,
    plot_file: Path | None,
) -> None:
    """Measure media-assets on this machine: the core cases, or those named."""
    settings = Settings(share, repeats)
    console = Console()
    figures = list(_measured(only or tuple(CORE), settings, console))
    console.print(figures_table(figures))
    if json_file is not None:
        write_json(json_file, figures, settings)
    if plot_file is not None:
        write_plot(plot_file, figures)


def _measured(names: Sequence[str], settings: Settings, console: Console) -> Iterator[Figure]:
    for name in names:
        with console.status(f"measuring {name}"):
            yield from _CASES[name](settings)
        console.print(f"{name}: measured")


if __name__ == "__main__":
    main()
