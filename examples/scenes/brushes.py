"""The brushes of the sample photos: light, noise, ridges, water, silhouettes.

A picture is an array of height x width x 3 floats from 0 to 1, painted in place from far to near.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter

Floats = NDArray[np.floating]
Size = tuple[int, int]
Point = tuple[float, float]
Stops = Sequence[tuple[float, str]]


def color(name: str) -> Floats:
    """Returns a colour's red, green and blue from "#rrggbb" or a name."""
    return np.array(ImageColor.getrgb(name)[:3], np.float32) / 255


def gradient(count: int, stops: Stops) -> Floats:
    """Returns `count` colours between stops, each a place from 0 to 1 and a colour."""
    places = [place for place, _ in stops]
    values = np.array([color(name) for _, name in stops])
    at = np.linspace(0, 1, count)
    bands = [np.interp(at, places, values[:, band]) for band in range(3)]
    return np.stack(bands, axis=1).astype(np.float32)


def sky(size: Size, stops: Stops, *, horizon: float = 1.0) -> Floats:
    """Returns a new picture: a sky from top to horizon, and its last colour below."""
    width, height = size
    rows = round(height * horizon)
    column = gradient(rows, stops)
    column = np.concatenate([column, np.repeat(column[-1:], height - rows, axis=0)])
    return np.repeat(column[:, None, :], width, axis=1)


def noise(
    random: np.random.Generator, size: Size, cells: tuple[int, int], octaves: int = 5
) -> Floats:
    """Returns smooth fractal noise from 0 to 1, `cells` of its coarsest grain across and down."""
    total = np.zeros((size[1], size[0]), np.float32)
    for octave in range(octaves):
        shape = min(cells[1] << octave, size[1]) + 3, min(cells[0] << octave, size[0]) + 3
        coarse = Image.fromarray(random.random(shape, np.float32))
        total += np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)) * 0.5**octave
    low, high = total.min(), total.max()
    return (total - low) / (high - low)


def ridge(random: np.random.Generator, width: int, *, cells: int, octaves: int = 6) -> Floats:
    """Returns the heights of a ridge from 0 to 1, left to right."""
    return noise(random, (width, 8), (cells, 1), octaves)[4]


def blend(picture: Floats, mask: Floats | float, paint: Floats) -> None:
    """Lays a colour, or a picture of the same size, over a picture where the mask is 1."""
    share = mask[..., None] if isinstance(mask, np.ndarray) else mask
    picture += (paint - picture) * share


def lighten(picture: Floats, mask: Floats, light: str, strength: float = 1.0) -> None:
    """Adds light as a lens does: bright stays below white."""
    picture += (1 - picture) * color(light) * (mask * strength)[..., None]


def distances(size: Size, center: Point) -> Floats:
    """Returns each pixel's distance from a center given in shares of the size, in heights."""
    width, height = size
    across = (np.arange(width, dtype=np.float32) - center[0] * width) / height
    down = (np.arange(height, dtype=np.float32) - center[1] * height) / height
    return np.hypot(across[None, :], down[:, None])


def glow(picture: Floats, center: Point, radius: float, light: str, strength: float = 1.0) -> None:
    """Adds a soft light around a center; the radius, in heights, is where a third is left."""
    size = picture.shape[1], picture.shape[0]
    lighten(picture, np.exp(-distances(size, center) / radius), light, strength)


def disc(
    picture: Floats,
    center: Point,
    radius: float,
    paint: str,
    *,
    soft: float = 1.0,
    strength: float = 1.0,
) -> None:
    """Paints a disc; its center is in shares of the size, its radius in heights."""
    height, width = picture.shape[:2]
    at = center[0] * width, center[1] * height
    dot(picture, at, radius * height, paint, soft=soft, strength=strength)


