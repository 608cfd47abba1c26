"""An insert of rows from a CSV file, each with a label and a small picture."""

import csv
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.figures import Figure
from benchmarks.processes import Sample, run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces


def csv_rows(settings: Settings) -> Iterator[Figure]:
    """100,000 rows against a tenth of them."""
    few, many = settings.rows(10_000), settings.rows(100_000)
    with workspaces() as new:
        of_few, of_many = _insert(new(), few), _insert(new(), many)
    what = f"insert {many:,} rows of a CSV file, each with a label and an 8x8 picture"
    details: dict[str, object] = {"peak_rss_mb": {few: of_few.peak_rss_mb}}
    yield Figure(f"{what}: rows per second", many / of_many.seconds, "rows/s")
    yield Figure(f"{what}: peak RSS", of_many.peak_rss_mb, "MB", details=details)
    grown = of_many.peak_rss_mb - of_few.peak_rss_mb
    yield Figure(f"{what}: more than for {few:,} rows", grown, "MB")


def _insert(home: Path, rows: int) -> Sample:
    pictures = home / "pictures"
    pictures.mkdir()
    picture = BytesIO()
    Image.new("L", (8, 8)).save(picture, "PNG")
    for row in range(rows):
        (pictures / f"{row:06d}.png").write_bytes(picture.getvalue())
    with (home / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "source", "label"])
        writer.writerows(
            (f"{row:06d}", f"pictures/{row:06d}.png", f"label {row}") for row in range(rows)
        )
    return run_job("rows_of_data", home / "rows.csv", environment={"DAGSTER_HOME": str(home)})
