"""`python -m media_assets.testing FOLDER [COUNT]` draws sample photos into a folder."""

import argparse
import sys
from pathlib import Path

from media_assets.sample_photos import make_sample_photos


def main(arguments: list[str] | None = None) -> None:
    """Draws the missing photos, and prints one line about them."""
    parser = argparse.ArgumentParser(
        prog="python -m media_assets.testing", description="Draws sample photos into a folder."
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="created if it is missing")
    parser.add_argument("count", type=int, metavar="COUNT", nargs="?", default=24)
    chosen = parser.parse_args(arguments)
    folder: Path = chosen.folder
    there = set(folder.iterdir()) if folder.is_dir() else set[Path]()
    paths = make_sample_photos(folder, chosen.count)
    kept = len(there.intersection(paths))
    drawn = len(paths) - kept
    sys.stdout.write(
        f"{len(paths)} sample photos in {folder} ({drawn} drawn, {kept} already there)\n"
    )


if __name__ == "__main__":
    main()
