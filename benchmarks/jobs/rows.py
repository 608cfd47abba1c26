"""The files of all rows of the measured table, by the name of the photo."""

import media_assets as ma
from benchmarks.jobs.floor import COLUMNS
from benchmarks.stopwatch import tell


def main() -> None:
    """Tells them."""
    catalog = ma.Catalog.open()
    found: dict[str, dict[str, str]] = {}
    for column in COLUMNS:
        for row, fileurl in catalog.fileurls_of("photos", column).items():
            found.setdefault(row, {})[column] = fileurl
    tell({**found})


if __name__ == "__main__":
    main()
