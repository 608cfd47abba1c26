"""Figures as a table for people, as JSON for programs, and as a picture."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

import PIL
from jinja2 import Environment, FileSystemLoader
from rich.table import Table
from rich.text import Text

from benchmarks.figures import Figure
from benchmarks.settings import Settings

_WIDEST_SHARE = 1.5
"""Bars of the picture end here, so that one large miss does not flatten the others."""

_DIGITS = {
    "s": 2,
    "rows/s": 0,
    "x": 2,
    "MB": 0,
    "%": 1,
    "ms": 2,
    "times": 2,
    "files": 0,
    "images/s": 0,
}


def figures_table(figures: Sequence[Figure]) -> Table:
    """Returns a table with one line per figure."""
    table = Table("what", "measured", "bar", "aim", "", title_justify="left")
    for figure in figures:
        verdict = "" if figure.bar is None else ("met" if figure.is_met else "missed")
        limits = (_limit(figure, figure.bar), _limit(figure, figure.aim))
        style = "" if figure.is_met else "bold red"
        table.add_row(figure.what, shown(figure, figure.value), *limits, Text(verdict, style))
    return table


def shown(figure: Figure, value: float) -> str:
    """Returns a value with the unit of a figure."""
    number = f"{value:,.{_DIGITS[figure.unit]}f}"
    return f"{number}{'' if figure.unit in 'x%' else ' '}{figure.unit}"


def updated_report(path: Path, figures: Sequence[Figure], settings: Settings) -> list[Figure]:
    """Adds figures to a report, with their samples and the machine.

    Returns:
        All figures of the report, including earlier ones of other cases.
    """
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "pillow": PIL.__version__,
        "system": platform.platform(),
        "load_average": os.getloadavg(),
    }
    measured = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "settings": asdict(settings),
    }
    kept: list[dict[str, object]] = json.loads(path.read_text()) if path.exists() else []
    entries = {str(entry["what"]): entry for entry in kept}
    for figure in figures:
        entries[figure.what] = {**asdict(figure), "is_met": figure.is_met, **measured}
    path.write_text(json.dumps(list(entries.values()), indent=2, default=str) + "\n")
    return [_figure(entry) for entry in entries.values()]


def _figure(entry: dict[str, object]) -> Figure:
    return Figure(**{field.name: entry[field.name] for field in fields(Figure)})  # pyright: ignore[reportArgumentType]


def write_plot(path: Path, figures: Sequence[Figure]) -> None:
    """Draws each figure that has a bar as the share of the bar that is used up."""
    lines = [
        {
            "what": figure.what,
            "value": shown(figure, figure.value),
            "bar": _limit(figure, figure.bar),
            "share": min(figure.share_of_bar, _WIDEST_SHARE),
            "is_met": figure.is_met,
        }
        for figure in figures
        if figure.share_of_bar is not None
    ]
    # The texts are ours alone, but SVG is XML, so they are escaped.
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    template = templates.get_template("plot.svg.jinja")
    path.write_text(template.render(lines=lines, widest=_WIDEST_SHARE))


def _limit(figure: Figure, limit: float | None) -> str:
    if limit is None:
        return ""
    return f"{'≥' if figure.is_more_better else '≤'} {shown(figure, limit)}"
