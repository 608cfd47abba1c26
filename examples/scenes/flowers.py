"""Flowers before a background out of focus."""
# ruff: noqa: PLR2004  # the numbers of a drawing are its places, sizes and shades

import numpy as np
from PIL import Image, ImageDraw

from examples.scenes.brushes import (
    Floats,
    Point,
    Size,
    disc,
    dot,
    finish,
    glow,
    lights,
    placed,
    polygon,
    polyline,
    silhouette,
    sky,
)

_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


def poppy_meadow(size: Size, seed: int) -> Image.Image:
    """Poppies in high grass."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = sky(size, [(0, "#dcebc0"), (0.35, "#a9c878"), (0.7, "#6f9a4c"), (1, "#3d6a34")])
    lights(picture, random, ("#f4f0c0", "#e86a50", "#ffd98a", "#8fbf60", "#f0907a"), 70, 0.09)
    glow(picture, (0.8, 0.02), 0.4, "#fff4c8", 0.75)
    blades = ("#2f5a2a", "#4f8a3a", "#7aa84c")
    for index in range(90):
        foot, lean = random.uniform(-0.05, 1.05) * width, random.uniform(-0.1, 0.1) * height
        tip = foot + lean, height * float(random.uniform(0.6, 0.88))
        blade = [(foot - 4, height + 4), (foot + 4, height + 4), tip]
        polygon(picture, blade, blades[index % 3], blur=1.6)
    places = [(0.3, 0.42, 0.17), (0.66, 0.3, 0.13), (0.84, 0.56, 0.15), (0.5, 0.66, 0.1)]
    for across, down, large in (*places, (0.1, 0.68, 0.09)):
        _poppy(picture, random, (across * width, down * height), large * height)
    return finish(picture, random)


def _poppy(picture: Floats, random: np.random.Generator, at: Point, size: float) -> None:
    lean = float(random.uniform(-0.25, 0.25))
    stem = placed([(0, 0), (lean, 1.8), (lean * 1.4, 12)], at, size)
    polyline(picture, stem, "#3f6a30", wide=max(size / 14, 2), blur=1)
    petals = ((-0.55, -0.1, 0.62, "#b81f1a"), (0.55, -0.1, 0.62, "#c4261e"))
    angles = np.linspace(0, 2 * np.pi, 60)
    for across, down, wide, paint in (
        *petals,
        (0, -0.34, 0.66, "#d8382a"),
        (0, 0.26, 0.72, "#ee5138"),
    ):
        phase = float(random.uniform(0, 6))
        reach = wide * (1 + 0.05 * np.sin(angles * 7 + phase) + 0.03 * np.sin(angles * 13))
        sides = across + np.cos(angles) * reach, down + np.sin(angles) * reach * 0.8
        outline = list(zip(*(side.tolist() for side in sides), strict=True))
        polygon(picture, placed(outline, at, size), paint, blur=1.2)
        shine = placed([(across * 0.8, down - 0.2)], at, size)[0]
        dot(picture, shine, size * wide * 0.4, "#ff8a68", soft=size * 0.5, strength=0.28)
    heart = placed([(0, 0.02)], at, size)[0]
    dot(picture, heart, size * 0.2, "#26161c", soft=size * 0.08)
    for angle in np.linspace(0, 2 * np.pi, 22, endpoint=False).tolist():
        stamen = placed([(0.27 * np.cos(angle), 0.22 * np.sin(angle))], heart, size)[0]
        dot(picture, stamen, size * 0.022, "#3a2026", soft=2)


def sunflower(size: Size, seed: int) -> Image.Image:
    """One sunflower, its seeds set by the golden angle."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#78b4e0"), (0.5, "#b8d8a8"), (1, "#4f8a3c")])
    lights(picture, random, ("#e8f4d8", "#ffe690", "#6aa050"), 40, 0.12)
    at, radius = (size[0] / 2, size[1] / 2), min(size) * 0.44
    rings = ((34, "#c47a10", "#a8620c", 1.0), (34, "#eaa818", "#a8620c", 0.97))
    for ring, (count, paint, crease, reach) in enumerate(
        (*rings, (30, "#ffcf33", "#e09a18", 0.88))
    ):
        for index in range(count):
            angle = 2 * np.pi * (index + 0.5 * ring) / count + float(random.uniform(-0.04, 0.04))
            long = radius * reach * float(random.uniform(0.92, 1.04))
            _petal(picture, at, angle, long, (paint, crease))
    dot(picture, at, radius * 0.5, "#2e1a0e", soft=8)
    for index in range(1000):
        angle, far = index * _GOLDEN_ANGLE, (index / 1000) ** 0.5
        seed_at = placed([(far * np.cos(angle), far * np.sin(angle))], at, radius * 0.48)[0]
        paint = "#b87a30" if far > 0.8 else "#7a4a20" if far > 0.45 else "#8f8a3c"
        dot(picture, seed_at, 0.0056 * radius, paint, soft=3, strength=0.9)
    dot(picture, at, radius * 0.2, "#4a4a1c", soft=radius * 0.2, strength=0.5)
    glow(picture, (0.2, 0.05), 0.35, "#fff6d0", 0.45)
    return finish(picture, random)


