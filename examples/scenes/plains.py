"""Fields, dunes and cliffs."""
# the numbers of a drawing are its places, sizes and shades

import numpy as np
from PIL import Image

from examples.scenes.brushes import (
    Floats,
    Point,
    Size,
    blend,
    clouds,
    color,
    disc,
    finish,
    glow,
    ground,
    noise,
    placed,
    polygon,
    polyline,
    ranges,
    ridge,
    shares,
    sky,
    to_hex,
)


def desert_dunes(size: Size, seed: int) -> Image.Image:
    """Dunes with a lit and a shaded side each, rippled by the wind."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = sky(size, [(0, "#3f7fb8"), (0.7, "#a9cbd8"), (1, "#f3dcb4")], horizon=0.45)
    rows, columns = shares(height)[:, None], shares(width)
    for index, place in enumerate((0.42, 0.5, 0.6, 0.74)):
        wave = ridge(random, width, cells=2, octaves=2)
        line = place - (0.09 + 0.03 * index) * wave
        haze = 0.45 - 0.15 * index
        crest = to_hex(color("#e9a75f") * (1 - haze) + color("#f0d4ac") * haze)
        ground(picture, line, [(0, crest), (1, "#c77d43")], depth=0.35)
        inside = rows > line
        below = np.clip((rows - line) / 0.3, 0, 1)
        edge = np.maximum(0.12 * np.sin(columns * 5 + index * 2) + 0.10, 0.04)
        shade = np.clip(np.gradient(wave) * width * 0.8, 0, 1) * np.exp(-below / edge) * inside
        blend(picture, shade * (0.75 - haze), color("#9a4f2c"))
        ripple = np.sin((rows * 260 / (0.5 + index * 0.2) + 14 * wave + columns * 9) * 2.2)
        picture *= 1 + (0.018 * index * ripple * inside)[..., None]
    return finish(picture, random)


def red_canyon(size: Size, seed: int) -> Image.Image:
    """Layered cliffs in the evening sun."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = sky(size, [(0, "#3b6fb5"), (0.7, "#a8c8e0"), (1, "#f0dcc0")], horizon=0.4)
    clouds(picture, random, "#ffffff", 0.6)
    rows, dark, bright = shares(height)[:, None], color("#7e2f1f"), color("#e8945a")
    for index, place in enumerate((0.40, 0.52, 0.70)):
        steps = np.round(ridge(random, width, cells=4 + index, octaves=5) * 7) / 7
        slopes = np.convolve(np.pad(steps, 5, "edge"), np.ones(11) / 11, "valid")
        line = place - (0.12 + 0.07 * index) * (0.75 * slopes + 0.25 * steps)
        layers = noise(random, (8, height), (1, 22), 5)[:, 4]
        bent = noise(random, (width, height), (7, 3), 4) * 0.10
        tone = layers[np.clip((rows + bent) * height, 0, height - 1).astype(np.int32)]
        lit = np.clip(0.78 + np.gradient(ridge(random, width, cells=30, octaves=4)) * 26, 0.5, 1.15)
        cliff = (dark + (bright - dark) * tone[..., None]) * lit[None, :, None]
        cliff += (color("#d8b0a0") - cliff) * (0.5 - 0.22 * index)
        cliff *= (1 - 0.35 * np.clip((rows - line) * 2, 0, 1))[..., None]
        blend(picture, np.clip((rows - line) * height, 0, 1), cliff)
    return finish(picture, random)


def lavender_field(size: Size, seed: int) -> Image.Image:
    """Violet rows running towards a low sun."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#5a7fc0"), (0.5, "#e8a9a0"), (1, "#ffd9a0")], horizon=0.46)
    clouds(picture, random, "#ffe6d2", 0.7)
    glow(picture, (0.5, 0.43), 0.2, "#ffdf9a", 0.85)
    disc(picture, (0.5, 0.41), 0.032, "#fff7df", soft=2)
    ranges(picture, random, ("#c8a0b4", "#5a5878"), 0.47, 0.5)
    _rows(picture, random, 0.46, [("#2d2440", "#8a62c8", "#d9b8f0")])
    return finish(picture, random)


def tulips_and_windmill(size: Size, seed: int) -> Image.Image:
    """Rows of tulips in many colours, a windmill on the horizon."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#4a94d8"), (0.7, "#b4dcf2"), (1, "#eef4ec")], horizon=0.5)
    clouds(picture, random, "#ffffff", 1.0)
    trees = (0.5 - 0.022 * ridge(random, size[0], cells=30)).astype(np.float32)
    ground(picture, trees, [(0, "#5d8a64"), (1, "#5d8a64")])
    beds = [("#d8263a", "#ff7a6a"), ("#ffc21f", "#fff0a0"), ("#e05a9a", "#ffc4da")]
    beds += [("#ff7a2a", "#ffc890"), ("#8a3aa8", "#dca8f0")]
    _rows(picture, random, 0.5, [("#2f6a34", paint, bloom) for paint, bloom in beds])
    _windmill(picture, (0.7, 0.51), 0.3)
    return finish(picture, random)


def _rows(
    picture: Floats, random: np.random.Generator, top: float, beds: list[tuple[str, str, str]]
) -> None:
    """Draws rows of plants below a horizon: the colours of soil, plant and bloom in each bed."""
    height, width = picture.shape[:2]
    start = round(height * top)
    depth = shares(height - start)[:, None] + 1 / (height - start)
    across = (shares(width)[None, :] - 0.5) / (depth * 0.9 + 0.02)
    turns = across * 10.5 / (2 * np.pi)
    ridges = (0.5 + 0.5 * np.cos(turns * 2 * np.pi))[..., None]
    bed = np.mod(np.floor(turns + 0.5), len(beds)).astype(np.int32)
    soil, plant, bloom = (
        np.array([color(paints[part]) for paints in beds])[bed] for part in range(3)
    )
    tufts = noise(random, (width, height - start), (90, 46), 3)[..., None]
    field = soil + (plant - soil) * ridges**1.3
    field += (bloom - field) * np.clip(tufts - 0.5, 0, 1) * ridges * 1.5
    field *= 0.75 + 0.5 * tufts
    warm = np.exp(-np.abs(across) * 0.35) * (1 - depth) ** 1.5
    picture[start:] = field + (color("#ffc890") - field) * (warm * 0.6)[..., None]


def _windmill(picture: Floats, foot: Point, tall: float) -> None:
    at, size = (foot[0] * picture.shape[1], foot[1] * picture.shape[0]), tall * picture.shape[0]
    body = [(-0.17, 0), (0.17, 0), (0.09, -0.68), (-0.09, -0.68)]
    cap = [(-0.11, -0.66), (0.11, -0.66), (0.06, -0.8), (-0.06, -0.8)]
    polygon(picture, placed(body, at, size), "#6a4a3c")
    polygon(picture, placed(cap, at, size), "#3a2c2a")
    hub = placed([(0, -0.72)], at, size)[0]
    for angle in (0.5, 2.07, 3.64, 5.21):
        along, up = 0.5 * float(np.cos(angle)), 0.5 * float(np.sin(angle))
        tip, side = (along, up), (-0.2 * up, 0.2 * along)
        start = (0.2 * along, 0.2 * up)
        sail = [start, tip, (tip[0] + side[0], tip[1] + side[1])]
        sail.append((start[0] + side[0], start[1] + side[1]))
        polygon(picture, placed(sail, hub, size), "#efe4d0")
        polyline(picture, placed([(0, 0), tip], hub, size), "#3a2c2a", wide=size / 70)
