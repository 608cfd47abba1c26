"""The floor: as many processes as cores, each file decoded once, plain Pillow, nothing else."""

import os
import sys
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

from benchmarks.stopwatch import measured, tell

COLUMNS = ("flipped", "rotated", "thumbnail")
_FILES_AT_ONCE = 4


def make_columns(path: Path, target: Path) -> None:
    """Makes the files of one photo, with Pillow's defaults."""
    with Image.open(path) as image:
        image.load()
        name = f"{path.stem}.jpg"
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(target / "flipped" / name)
        image.rotate(90).save(target / "rotated" / name)
        image.thumbnail((128, 128), Image.Resampling.LANCZOS, reducing_gap=2.0)
        image.save(target / "thumbnail" / name)


def _make(paths: tuple[Path, Path]) -> None:
    make_columns(*paths)


def main(source: Path, target: Path) -> None:
    """Makes the columns of all files of a folder."""
    for column in COLUMNS:
        (target / column).mkdir(parents=True)
    paths = sorted(source.iterdir())
    with measured() as figures, get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        work = [(path, target) for path in paths]
        for _ in pool.imap_unordered(_make, work, chunksize=_FILES_AT_ONCE):
            pass
        pool.close()
        pool.join()
    tell(figures)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
