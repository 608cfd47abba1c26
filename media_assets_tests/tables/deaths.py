"""Steps in processes of their own, which some rows end."""

import ctypes
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from PIL import Image

from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.steps import run_step

_NARROWEST = 40
_context = get_context("forkserver")
_context.set_forkserver_preload(["pytest", "pandas", "pyarrow.parquet", __name__])


def save(folder: Path, count: int) -> list[Path]:
    """Saves photos that tell their names by their widths."""
    return [save_one(folder, number) for number in range(count)]


def save_one(folder: Path, number: int, *, seed: int = 0) -> Path:
    return save_photo(folder / f"{number}.jpg", seed, size=(_NARROWEST + number, 36))


def before(source_image: Image.Image, row: str) -> int:
    _note("before", row)
    return source_image.width


def flipped(source_image: Image.Image) -> Image.Image:
    row = f"{source_image.width - _NARROWEST}.jpg"
    _note("flipped", row)
    match os.environ["FAULTS"].split().count(row) and os.environ["FAULT"]:
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crashes":
            ctypes.string_at(0)
        case "waits":
            time.sleep(600)
        case _:
            pass
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def width(flipped: Image.Image) -> int:
    return flipped.width


def thumbnail(source_image: Image.Image) -> Image.Image:
    return source_image.resize((8, 6))


def turned(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.ROTATE_180)


def _note(column: str, row: str) -> None:
    with Path(os.environ["CALLS"]).open("a", encoding="utf-8") as log:
        log.write(f"{column} {row}\n")


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of one table in a home.

    Attributes:
        home: The home of the installation.
        fault: What `flipped` does for some rows: it `is killed`, `crashes`, or `waits` for ever.
        rows: These rows.
        processes: Whether the function has `processes=True`.
    """

    home: Path
    fault: str = ""
    rows: tuple[str, ...] = ()
    processes: bool = False

    def table(self) -> MediaTable:
        photos = MediaTable("photos")
        photos.computed_column()(before)
        photos.computed_column(format="png", processes=self.processes)(flipped)
        photos.computed_column()(width)
        return photos

    def calls(self, column: str) -> list[str]:
        """The rows that a column's function was called for, in order, each time."""
        text = (self.home / "calls.txt").read_text(encoding="utf-8")
        lines = (line.split() for line in text.splitlines())
        return [row for name, row in lines if name == column]

    def start(self, partition: str, *, retries: bool = False) -> BaseProcess:
        """Starts a step in its own process."""
        process = _context.Process(target=_run, args=(self, partition, retries))
        process.start()
        return process

    def exit_code(self, partition: str, *, retries: bool = False) -> int | None:
        """Runs a step in its own process, and returns how that ended: 0 if it committed."""
        process = self.start(partition, retries=retries)
        process.join()
        return process.exitcode


def _run(steps: Steps, partition: str, retries: bool) -> None:  # noqa: FBT001
    os.environ |= {
        "DAGSTER_HOME": str(steps.home),
        "CALLS": str(steps.home / "calls.txt"),
        "FAULT": steps.fault,
        "FAULTS": " ".join(steps.rows),
    }
    run_step(steps.table(), partition, retries_unreadable=retries)
