"""What a branch of a large catalog costs: run `python -m benchmarks.branches [PARTITIONS]`."""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.large_catalog import TABLE, make_catalog
from media_assets.catalog import Catalog
from media_assets.records.branches import drop_branch, make_branch
from media_assets.records.ledger import CatalogRoot
from media_assets.upkeep.merging import merge_manifests

COLUMNS = ("source_image", "thumbnail", "brightness")
QUERY = f"select count(*), avg(brightness) from {TABLE} where brightness > 0.5"  # noqa: S608
ROUNDS = 7


def main() -> None:
    """Prints the seconds of a listing, of a new branch and of a query on both."""
    partitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    made = make_catalog(partitions, COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        location = Path(folder) / "catalog"
        shutil.copytree(made, location)
        root = CatalogRoot.open(str(location))
        for column in COLUMNS:
            merge_manifests(root, TABLE, column)
        started = perf_counter()
        files = sum(1 for _ in root.store.list(root.destination.prefix))
        listing = perf_counter() - started
        started = perf_counter()
        make_branch(root, "blur", made_by="benchmark")
        making = perf_counter() - started
        seconds: dict[str, list[float]] = {"main": [], "branch": []}
        for _ in range(ROUNDS):
            for name, taken in seconds.items():
                seen = root if name == "main" else root.on_branch("blur")
                started = perf_counter()
                Catalog(seen).answer(QUERY)
                taken.append(perf_counter() - started)
        base = sum(f.size_bytes for f in root.store.list(f"{root.destination.prefix}_branches/"))
        drop_branch(root, "blur")
    of_main, of_branch = median(seconds["main"]), median(seconds["branch"])
    print(f"{partitions} partitions, {files} files in one listing of {listing:.2f} s")
    print(f"branch: {making:.2f} s, {base} bytes, no media")
    print(f"query: {of_main:.3f} s on main, {of_branch:.3f} s on the branch")
    print(f"ratio: {of_branch / of_main:.2f}")


if __name__ == "__main__":
    main()
