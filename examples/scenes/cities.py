"""Cities and their lights."""
# ruff: noqa: PLR2004  # the numbers of a drawing are its places, sizes and shades

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

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
    lighten,
    lights,
    placed,
    sky,
    stars,
    water,
)
from examples.scenes.seas import sailboat


def harbour_at_dusk(size: Size, seed: int) -> Image.Image:
    """A lit skyline mirrored in the harbour, boats in front."""
    random = np.random.default_rng(seed)
    picture = sky(
        size, [(0, "#1b2350"), (0.55, "#7a4a78"), (0.85, "#e88a5c"), (1, "#ffc080")], horizon=0.6
    )
    clouds(picture, random, "#d08090", 0.6)
    glow(picture, (0.3, 0.58), 0.2, "#ffb060", 0.7)
    _skyline(picture, random, 0.6, ("#4a3a60", "#1c1a34"), 0.36)
    water(picture, random, 0.6, "#1d2348", calm=0.55)
    for place, large in (((0.2, 0.76), 0.09), ((0.68, 0.84), 0.14), ((0.46, 0.68), 0.05)):
        sailboat(picture, place, large, "#0d0f20", "#0d0f20")
    return finish(picture, random, grain=0.02)


def city_at_night(size: Size, seed: int) -> Image.Image:
    """Towers, windows, and a glowing haze between them."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#0d1640"), (0.45, "#3a3572"), (0.8, "#a8607a"), (1, "#f0a070")])
    stars(picture, random, 300, above=0.4)
    disc(picture, (0.24, 0.16), 0.035, "#fdf4dc", soft=2)
    glow(picture, (0.24, 0.16), 0.05, "#d8e0ff", 0.5)
    rows = ((0.78, 0.5, ("#6a5480", "#43406e")), (0.9, 0.5, ("#34335e", "#2a2a54")))
    for foot, tall, paints in (*rows, (1.0, 0.42, ("#1c1d3c", "#12132c"))):
        _skyline(picture, random, foot, paints, tall)
        glow(picture, (0.55, foot), 0.16, "#ff9a60", 0.35)
    return finish(picture, random, grain=0.024)


def fireworks_over_the_bay(size: Size, seed: int) -> Image.Image:
    """Rockets above a dark town, twice: in the sky and in the water."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#070a1e"), (0.7, "#1a1f44"), (1, "#3a2c50")], horizon=0.64)
    stars(picture, random, 300, above=0.5)
    bursts = (
        (0.28, 0.24, 0.17, "#ffb347"),
        (0.62, 0.18, 0.2, "#ff5d73"),
        (0.84, 0.34, 0.12, "#7fd8ff"),
        (0.46, 0.42, 0.1, "#b18cff"),
    )
    for x, y, radius, light in bursts:
        _burst(picture, random, (x, y), radius, light)
    _skyline(picture, random, 0.64, ("#241f3c", "#0c0c1c"), 0.13)
    water(picture, random, 0.64, "#0a0e26", calm=0.35)
    return finish(picture, random, grain=0.024)