def _petal(picture: Floats, at: Point, angle: float, reach: float, paints: tuple[str, str]) -> None:
    steps = np.linspace(0, 1, 16)
    half = 0.1 * np.sin(np.pi * steps**0.8) ** 0.8
    spine = np.outer(0.3 + 0.7 * steps, (np.cos(angle), np.sin(angle)))
    side = np.outer(half, (-np.sin(angle), np.cos(angle)))
    outline = [(x, y) for x, y in np.concatenate([spine + side, (spine - side)[::-1]]).tolist()]
    polygon(picture, placed(outline, at, reach), paints[0], blur=0.9)
    crease = [(x, y) for x, y in spine[[2, 12]].tolist()]
    polyline(picture, placed(crease, at, reach), paints[1], wide=2, blur=1.2)


def cherry_blossom(size: Size, seed: int) -> Image.Image:
    """Branches in bloom against a spring sky."""
    random = np.random.default_rng(seed)
    picture = sky(size, [(0, "#8fc4ea"), (0.6, "#cfe4f2"), (1, "#f6e6ea")])
    lights(picture, random, ("#ffd0dc", "#ffffff", "#f4a8c0"), 60, 0.1)
    for index in range(5):
        branch = _branch(picture, random, index)
        for _ in range(46):
            foot = branch[int(random.integers(2, len(branch)))]
            near = placed([tuple(random.normal(0, 0.026, 2).tolist())], foot, size[1])[0]
            _blossom(picture, random, near, size[1] * float(random.uniform(0.012, 0.026)))
    for _ in range(36):
        spot = float(random.random()), float(random.random())
        disc(picture, spot, float(random.uniform(0.003, 0.007)), "#ffd4e0", soft=3, strength=0.9)
    return finish(picture, random)


def _branch(picture: Floats, random: np.random.Generator, index: int) -> list[Point]:
    """Draws a branch that comes in from the left or the right, and returns its course."""
    height, width = picture.shape[:2]
    steps = np.linspace(0, 1, 40)
    start = -0.05 if index % 2 else 1.05
    across = start + (float(random.uniform(0.45, 0.7)) - start) * steps
    rise, bow = float(random.uniform(-0.12, 0.22)), float(random.uniform(-0.08, 0.08))
    down = 0.12 + 0.2 * index - rise * steps + bow * np.sin(np.pi * steps)
    course = list(zip((across * width).tolist(), (down * height).tolist(), strict=True))

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for part in range(len(course) - 1):
            wide = max(round(height * 0.013 * (1 - part / 46)), 2)
            pen.line(course[part : part + 2], fill=255, width=wide)

    silhouette(picture, draw, "#4a342e", blur=1)
    return course


def _blossom(picture: Floats, random: np.random.Generator, at: Point, size: float) -> None:
    turn = float(random.uniform(0, 2))
    paint = ("#fbd3de", "#ffe6ee", "#f6b4c8")[int(random.integers(3))]
    for angle in (turn + np.linspace(0, 2 * np.pi, 5, endpoint=False)).tolist():
        petal = placed([(0.62 * np.cos(angle), 0.62 * np.sin(angle))], at, size)[0]
        dot(picture, petal, size * 0.52, paint, soft=2)
    dot(picture, at, size * 0.3, "#e0708e", soft=size * 0.3)
    dot(picture, at, size * 0.12, "#fff0b8", soft=2)
