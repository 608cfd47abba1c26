"""Fish and corals."""
# the numbers of a drawing are its places, sizes and shades

import numpy as np
from PIL import Image, ImageDraw

from examples.scenes.brushes import (
    Floats,
    Point,
    Size,
    disc,
    dot,
    finish,
    ground,
    lighten,
    placed,
    polygon,
    ridge,
    shares,
    silhouette,
    sky,
)


def coral_reef(size: Size, seed: int) -> Image.Image:
    """Sunbeams under water, and a shoal of fish."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = sky(size, [(0, "#8fe8ee"), (0.25, "#2fa8d0"), (0.7, "#0f5a94"), (1, "#072c56")])
    _sunbeams(picture, random)
    for index, paint in enumerate(("#0d4a70", "#0a3454", "#06223c")):
        line = 0.84 + 0.07 * index - 0.16 * ridge(random, width, cells=7 + 3 * index, octaves=5)
        ground(picture, line, [(0, paint), (1, paint)])
    corals = ("#e8607a", "#f0a04a", "#b05ac8", "#ff8a6a", "#f4d060")
    for index in range(26):
        foot = width * float(random.uniform(0, 1)), height * float(random.uniform(0.9, 1.03))
        _coral(picture, random, foot, corals[index % len(corals)])
    fish = ("#ffd23a", "#ff8a2a", "#f4f4f4", "#5fd0ff")
    for index in range(34):
        across, down = random.normal(0.5, 0.28), random.normal(0.45, 0.12)
        large = height * float(random.uniform(0.016, 0.045))
        _fish(picture, (across * width, down * height), large, fish[index % len(fish)])
    for _ in range(60):
        spot = float(random.random()), float(random.random())
        radius = float(random.uniform(0.001, 0.004))
        disc(picture, spot, radius, "#d8fbff", soft=3, strength=0.45)
    return finish(picture, random)


def _sunbeams(picture: Floats, random: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    down = shares(height)[:, None]
    fan = (shares(width)[None, :] - 0.35) / (down + 0.35)
    beams = ridge(random, width * 2, cells=22, octaves=3)
    at = np.clip((fan * 0.3 + 0.5) * width * 2, 0, width * 2 - 1).astype(np.int32)
    lighten(picture, np.clip(beams[at] - 0.45, 0, 1) * np.exp(-down * 2.4) * 1.6, "#e8ffff", 0.8)


def _coral(picture: Floats, random: np.random.Generator, foot: Point, paint: str) -> None:
    smallest = 0.008 * picture.shape[0]

    def branch(pen: ImageDraw.ImageDraw, start: Point, angle: float, reach: float) -> None:
        if reach < smallest:
            return
        end = placed([(float(np.cos(angle)), -float(np.sin(angle)))], start, reach)[0]
        pen.line([start, end], fill=255, width=max(round(reach * 0.3), 2))
        pen.ellipse(placed([(-0.15, -0.15), (0.15, 0.15)], end, reach), fill=255)
        for turn in (-0.5, 0.45):
            branch(pen, end, angle + turn + float(random.uniform(-0.2, 0.2)), reach * 0.72)

    tall = picture.shape[0] * float(random.uniform(0.03, 0.06))
    silhouette(picture, lambda pen: branch(pen, foot, np.pi / 2, tall), paint, blur=1)


def _fish(picture: Floats, at: Point, size: float, paint: str) -> None:
    tail = [(0.8, 0), (1.5, -0.45), (1.35, 0), (1.5, 0.45)]
    fin = [(-0.3, -0.4), (0.5, -0.8), (0.5, -0.3)]

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.ellipse(placed([(-1, -0.5), (1, 0.5)], at, size), fill=255)
        pen.polygon(placed(tail, at, size), fill=255)
        pen.polygon(placed(fin, at, size), fill=255)

    silhouette(picture, draw, paint, blur=0.8)
    band = [(-0.35, -0.46), (-0.12, -0.46), (-0.12, 0.46), (-0.35, 0.46)]
    polygon(picture, placed(band, at, size), "#14324a")
    dot(picture, placed([(-0.66, -0.1)], at, size)[0], size * 0.11, "#0a1420", soft=1.5)
