"""Every file of a folder as an upload, whatever it is: what becomes of each, as a table.

Run as `python -m media_assets_tests.faults.corpus FOLDER`, or `make test-corpus DIR=FOLDER`.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.tables.scanning import record
from media_assets.uploads.folders import Found, file_upload
from media_assets_tests.faults.places import small_table
from media_assets_tests.peak_memory import peak_bytes
from media_assets_tests.steps import cells, run_step

LONGEST_SECONDS_PER_FILE = 20.0
MOST_MEGABYTES = 1024


def outcomes(folder: Path, home: Path) -> dict[str, Record]:
    """Makes a row of every file below a folder, and returns what each came to, by name."""
    (home / "dagster.yaml").touch()
    os.environ["DAGSTER_HOME"] = str(home)
    manager, table = MediaIOManager(), small_table()
    found: dict[str, Record] = {}
    uploads = tuple(file_upload(path, name_of(path, folder)) for path in files_below(folder))
    for partition in record(manager.installation, table, Found(uploads)).partitions:
        made = cells(run_step(table, partition, manager=manager))
        for row, cell in made["flipped"].items():
            found[row] = cell if cell.error_class is None else made["source_image"][row]
    return found


def files_below(folder: Path) -> list[Path]:
    """Every file, hidden ones and those of any name included."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def name_of(path: Path, folder: Path) -> str:
    """A row's name: bytes that are no text become question marks."""
    return os.fsencode(path.relative_to(folder)).decode(errors="replace")


def table_of(found: Iterable[Record]) -> str:
    """How often each outcome occurred: "ok", or the class of an error."""
    counts = Counter(cell.error_class or "ok" for cell in found)
    return "\n".join(f"{count:8}  {outcome}" for outcome, count in counts.most_common())


def main(folder: Path) -> int:
    """Prints the table, and returns 0 where every file has become one row in good time."""
    files = files_below(folder)
    began = time.monotonic()
    with TemporaryDirectory() as home:
        found = outcomes(folder, Path(home))
    seconds = time.monotonic() - began
    peak = peak_bytes() // 1_048_576
    summary = f"{len(files)} files, {len(found)} rows, {seconds:.0f} s, at most {peak} MB"
    sys.stdout.write(f"{table_of(found.values())}\n{summary}\n")
    is_good = len(found) == len(files) and peak < MOST_MEGABYTES
    return 0 if is_good and seconds < LONGEST_SECONDS_PER_FILE * max(len(files), 1) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