def dot(
    picture: Floats,
    at: Point,
    radius: float,
    paint: str,
    *,
    soft: float = 1.0,
    strength: float = 1.0,
) -> None:
    """Paints a disc; its center, its radius and its soft edge are in pixels."""
    height, width = picture.shape[:2]
    reach = radius + soft + 2
    left, right = (int(np.clip(at[0] + side * reach, 0, width)) for side in (-1, 1))
    top, bottom = (int(np.clip(at[1] + side * reach, 0, height)) for side in (-1, 1))
    across = np.arange(left, right, dtype=np.float32) - at[0]
    down = np.arange(top, bottom, dtype=np.float32) - at[1]
    edge = (radius - np.hypot(across[None, :], down[:, None])) / soft + 0.5
    blend(picture[top:bottom, left:right], np.clip(edge, 0, 1) * strength, color(paint))


def shares(count: int) -> Floats:
    """Returns the position of each of `count` rows or columns, from 0 to almost 1."""
    return np.arange(count, dtype=np.float32) / count


def ground(picture: Floats, line: Floats, stops: Stops, *, depth: float = 0.4) -> None:
    """Fills everything below a line, its colours running down over `depth` heights.

    Args:
        picture: What to paint on.
        line: For every column, where the ground starts, as a share of the height.
        stops: Its colours, from the line downwards.
        depth: How far down the last colour is reached.
    """
    height = picture.shape[0]
    top = max(int(line.min() * height) - 1, 0)
    below = np.arange(top, height, dtype=np.float32)[:, None] - line[None, :] * height
    table = gradient(256, stops)
    paint = table[np.clip(below / (depth * height) * 255, 0, 255).astype(np.int32)]
    blend(picture[top:], np.clip(below + 0.5, 0, 1), paint)


def water(
    picture: Floats, random: np.random.Generator, horizon: float, tint: str, *, calm: float = 0.5
) -> None:
    """Mirrors the picture above the horizon in rippled water below it."""
    height, width = picture.shape[:2]
    top = round(horizon * height)
    count = height - top
    depth = shares(count)[:, None]
    ripples = noise(random, (width, count), (10, 60), 3) - 0.5
    ripples += 0.6 * (noise(random, (width, count), (3, 14), 2) - 0.5)
    sway = ripples * (0.15 + depth) * (1 - calm) * height * 0.16
    rows = top - 1 - depth * count * 0.9 + sway
    columns = shares(width)[None, :] * width + sway * 0.35
    source = np.clip(rows, 0, top - 1).astype(np.int32)
    picture[top:] = picture[source, np.clip(columns, 0, width - 1).astype(np.int32)] * 0.86
    blend(picture[top:], np.broadcast_to(0.18 + 0.4 * depth, (count, width)), color(tint))
    lighten(picture[top:], np.clip(ripples - 0.18, 0, 1) * (1 - depth), "#ffffff", 0.35)


def silhouette(
    picture: Floats, draw: Callable[[ImageDraw.ImageDraw], None], paint: str, *, blur: float = 0.6
) -> None:
    """Paints one colour where `draw` draws in white, with soft edges."""
    mask = Image.new("L", (picture.shape[1], picture.shape[0]))
    draw(ImageDraw.Draw(mask))
    box = mask.getbbox()
    if box is None:
        return
    margin = round(blur * 3) + 1
    left, top = max(box[0] - margin, 0), max(box[1] - margin, 0)
    part = mask.crop((left, top, box[2] + margin, box[3] + margin))
    soft = np.asarray(part.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    target = picture[top : top + soft.shape[0], left : left + soft.shape[1]]
    blend(target, soft[: target.shape[0], : target.shape[1]], color(paint))


def placed(corners: Sequence[Point], at: Point, scale: float) -> list[Point]:
    """Returns the corners of a shape moved to a place and scaled."""
    return [(at[0] + across * scale, at[1] + down * scale) for across, down in corners]


def polygon(picture: Floats, corners: Sequence[Point], paint: str, *, blur: float = 0.6) -> None:
    """Paints a polygon; its corners are in pixels."""
    silhouette(picture, lambda pen: pen.polygon(list(corners), fill=255), paint, blur=blur)


def polyline(
    picture: Floats, points: Sequence[Point], paint: str, *, wide: float, blur: float = 0.6
) -> None:
    """Paints a line through points in pixels."""
    thick = max(round(wide), 1)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.line(list(points), fill=255, width=thick, joint="curve")

    silhouette(picture, draw, paint, blur=blur)


def firs(
    picture: Floats, random: np.random.Generator, line: Floats, paint: str, *, size: float
) -> None:
    """Plants firs along a line, about `size` heights tall, denser the smaller they are."""
    height, width = picture.shape[:2]
    heights: list[float] = line.tolist()

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(round(1.6 * width / (size * height) / 0.35)):
            foot = float(random.random()) * (width - 1)
            base = heights[int(foot)] * height + size * height * 0.12
            tall = size * height * float(random.uniform(0.55, 1.15))
            for level in range(7):
                at = base - tall * level / 8
                half = tall * 0.19 * (1 - level / 7.6) * float(random.uniform(0.85, 1.15))
                peak = at - tall * 0.27
                pen.polygon([(foot - half, at), (foot + half, at), (foot, peak)], fill=255)

    silhouette(picture, draw, paint, blur=0.8)


def stars(picture: Floats, random: np.random.Generator, count: int, *, above: float) -> None:
    """Scatters stars over the upper share of a picture, few of them bright."""
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.float32)
    at = random.integers(1, round(above * height), count), random.integers(1, width - 1, count)
    layer[at] = 0.25 + random.random(count, np.float32) ** 6 * 3
    for axis in (0, 1):
        layer += 0.3 * (np.roll(layer, 1, axis) + np.roll(layer, -1, axis))
    fade = np.clip(1.2 - np.linspace(0, 1 / above, height, dtype=np.float32), 0, 1)[:, None]
    lighten(picture, np.clip(layer * fade, 0, 1), "#f4f6ff")


