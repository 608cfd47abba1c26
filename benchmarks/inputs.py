"""Photo-like inputs: a few drawn photos, each shifted and saved again as often as needed.

With the same Pillow and NumPy, a number always gives the same file. Files are kept in a folder that
git ignores, and missing ones are added.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from PIL import Image, ImageChops

KEPT = Path(__file__).parent / ".inputs"

_DRAWN = 8
_STEP = 37, 23
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of input: its name, its size in pixels, and its JPEG quality."""

    name: str
    size: tuple[int, int]
    quality: int


PHOTO = Kind("1600x1200", (1600, 1200), 84)
"""About 300 KB a file."""
SMALL = Kind("640x480", (640, 480), 85)
LARGE = Kind("4000x3000", (4000, 3000), 80)
"""12 megapixels, like photos of a phone."""


def make_inputs(kind: Kind, count: int) -> Path:
    """Returns a folder that holds exactly the first `count` files of a kind."""
    everything = KEPT / kind.name
    everything.mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(count) if not (everything / _name(n)).exists()]
    if missing:
        from examples.sample_photos import make_sample_photos  # noqa: PLC0415  draws by NumPy

        make_sample_photos(KEPT / "drawn", _DRAWN, size=PHOTO.size)
        batches = [missing[n : n + _BATCH] for n in range(0, len(missing), _BATCH)]
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            list(pool.map(_make, [kind] * len(batches), batches))
    folder = KEPT / f"{kind.name}-{count}"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        if not (link := folder / _name(number)).exists():
            link.hardlink_to(everything / _name(number))
    return folder


def _name(number: int) -> str:
    return f"photo-{number:05d}.jpg"


def _make(kind: Kind, numbers: list[int]) -> None:
    drawn = _drawn(kind)
    for number in numbers:
        picture = drawn[number % len(drawn)]
        shifted = ImageChops.offset(picture, number * _STEP[0], number * _STEP[1])
        path = KEPT / kind.name / _name(number)
        staged = path.with_suffix(".part")
        shifted.save(staged, "JPEG", quality=kind.quality)
        staged.replace(path)


@cache
def _drawn(kind: Kind) -> list[Image.Image]:
    """Returns the drawn photos in landscape format, in the size of a kind."""
    opened = [Image.open(path) for path in sorted((KEPT / "drawn").glob("*.jpg"))]
    wide = [image.convert("RGB") for image in opened if image.size == PHOTO.size]
    return [image.resize(kind.size, Image.Resampling.LANCZOS) for image in wide]
