"""Hot-air balloons, one of them cut out."""
# ruff: noqa: PLR2004  # the numbers of a drawing are its places, sizes and shades

import numpy as np
from PIL import Image

from examples.scenes.brushes import (
    Floats,
    Point,
    Size,
    blend,
    clouds,
    color,
    finish,
    glow,
    ranges,
    shares,
    sky,
)

_COLORS = (
    ("#d8433b", "#f6e7c8"),
    ("#2f6fb0", "#ffd24d"),
    ("#f08a24", "#7a2f6a"),
    ("#2f9a78", "#f4f0e0"),
    ("#8a3fa0", "#ff9a70"),
    ("#e0b020", "#c03038"),
)
_BASKET = "#6a4526"


def hot_air_balloons(size: Size, seed: int) -> Image.Image:
    """Balloons near and far above a valley at sunrise."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#5f95cf"), (0.55, "#c9dcea"), (1, "#ffe2bd")], horizon=0.8)
    clouds(picture, random, "#fff6ec", 0.7)
    glow(picture, (0.15, 0.7), 0.25, "#ffdca0", 0.7)
    ranges(picture, random, ("#d8c6c4", "#5b6a62"), 0.8, 1.0)
    places = [
        (0.55, 0.3, 0.09),
        (0.83, 0.5, 0.12),
        (0.12, 0.46, 0.13),
        (0.42, 0.6, 0.1),
        (0.7, 0.2, 0.2),
        (0.28, 0.3, 0.44),
    ]
    for index, (x, y, tall) in enumerate(places):
        drawn = draw_balloon(round(tall * size[1]), _COLORS[(index + seed) % len(_COLORS)])
        _put(picture, drawn, (x, y), max(0.0, 0.42 - tall * 1.2))
    return finish(picture, random)


def balloon_sticker(size: Size, seed: int) -> Image.Image:
    """One balloon, cut out: the ground is transparent."""
    drawn = draw_balloon(round(size[1] * 0.94), _COLORS[seed % len(_COLORS)])
    sticker = Image.new("RGBA", size)
    sticker.paste(drawn, ((size[0] - drawn.width) // 2, (size[1] - drawn.height) // 2))
    return sticker


def draw_balloon(tall: int, paints: tuple[str, str]) -> Image.Image:
    """Returns a hot-air balloon on a transparent ground, `tall` pixels high."""
    scale = 2
    height, width = tall * scale, round(tall * 0.8) * scale
    down = shares(height)[:, None]
    across = (shares(width)[None, :] - 0.5) * 0.8
    upper = np.sqrt(np.clip(0.37**2 - (down - 0.38) ** 2, 0, None))
    lower = 0.37 * np.clip(1 - (down - 0.38) / 0.40, 0, 1) ** 0.62
    half = np.where(down < 0.38, upper, np.maximum(lower, 0.055) * (down < 0.77))
    turn = np.arcsin(np.clip(across / np.maximum(half, 1e-4), -1, 1))
    stripe = (np.floor((turn / np.pi + 0.5) * 10 + 0.5) % 2)[..., None]
    cloth = color(paints[0]) * stripe + color(paints[1]) * (1 - stripe)
    band = (np.abs(down - 0.435) < 0.035)[..., None]
    cloth = np.where(band, color(paints[0]) * 0.75, cloth)
    light = 0.62 + 0.5 * np.cos(turn + 0.7) * np.cos((down - 0.3) * 1.6)
    basket = (np.abs(across) < 0.05) & (np.abs(down - 0.915) < 0.045)
    basket |= (np.abs(np.abs(across) - 0.05) < 0.004) & (np.abs(down - 0.82) < 0.08)
    wicker = color(_BASKET) * (0.8 + 0.3 * (across[..., None] < 0))
    paint = np.where(basket[..., None], wicker, np.clip(cloth * light[..., None], 0, 1))
    pixels = np.dstack([paint, (np.abs(across) < half) | basket])
    drawn = Image.fromarray((pixels * 255).astype(np.uint8))
    return drawn.resize((width // scale, height // scale), Image.Resampling.LANCZOS)


def _put(picture: Floats, drawn: Image.Image, place: Point, haze: float) -> None:
    """Lays a drawing over a picture, paler by `haze`."""
    left = round(place[0] * picture.shape[1] - drawn.width / 2)
    top = round(place[1] * picture.shape[0] - drawn.height / 2)
    pixels = np.asarray(drawn, np.float32) / 255
    target = picture[max(top, 0) : top + drawn.height, max(left, 0) : left + drawn.width]
    part = pixels[max(-top, 0) :, max(-left, 0) :][: target.shape[0], : target.shape[1]]
    paint = part[..., :3] * (1 - haze) + color("#f3d9c4") * haze
    blend(target, part[..., 3], paint)
