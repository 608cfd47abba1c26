"""What someone at a notebook waits for: the first pictures, a second insert, a further column."""

import sys
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from benchmarks.figures import Figure
from benchmarks.processes import run_process
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces
from media_assets_tests.verbs.kernel import Kernel, started_kernel

_FIRST = """
import media_assets as ma
photos = ma.MediaTable("photos")
@photos.computed_column()
def thumbnail(source_image: ma.Image) -> ma.Image:
    return ma.transforms.thumbnail(source_image, (128, 128))
photos.insert(ma.testing.make_sample_photos("uploads", 5))
photos.show()
"""
_MORE = """
import PIL.Image
from pathlib import Path
Path("more").mkdir()
PIL.Image.effect_noise((1280, 960), 50).save("more/more.jpg")
"""
_SECOND = """photos.insert("more")"""
_COLUMN = """
@photos.computed_column()
def brightness(thumbnail: ma.Image) -> float:
    return ma.transforms.mean_luminance(thumbnail)
photos.materialize("brightness")
"""


def notebook(settings: Settings) -> Iterator[Figure]:
    """From the start of a kernel to pictures, against `import dagster` in a new process."""
    ratios: list[float] = []
    seconds: dict[str, list[float]] = {"pictures": [], "second": [], "column": []}
    for _ in range(settings.repeats):
        dagster = run_process([sys.executable, "-c", "import dagster"]).seconds
        with workspaces() as new:
            began = perf_counter()
            with started_kernel(new() / "work") as kernel:
                _shown(kernel, _FIRST)
                seconds["pictures"].append(perf_counter() - began)
                _shown(kernel, _MORE)
                seconds["second"].append(_seconds(kernel, _SECOND))
                seconds["column"].append(_seconds(kernel, _COLUMN))
        ratios.append(seconds["pictures"][-1] / dagster)
    details: dict[str, object] = {**seconds, "ratios": ratios}
    what = "notebook, from the kernel's start to thumbnails of five photos"
    yield Figure(f"{what}: against import dagster", median(ratios), "x", 8, details=details)
    yield Figure(what, median(seconds["pictures"]), "s", 6)
    yield Figure("notebook, a second insert of one photo", median(seconds["second"]), "s", 1.5)
    yield Figure("notebook, a further column of six rows", median(seconds["column"]), "s", 1.5)


def _seconds(kernel: Kernel, cell: str) -> float:
    began = perf_counter()
    _shown(kernel, cell)
    return perf_counter() - began


def _shown(kernel: Kernel, cell: str) -> None:
    shown = kernel.run(cell)
    if shown.error is not None:
        raise RuntimeError(shown.error)
