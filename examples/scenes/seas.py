"""The sea and its shores."""
# the numbers of a drawing are its places, sizes and shades

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from examples.scenes.brushes import (
    Floats,
    Point,
    Size,
    blend,
    clouds,
    color,
    disc,
    distances,
    finish,
    glow,
    ground,
    lighten,
    noise,
    placed,
    polygon,
    polyline,
    ranges,
    ridge,
    shares,
    silhouette,
    sky,
    stars,
    water,
)


def sailboat_at_sunset(size: Size, seed: int) -> Image.Image:
    """One boat on a golden sea."""
    random = np.random.default_rng(seed)
    picture = sky(
        size, [(0, "#384a86"), (0.4, "#b0607e"), (0.75, "#f79a54"), (1, "#ffd27a")], horizon=0.56
    )
    clouds(picture, random, "#ffb38a", 0.9)
    glow(picture, (0.62, 0.5), 0.22, "#ffdc80", 0.9)
    disc(picture, (0.62, 0.5), 0.055, "#fff3c4", soft=2)
    water(picture, random, 0.56, "#5a3a5c", calm=0.2)
    sailboat(picture, (0.36, 0.66), 0.26, "#1d1424", "#2c1c30")
    return finish(picture, random)


def sailboat(picture: Floats, foot: Point, tall: float, hull: str, sail: str) -> None:
    """Draws a sailboat that stands at `foot` and is `tall` heights high."""
    at, size = (foot[0] * picture.shape[1], foot[1] * picture.shape[0]), tall * picture.shape[0]
    main = [(0.02, -1.02), (0.02, -0.16), (0.46, -0.16)]
    jib = [(-0.03, -0.9), (-0.03, -0.16), (-0.34, -0.16)]
    body = [(-0.42, -0.1), (0.5, -0.1), (0.32, 0), (-0.3, 0)]
    for shape, paint in ((main, sail), (jib, sail), (body, hull)):
        polygon(picture, placed(shape, at, size), paint)
    polyline(picture, placed([(0, 0), (0, -1.05)], at, size), hull, wide=size / 50)


def moon_over_the_sea(size: Size, seed: int) -> Image.Image:
    """A full moon and its path of light."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#050b20"), (0.6, "#142f58"), (1, "#3a6486")], horizon=0.6)
    stars(picture, random, 900, above=0.5)
    clouds(picture, random, "#4a6a90", 0.8)
    glow(picture, (0.5, 0.3), 0.12, "#cfe4ff", 0.85)
    disc(picture, (0.5, 0.3), 0.07, "#f6f7ee", soft=2)
    inside = np.clip((0.068 - distances(size, (0.5, 0.3))) * 100, 0, 1)
    seas = np.clip(noise(random, size, (9, 12), 4) - 0.5, 0, 1)
    blend(picture, inside * seas * 0.7, color("#8f98a8"))
    ranges(picture, random, ("#3a6080", "#14304c"), 0.6, 0.615)
    water(picture, random, 0.6, "#0c2340", calm=0.25)
    return finish(picture, random, grain=0.02)


def lighthouse_at_dawn(size: Size, seed: int) -> Image.Image:
    """A striped lighthouse on a cliff, its beam in the mist."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#34507c"), (0.5, "#d08f94"), (1, "#ffd7a8")], horizon=0.66)
    clouds(picture, random, "#f0b4a8", 0.8)
    glow(picture, (0.2, 0.62), 0.2, "#ffe0a8", 0.7)
    water(picture, random, 0.66, "#3a5878", calm=0.25)
    across = shares(size[0])
    slope = 0.42 / (1 + np.exp(-(across - 0.62) * 16))
    cliff = 0.98 - slope - 0.05 * ridge(random, size[0], cells=6)
    ground(picture, cliff, [(0, "#3f4a3a"), (0.1, "#3a3340"), (1, "#14131c")])
    left = 0.78 - across
    wide = 0.012 + 0.1 * np.abs(left)
    beam = 1 - np.abs(shares(size[1])[:, None] - 0.19 - left * 0.06) / wide
    lit = np.clip(beam, 0, 1) ** 0.7 * (left > 0) * np.exp(-np.abs(left) * 1.6)
    lighten(picture, lit, "#fff4cc", 0.85)
    _tower(picture, (0.78, 0.56), 0.36)
    glow(picture, (0.78, 0.185), 0.025, "#fff3c8", 1.0)
    return finish(picture, random)


