"""A table in a module that workers can import."""

import asyncio
import os
import signal
import time
from pathlib import Path

from PIL import Image

from media_assets.tables.table import MediaTable

SLOWLY = "MEDIA_ASSETS_TESTS_SECONDS"
"""Seconds that a row takes on a worker with this in its environment."""
DEADLY = "MEDIA_ASSETS_TESTS_DEADLY"
"""A worker with this in its environment dies of images of `DEADLY_SIZE`."""
DEADLY_SIZE = (13, 17)
SEEN = "MEDIA_ASSETS_TESTS_SEEN"
"""A folder in which such a worker writes its process id."""

photos = MediaTable("photos")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    """The photo, mirrored left to right."""
    if seconds := os.environ.get(SLOWLY):
        Path(os.environ[SEEN], str(os.getpid())).touch()
        time.sleep(float(seconds))
    if source_image.size == DEADLY_SIZE and os.environ.get(DEADLY):
        os.kill(os.getpid(), signal.SIGKILL)
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@photos.computed_column()
def brightness(flipped: Image.Image) -> float:
    """How bright it is."""
    return float(flipped.convert("L").resize((1, 1)).getpixel((0, 0)) or 0)  # pyright: ignore[reportArgumentType]


@photos.computed_column(
    where="brightness > 127",
    max_concurrency=4,
    max_retries=1,
    retry_on=ConnectionError,
    rate_limit="1000/s",
)
async def note(source_image: Image.Image, brightness: float) -> str:
    """What is said of bright ones."""
    await asyncio.sleep(0)
    return f"{source_image.width} px, {brightness:.0f}"
