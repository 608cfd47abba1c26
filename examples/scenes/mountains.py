"""Mountains, by day and by night."""
# the numbers of a drawing are its places, sizes and shades

import numpy as np
from PIL import Image

from examples.scenes.brushes import (
    Size,
    blend,
    clouds,
    color,
    disc,
    finish,
    firs,
    glow,
    gradient,
    ground,
    lighten,
    noise,
    polygon,
    ranges,
    ridge,
    shares,
    sky,
    stars,
    to_hex,
    water,
)


def mountains_at_sunrise(size: Size, seed: int) -> Image.Image:
    """Ranges fading into the haze, firs in front."""
    random = np.random.default_rng(seed)
    stops = [(0, "#3d5a8c"), (0.45, "#c98fa0"), (0.75, "#f6b98a"), (1, "#ffe3b0")]
    picture = sky(size, stops, horizon=0.6)
    clouds(picture, random, "#ffd9c0", 0.5)
    glow(picture, (0.66, 0.4), 0.2, "#ffd28a", 0.8)
    disc(picture, (0.66, 0.4), 0.03, "#fff6dc", soft=2)
    ranges(picture, random, ("#d9a3a0", "#2b3350"), 0.6, 0.95)
    line = (0.99 - 0.14 * ridge(random, size[0], cells=3)).astype(np.float32)
    ground(picture, line, [(0, "#141a2c"), (1, "#05070d")], depth=0.2)
    firs(picture, random, line, "#141a2c", size=0.13)
    return finish(picture, random)


def lake_in_the_morning(size: Size, seed: int) -> Image.Image:
    """Blue ranges and firs mirrored in still water."""
    random = np.random.default_rng(seed)
    stops = [(0, "#4f86c4"), (0.6, "#b9d6ea"), (1, "#fff0d8")]
    picture = sky(size, stops, horizon=0.58)
    clouds(picture, random, "#ffffff", 0.8)
    ranges(picture, random, ("#b7cbdc", "#2f5560"), 0.52, 0.64)
    shore = (0.595 - 0.016 * ridge(random, size[0], cells=8)).astype(np.float32)
    ground(picture, shore, [(0, "#1f3b34"), (1, "#1f3b34")])
    firs(picture, random, shore, "#1b352f", size=0.075)
    water(picture, random, 0.6, "#2d5f70", calm=0.8)
    return finish(picture, random)


def misty_forest(size: Size, seed: int) -> Image.Image:
    """Rows of firs, paler the farther they stand."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#c3d3d4"), (0.5, "#e7ecdf"), (1, "#dfe6da")])
    glow(picture, (0.3, 0.12), 0.3, "#fff2cc", 0.8)
    paints = gradient(6, [(0, "#b4c7c4"), (0.5, "#5d8079"), (1, "#122923")])
    for index, paint in enumerate(paints):
        line = (0.34 + 0.135 * index - 0.1 * ridge(random, size[0], cells=3)).astype(np.float32)
        mist = to_hex(paint * 0.45 + color("#dfe8e0") * 0.55)
        ground(picture, line, [(0, to_hex(paint)), (1, mist)], depth=0.2)
        firs(picture, random, line, to_hex(paint), size=0.07 + 0.045 * index)
        veil = noise(random, size, (2, 5), 3) * 0.35 * (1 - index / 5)
        blend(picture, veil, color("#edf1e8"))
    return finish(picture, random)


def northern_lights(size: Size, seed: int) -> Image.Image:
    """Green curtains over a frozen lake."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = sky(size, [(0, "#060b22"), (0.7, "#10304a"), (1, "#1d5560")], horizon=0.68)
    stars(picture, random, 1400, above=0.66)
    rows = shares(height)[:, None]
    folds = ridge(random, width, cells=26, octaves=3)
    curtains = ((0.50, "#2fe08a", 0.30), (0.40, "#39e6a6", 0.36), (0.30, "#8f5bd8", 0.3))
    for place, light, tall in curtains:
        above = (place + 0.22 * (ridge(random, width, cells=3, octaves=3) - 0.5) - rows) / tall
        curtain = np.where(above > 0, np.exp(-above * 2.6), np.exp(np.minimum(above, 0) * 30))
        lighten(picture, curtain * (0.25 + 0.75 * folds), light, 0.75)
    ranges(picture, random, ("#16364a", "#050d18"), 0.66, 0.74)
    shore = (0.69 - 0.02 * ridge(random, width, cells=6)).astype(np.float32)
    firs(picture, random, shore, "#040a12", size=0.07)
    water(picture, random, 0.7, "#0b2a3a", calm=0.7)
    return finish(picture, random, grain=0.02)


def starry_night(size: Size, seed: int) -> Image.Image:
    """The Milky Way over dark hills, and one lit tent."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = sky(size, [(0, "#04071c"), (0.6, "#142450"), (1, "#4a4a78")])
    columns, rows = shares(width)[None, :], shares(height)[:, None]
    band = np.exp(-(((columns - 0.2) * 0.9 - (0.75 - rows) * 0.62) ** 2) / 0.022)
    dust = noise(random, size, (6, 8), 6)
    lighten(picture, band * dust**1.4, "#b9a8e8", 0.75)
    lighten(picture, band**3 * dust**3, "#ffd9c8", 0.55)
    stars(picture, random, 3200, above=0.9)
    glow(picture, (0.75, 0.86), 0.12, "#f0a070", 0.4)
    ranges(picture, random, ("#2a2c50", "#080a16"), 0.86, 0.95)
    line = (0.955 - 0.05 * ridge(random, width, cells=3)).astype(np.float32)
    ground(picture, line, [(0, "#04050b"), (1, "#020308")])
    firs(picture, random, line, "#04050b", size=0.07)
    glow(picture, (0.36, 0.945), 0.03, "#ffb050", 0.9)
    peak = 0.36 * width, 0.925 * height
    side, foot = 0.028 * height, 0.958 * height
    tent = [(peak[0] - side, foot), (peak[0] + side, foot), peak]
    polygon(picture, tent, "#ffc25e")
    return finish(picture, random, grain=0.022)


def winter_pines(size: Size, seed: int) -> Image.Image:
    """Snow, blue shadows, and more snow falling."""
    random = np.random.default_rng(seed)
    width = size[0]
    picture = sky(size, [(0, "#8fa9cf"), (0.6, "#e3c9d0"), (1, "#fbe6d6")], horizon=0.6)
    glow(picture, (0.25, 0.42), 0.25, "#ffe9d0", 0.7)
    ranges(picture, random, ("#d4c8d8", "#8d9fc0"), 0.55, 0.68)
    for index, paint in enumerate(("#7f93b4", "#4d6488", "#26395a")):
        line = (0.66 + 0.1 * index - 0.07 * ridge(random, width, cells=3)).astype(np.float32)
        ground(picture, line, [(0, "#f2f0f6"), (0.4, "#c9d6ea"), (1, "#e9edf6")], depth=0.16)
        firs(picture, random, line, paint, size=0.08 + 0.07 * index)
    line = (0.93 - 0.06 * ridge(random, width, cells=2)).astype(np.float32)
    ground(picture, line, [(0, "#ffffff"), (1, "#b9c9e4")], depth=0.12)
    for _ in range(260):
        place = float(random.random()), float(random.random())
        near = float(random.random()) ** 3
        disc(picture, place, 0.0012 + 0.006 * near, "#ffffff", soft=1 + 6 * near, strength=0.85)
    return finish(picture, random)
