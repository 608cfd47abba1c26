"""An insert of a file of rows in Python, without start-up."""

import argparse
from pathlib import Path

import media_assets as ma
from benchmarks.stopwatch import measured, tell

labels = ma.MediaTable("labels", values={"label": str}, rows_per_partition=10_000)


@labels.computed_column(code_version="1")
def width(source_image: ma.Image, label: str) -> int:
    """Reads both."""
    return source_image.width + len(label)


def main(rows: Path) -> None:
    """Inserts a file of rows, and measures it."""
    with measured() as figures:
        done = labels.insert(data=rows)
    assert done.error_rows == 0
    tell(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=Path)
    main(parser.parse_args().rows)
