"""Small photos of which no two are alike, as files."""

import random
from pathlib import Path

from PIL import Image

SIZE = (48, 36)


def picture(seed: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """Soft coloured clouds: detail enough that JPEG loses some of it."""
    noise = random.Random(seed).randbytes(8 * 6 * 3)  # noqa: S311  pixels, no secrets
    clouds = Image.frombytes("RGB", (8, 6), noise)
    return clouds.resize(size, Image.Resampling.BICUBIC)


def save_photo(path: Path, seed: int = 0, size: tuple[int, int] = SIZE) -> Path:
    """Saves a photo in the format of the path's extension, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, size).save(path)
    return path


def save_photos(folder: Path, count: int) -> list[Path]:
    """Saves `photo-000.jpg` and on."""
    return [save_photo(folder / f"photo-{n:03d}.jpg", seed=n) for n in range(count)]
