"""Drawn sample photos, free of third-party rights, to try a table with."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import ExifTags, Image

from examples.scenes import (
    balloons,
    cities,
    flowers,
    mountains,
    plains,
    reef,
    seas,
)
from media_assets.threads import Threads

_LYING = 6  # The EXIF orientation of a photo taken with the camera turned left.


def _jpeg_options() -> Mapping[str, object]:
    return {"quality": 88}


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    draw: Callable[[tuple[int, int], int], Image.Image]
    shape: str = "wide"
    save_options: Mapping[str, object] = field(default_factory=_jpeg_options)
    is_stored_lying: bool = False


# The first few show every kind of file: portrait, transparent, stored sideways, WebP.
_SAMPLES = (
    _Sample("harbour-at-dusk.jpg", cities.harbour_at_dusk),
    _Sample("mountains-at-sunrise.jpg", mountains.mountains_at_sunrise),
    _Sample("misty-forest.jpg", mountains.misty_forest, "tall", is_stored_lying=True),
    _Sample("balloon-sticker.png", balloons.balloon_sticker, "square", {"compress_level": 6}),
    _Sample("desert-dunes.jpg", plains.desert_dunes, "tall"),
    _Sample("sailboat-at-sunset.jpg", seas.sailboat_at_sunset),
    _Sample("northern-lights.jpg", mountains.northern_lights),
    _Sample("cherry-blossom.webp", flowers.cherry_blossom, "wide", {"quality": 82, "method": 2}),
    _Sample("hot-air-balloons.jpg", balloons.hot_air_balloons),
    _Sample("city-at-night.jpg", cities.city_at_night, "tall"),
    _Sample("lavender-field.jpg", plains.lavender_field),
    _Sample("coral-reef.jpg", reef.coral_reef),
    _Sample("poppy-meadow.jpg", flowers.poppy_meadow),
    _Sample("lake-in-the-morning.jpg", mountains.lake_in_the_morning),
    _Sample("tulips-and-windmill.jpg", plains.tulips_and_windmill),
    _Sample("starry-night.jpg", mountains.starry_night, "tall"),
    _Sample("lighthouse-at-dawn.jpg", seas.lighthouse_at_dawn),
    _Sample("sunflower.jpg", flowers.sunflower, "square"),
    _Sample("winter-pines.jpg", mountains.winter_pines),
    _Sample("rain-on-the-window.jpg", cities.rain_on_the_window),
    _Sample("moon-over-the-sea.jpg", seas.moon_over_the_sea, "tall"),
    _Sample("red-canyon.jpg", plains.red_canyon),
    _Sample("island-beach.jpg", seas.island_beach),
    _Sample("fireworks-over-the-bay.jpg", cities.fireworks_over_the_bay),
)


def make_sample_photos(
    folder: Path, count: int = 24, *, size: tuple[int, int] = (1280, 960)
) -> list[Path]:
    """Draws sample photos into a folder, and returns the paths of all of them, in a fixed order.

    Existing photos are not touched. With the same Pillow and NumPy, a number always gives the same
    bytes: 24 motifs, repeated past 24 with other details (and `-2`, `-3`, ... in their names).
    Among the first eight are a portrait stored sideways with an EXIF orientation, a PNG with a
    transparent ground, and a WebP.

    Args:
        folder: Created if it is missing.
        count: The number of photos.
        size: Width and height of landscape photos in pixels; portraits swap them, square ones use
            the smaller.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     paths = make_sample_photos(Path(folder), 2, size=(160, 120))
        ...     print(*(path.name for path in paths))
        harbour-at-dusk.jpg mountains-at-sunrise.jpg
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / _name_of(index) for index in range(count)]
    missing = [index for index, path in enumerate(paths) if not path.exists()]

    def make(index: int) -> None:
        _make(paths[index], index, size)

    with Threads(os.cpu_count() or 1) as pool:
        list(pool.map(make, missing))  # Raises errors of threads.
    return paths


def _name_of(index: int) -> str:
    around, which = divmod(index, len(_SAMPLES))
    name = Path(_SAMPLES[which].name)
    return f"{name.stem}-{around + 1}{name.suffix}" if around else name.name


def _make(path: Path, index: int, size: tuple[int, int]) -> None:
    sample = _SAMPLES[index % len(_SAMPLES)]
    picture = sample.draw(_turned(size, sample.shape), index + 1)
    options: dict[str, Any] = dict(sample.save_options)
    if sample.is_stored_lying:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = _LYING
        picture, options["exif"] = picture.transpose(Image.Transpose.ROTATE_90), exif
    # Hidden until it is complete: a sensor may be watching the folder.
    staged = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        picture.save(staged, Image.registered_extensions()[path.suffix], **options)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def _turned(size: tuple[int, int], shape: str) -> tuple[int, int]:
    match shape:
        case "tall":
            return size[1], size[0]
        case "square":
            return min(size), min(size)
        case _:
            return size