def _tower(picture: Floats, foot: Point, tall: float) -> None:
    at, size = (foot[0] * picture.shape[1], foot[1] * picture.shape[0]), tall * picture.shape[0]
    steps = np.linspace(0, 1, 7).tolist()
    for index, (low, high) in enumerate(pairwise(steps)):
        wide, narrow = 0.1 - 0.04 * low, 0.1 - 0.04 * high
        band = [(-wide, -low), (wide, -low), (narrow, -high), (-narrow, -high)]
        polygon(picture, placed(band, at, size), "#c0392f" if index % 2 else "#f3ebe2")
    lamp = [(-0.05, -1), (0.05, -1), (0.05, -1.1), (0, -1.17), (-0.05, -1.1)]
    polygon(picture, placed(lamp, at, size), "#3a2a34")


def island_beach(size: Size, seed: int) -> Image.Image:
    """Turquoise water, white sand, and a palm."""
    random = np.random.default_rng(seed)
    horizon, across = 0.45, shares(size[0])
    picture = sky(size, [(0, "#2f8fd8"), (0.7, "#9fd6f0"), (1, "#e4f4f4")], horizon=horizon)
    clouds(picture, random, "#ffffff", 0.9)
    trees = 0.8 + 0.3 * ridge(random, size[0], cells=30)
    island = horizon + 0.004 - 0.065 * np.exp(-(((across - 0.24) / 0.13) ** 2)) * trees
    ground(picture, island, [(0, "#2f6b4a"), (1, "#2a5a50")], depth=0.1)
    sea = [(0, "#1f7fae"), (0.45, "#2fb4c0"), (1, "#8fe4d8")]
    ground(picture, np.full(size[0], horizon), sea, depth=0.36)
    surface = picture[round(horizon * size[1]) :]
    waves = noise(random, (size[0], surface.shape[0]), (8, 60), 3)
    lighten(surface, np.clip(waves - 0.62, 0, 1), "#ffffff", 1.2)
    shore = 0.8 + 0.05 * np.sin(across * 4.2 + 0.6) - 0.012 * ridge(random, size[0], cells=5)
    ground(picture, shore - 0.014, [(0, "#f6fffc"), (1, "#f6fffc")])
    ground(picture, shore, [(0, "#cdb48c"), (0.2, "#e9d6ae"), (1, "#f4e6c8")], depth=0.2)
    _palm(picture, random, (0.83, 0.92), 0.62)
    return finish(picture, random)


def _palm(picture: Floats, random: np.random.Generator, foot: Point, tall: float) -> None:
    at, size = (foot[0] * picture.shape[1], foot[1] * picture.shape[0]), tall * picture.shape[0]
    trunk = [(-0.26 * up**1.7, -up) for up in np.linspace(0, 1, 24).tolist()]
    for index in range(23):
        part = placed(trunk[index : index + 2], at, size)
        polyline(picture, part, "#6b4f38", wide=size * (0.032 - 0.0008 * index))
    crown = placed(trunk[-1:], at, size)[0]
    for index, angle in enumerate(np.linspace(-0.5, np.pi + 0.5, 9).tolist()):
        paint = "#2d6b3c" if index % 2 else "#3f8a48"
        _frond(picture, crown, angle, size * float(random.uniform(0.38, 0.5)), paint)


def _frond(picture: Floats, crown: Point, angle: float, reach: float, paint: str) -> None:
    steps = np.linspace(0, 1, 26)
    stem = [
        (np.cos(angle) * step, 0.55 * step**2 - np.sin(angle) * step) for step in steps.tolist()
    ]
    wide = max(round(picture.shape[0] / 240), 2)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for step, (across, down) in zip(steps.tolist(), stem, strict=True):
            hang = 0.24 * (1 - abs(step - 0.4))
            for side in (-0.35, 0.35):
                tip = across + hang * (side + 0.5 * np.cos(angle)), down + hang
                pen.line(placed([(across, down), tip], crown, reach), fill=255, width=wide)

    silhouette(picture, draw, paint)
