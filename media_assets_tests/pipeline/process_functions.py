"""Row functions that a spawned process can import."""

import asyncio
import os
import signal
import time
from asyncio import CancelledError
from datetime import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
from PIL import Image, ImageStat

from media_assets.columns import Length
from media_assets.images.source_file import SourceFile
from media_assets.pixels.animation import Animation

CALLS = "MEDIA_ASSETS_TEST_CALLS"
DEADLY_WIDTH = 13


class OwnError(BaseException):
    """A user-defined class that is not an `Exception`."""


ENDING = {
    20: SystemExit,
    21: CancelledError,
    22: GeneratorExit,
    23: KeyboardInterrupt,
    24: OwnError,
}


class PickyError(Exception):
    """An exception that its own class cannot unpickle."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")


def turned(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.ROTATE_90)


def shrunk(source_image: Image.Image) -> Image.Image:
    """Changes its image in place, and returns nothing."""
    source_image.thumbnail((16, 16))
    return None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def process(source_image: Image.Image) -> int:
    return os.getpid()


def red(turned: Image.Image) -> float:
    return ImageStat.Stat(turned).mean[0]


def facts(red: float, source_image: Image.Image) -> dict[str, float]:
    return {"red": red, "width": source_image.width}


def seen_size(source_image: Image.Image) -> list[int]:
    return list(source_image.size)


def deadly(source_image: Image.Image) -> int:
    if source_image.width == DEADLY_WIDTH:
        os.kill(os.getpid(), signal.SIGKILL)
    return source_image.width


def noted(source_image: Image.Image) -> int:
    """Notes each call, and takes a while, so that others are running when a process dies."""
    with Path(os.environ[CALLS]).open("a") as calls:
        calls.write(f"{source_image.width}\n")
    time.sleep(0.2)
    return deadly(source_image)


def faulty(source_image: Image.Image) -> Image.Image:
    raise KeyError(source_image.width)


def picky(source_image: Image.Image) -> int:
    raise PickyError(429, "slow down")


def texts(source_image: Image.Image) -> Image.Image:
    return "no image"  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def hidden(source_image: Image.Image) -> int:
    return source_image.width


original = hidden
hidden = None  # pyright: ignore[reportAssignmentType]  # like a decorator that replaces the function


def ends_all(source_image: Image.Image) -> int:
    """Raises exceptions that `except Exception` does not catch, by the width of its image."""
    raise ENDING[source_image.width]


def hangs(source_image: Image.Image) -> int:
    if source_image.width == DEADLY_WIDTH:
        time.sleep(3600)
    return os.getpid()


def apart(vector: np.ndarray, taken: datetime) -> Annotated[list[float], Length(4)]:  # type: ignore[type-arg]
    assert taken.tzinfo is not None
    return vector * 2  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def nothing(source_image: Image.Image) -> Image.Image | None:
    return None


def is_none(nothing: Image.Image | None) -> bool:
    return nothing is None


def too_short(source_image: Image.Image) -> Annotated[list[float], Length(4)]:
    return np.zeros(3)  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


async def ends_later(source_image: Image.Image) -> int:
    """Raises what its image's width stands for, once it has waited."""
    await asyncio.sleep(0)
    if source_image.width in ENDING:
        raise ENDING[source_image.width]
    return source_image.width


def busy(source_image: Image.Image) -> int:
    """Raises an error that cannot be unpickled until its file of calls has two lines."""
    with Path(os.environ[CALLS]).open("a+", encoding="ascii") as file:
        file.write("x\n")
        file.seek(0)
        if len(file.readlines()) <= 2:
            raise PickyError(429, "slow down")
    return source_image.width


def all_smaller(source_image: Animation) -> Animation:
    return source_image.map(lambda frame: frame.resize((8, 6)))


def smaller(small: Image.Image) -> Image.Image:
    return small.resize((8, 6))


def camera_of(source: SourceFile) -> str | None:
    return source.camera_model


def bordered(source_image: Image.Image, source: SourceFile) -> Image.Image:
    return source_image if source.orientation else source_image.convert("L")


def smaller_source(source_image: Image.Image) -> Image.Image:
    return source_image.resize((8, 6))