def finish(picture: Floats, random: np.random.Generator, *, grain: float = 0.016) -> Image.Image:
    """Returns the photo: darker towards the corners, with the grain of a sensor."""
    height, width = picture.shape[:2]
    far = distances((width, height), (0.5, 0.5))
    toned = picture * (1 - 0.22 * (far / far.max()) ** 2.2)[..., None]
    toned += (random.standard_normal((height, width, 1), np.float32)) * grain
    return Image.fromarray((np.clip(toned, 0, 1) * 255 + 0.5).astype(np.uint8))


def clouds(picture: Floats, random: np.random.Generator, light: str, amount: float) -> None:
    """Draws flat clouds into the upper part of a picture."""
    height, width = picture.shape[:2]
    rows = round(height * 0.6)
    shapes = noise(random, (width, rows), (3, 6), 6)
    veil = np.clip((shapes - (0.74 - amount * 0.35)) * 3.2, 0, 1)
    fade = np.linspace(1, 0, rows, dtype=np.float32)[:, None] ** 0.6
    blend(picture[:rows], veil * fade * 0.8, color(light))


def ranges(
    picture: Floats, random: np.random.Generator, shades: tuple[str, str], top: float, bottom: float
) -> None:
    """Draws five mountain ranges from the far shade to the near one, mist at their feet."""
    paints = [to_hex(paint) for paint in gradient(6, [(0, shades[0]), (1, shades[1])])]
    for index, place in enumerate(np.linspace(top, bottom, 5)):
        peaks = ridge(random, picture.shape[1], cells=3 + 2 * index)
        line = (place - (0.22 - 0.028 * index) * peaks).astype(np.float32)
        stops = [(0, paints[index + 1]), (0.4, paints[index + 1]), (1, paints[index])]
        ground(picture, line, stops, depth=0.3)


def to_hex(paint: Floats) -> str:
    """Returns a colour as "#rrggbb"."""
    return "#" + bytes((paint * 255).astype(np.uint8)).hex()


def lights(
    picture: Floats, random: np.random.Generator, paints: Sequence[str], count: int, large: float
) -> None:
    """Scatters discs of light that are out of focus, with a brighter middle each."""
    for _ in range(count):
        place = float(random.uniform(0, 1)), float(random.uniform(0, 1))
        radius = large * float(random.uniform(0.35, 1))
        paint = paints[int(random.integers(len(paints)))]
        strength = float(random.uniform(0.12, 0.5))
        disc(picture, place, radius, paint, soft=radius * 60, strength=strength)
        disc(picture, place, radius * 0.86, paint, soft=4, strength=strength * 0.4)