def _burst(
    picture: Floats, random: np.random.Generator, center: Point, radius: float, light: str
) -> None:
    height, width = picture.shape[:2]
    at, size = (center[0] * width, center[1] * height), radius * height
    layer = Image.new("L", (width, height))
    pen = ImageDraw.Draw(layer)
    steps = np.linspace(0.15, 1, 14)
    for angle in (np.linspace(0, 2 * np.pi, 70) + random.uniform(0, 0.1, 70)).tolist():
        reach = float(random.uniform(0.75, 1.05)) * steps
        sides = np.cos(angle) * reach, np.sin(angle) * reach + 0.3 * steps**2.4
        course = placed(list(zip(*(side.tolist() for side in sides), strict=True)), at, size)
        for index, step in enumerate(steps[:-1].tolist()):
            shade = round(60 + 195 * step**2)
            pen.line(course[index : index + 2], fill=shade, width=max(round(height / 480), 1))
    trails = np.asarray(layer, np.float32) / 255
    haze = layer.resize((width // 4, height // 4)).filter(ImageFilter.GaussianBlur(height / 320))
    lighten(picture, np.asarray(haze.resize((width, height)), np.float32) / 255, light, 0.9)
    lighten(picture, trails, light)
    lighten(picture, trails**2, "#ffffff", 0.7)
    glow(picture, center, radius * 0.5, light, 0.35)


def _skyline(
    picture: Floats, random: np.random.Generator, foot: float, paints: tuple[str, str], tall: float
) -> None:
    """Draws a far and a near row of buildings, lit windows in the near one."""
    height, width = picture.shape[:2]
    for index, paint in enumerate(paints):
        left = -20.0
        while left < width:
            wide = float(random.uniform(0.022, 0.06)) * height
            hill = 0.45 + 0.55 * np.exp(-(((left / width - 0.55) / 0.3) ** 2))
            top = foot - tall * float(random.uniform(0.25, 1)) * hill * (1 - 0.35 * index)
            box = (round(left), round(top * height), round(left + wide), round(foot * height))
            _building(picture, random, box, paint, has_windows=index == 1)
            left += wide * float(random.uniform(0.85, 1.25))


def _building(
    picture: Floats,
    random: np.random.Generator,
    box: tuple[int, int, int, int],
    paint: str,
    *,
    has_windows: bool,
) -> None:
    left, top, right, bottom = box
    wall = picture[top:bottom, max(left, 0) : max(right, 0)]
    wall[:] = color(paint) * (0.85 + 0.3 * float(random.random()))
    if random.random() < 0.3:
        middle = max((left + right) // 2, 0)
        picture[max(top - (bottom - top) // 5, 0) : top, middle : middle + 2] = color(paint)
    if not has_windows:
        return
    step = max(picture.shape[0] // 120, 5)
    for y in range(3, wall.shape[0] - step, step):
        for x in range(3, wall.shape[1] - step, step):
            if random.random() < 0.42:
                light = color("#ffd28a") if random.random() < 0.8 else color("#cfe6ff")
                wall[y : y + step // 2, x : x + step // 2] = light * float(random.uniform(0.5, 1))


def rain_on_the_window(size: Size, seed: int) -> Image.Image:
    """City lights behind drops on a pane."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#0c1428"), (0.5, "#22304c"), (1, "#1a1c30")])
    paints = ("#ffb050", "#ff6a4a", "#ffe2a0", "#5fb0ff", "#e8f0ff", "#ff8ab0")
    lights(picture, random, paints, 75, 0.085)
    behind = picture.copy()
    for _ in range(420):
        place = float(random.random()), float(random.random())
        _drop(picture, behind, place, 0.003 + 0.016 * float(random.random()) ** 4)
    for _ in range(9):
        across, down = float(random.uniform(0.03, 0.97)), float(random.uniform(0.15, 0.9))
        for step in range(26):
            trail = across + 0.002 * float(np.sin(step / 3)), down - step * 0.006
            _drop(picture, behind, trail, 0.0035 * (1 - step / 30))
        _drop(picture, behind, (across, down), 0.013)
    return finish(picture, random, grain=0.02)


def _drop(picture: Floats, behind: Floats, place: Point, radius: float) -> None:
    """Draws a drop: a small, turned-over view of what is behind the pane, with a glint."""
    height, width = picture.shape[:2]
    x, y, reach = int(place[0] * width), int(place[1] * height), max(round(radius * height), 1)
    if not (reach < x < width - reach and reach < y < height - reach):
        return
    steps = np.arange(-reach, reach + 1, dtype=np.int32)
    far = np.hypot(steps[None, :], steps[:, None] * 0.92) / reach
    rows = np.clip(y - steps * 6, 0, height - 1)[:, None]
    columns = np.clip(x - steps * 6, 0, width - 1)[None, :]
    lens = behind[rows, columns] * (1.25 - 0.75 * far**3)[..., None] + 0.04
    box = picture[y - reach : y + reach + 1, x - reach : x + reach + 1]
    blend(box, np.clip((1 - far) * reach + 0.5, 0, 1) * 0.92, lens)
    glint = np.hypot(steps[None, :] + reach * 0.35, steps[:, None] + reach * 0.4) / reach
    lighten(box, np.clip(1 - glint * 4, 0, 1), "#ffffff", 0.9)
