"""Drawn photos to try a table with, free of rights: hills by a lake at various hours."""

from collections.abc import Iterator
from math import sin
from pathlib import Path
from random import Random

from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageOps

_HOURS = (  # the sky from its top to the horizon, the nearest hill, the sun
    ("#24406e", "#d98a6a", "#ffd9a0", "#1c2a33", "#fff3cf"),
    ("#3f7fc4", "#9cc6e6", "#eef6f7", "#2f5a35", "#fffdf0"),
    ("#141b3c", "#3d4a86", "#c58fb0", "#10162a", "#fbe6ff"),
    ("#6d93a8", "#c3cfc8", "#f3ead2", "#3d4c46", "#fffbe8"),
    ("#4a2a5e", "#d2565a", "#ffb65c", "#2a1b2e", "#ffe9b0"),
)
_SUFFIXES = (".jpg", ".jpg", ".png", ".webp")


def make_sample_photos(
    folder: Path | str, count: int = 24, *, size: tuple[int, int] = (1280, 960)
) -> list[Path]:
    """Draws photos into a folder, which is created if missing, and returns all their paths.

    Existing photos are not touched. The same number always gives the same picture. Every fourth is
    a portrait stored sideways, with an EXIF orientation.

    Args:
        folder: The folder to draw into.
        count: How many photos the folder should have.
        size: Width and height of the photos that are not portraits.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"lake-{n + 1:02d}{_SUFFIXES[n % len(_SUFFIXES)]}" for n in range(count)]
    for number, path in enumerate(paths):
        if path.exists():
            continue
        is_portrait, exif = number % len(_SUFFIXES) == 1, Image.Exif()
        photo = _drawn((size[1], size[0]) if is_portrait else size, number)
        if is_portrait:
            photo, exif[ExifTags.Base.Orientation] = photo.transpose(Image.Transpose.ROTATE_90), 6
        staged = path.with_name(f".{path.name}.part")  # hidden: a sensor may watch the folder
        photo.save(staged, Image.registered_extensions()[path.suffix], quality=88, exif=exif)
        staged.replace(path)
    return paths


def _drawn(size: tuple[int, int], number: int) -> Image.Image:
    """Draws at twice the size, to smooth the edges."""
    random = Random(number)  # noqa: S311  it keeps no secret
    top, middle, low, hill, sun = _HOURS[number % len(_HOURS)]
    width, height, shore = size[0] * 2, size[1] * 2, round(size[1] * 1.44)
    land = Image.linear_gradient("L").resize((width, shore))
    land = ImageOps.colorize(land, top, low, mid=middle)
    light = ImageOps.invert(Image.radial_gradient("L")).resize((height, height))
    light = light.point([max(0, x - 74) ** 2 // 150 + 255 * (x > 248) for x in range(256)])  # noqa: PLR2004
    land.paste(sun, (random.randrange(width) - height // 2, (shore - height) // 2), light)
    hills = ImageOps.colorize(Image.linear_gradient("L"), low, hill)
    for near in range(1, 6):
        line = [(x, shore * y) for x, y in _ridge(random, width, near)]
        ground = hills.getpixel((0, 51 * near))
        ImageDraw.Draw(land).polygon([*line, (width, shore), (0, shore)], fill=ground)
    photo = Image.new("RGB", (width, height))
    photo.paste(land)
    lake = ImageOps.flip(land).filter(ImageFilter.BoxBlur((9, 3))).point(lambda x: x * 0.8)
    photo.paste(lake, (0, shore))
    grain = Image.frombytes("L", size, random.randbytes(size[0] * size[1])).convert("RGB")
    return Image.blend(photo.reduce(2), grain, 0.04)


def _ridge(random: Random, width: int, near: int) -> Iterator[tuple[int, float]]:
    """Yields positions across, and how far down the ridge is, as a share of the land."""
    waves = [(random.uniform(0, 6), (1 + near) * 1.9**n / width, 0.07 / 2**n) for n in range(8)]
    for x in range(0, width + 4, 4):
        rise = sum(high * sin(at + x * often) for at, often, high in waves)
        yield x, 0.52 + 0.08 * near + rise
