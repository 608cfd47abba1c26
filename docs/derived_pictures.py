"""The pictures of docs/derived-tables.md: parts as splitters draw them, and the UI's graph."""

import os
import shutil
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from PIL import Image
from playwright.sync_api import FloatRect

import media_assets as ma
from examples.scenes.flowers import poppy_meadow
from media_assets.images.thumbnails import webp_bytes
from media_assets.split import Splitter
from media_assets_tests.automation.deployment import LOCATION, deployed
from media_assets_tests.browser.visits import launched

SCREENSHOTS = Path(__file__).parent / "screenshots"
DEFINITIONS = """
import media_assets as ma

videos = ma.MediaTable("videos", media=ma.Video, values={"title": str})
frames = videos.derived_table("frames", ma.split.frames(every=1.0, size=(1280, 720)))


@frames.computed_column()
def brightness(frame: ma.Image) -> float:
    return ma.transforms.mean_luminance(frame)


@frames.computed_column()
def caption(frame: ma.Image, title: str, time: float) -> str:
    return f"{title} at {time:.0f} s"


@videos.computed_column()
def poster(frames: ma.Parts) -> ma.Image:
    return max(frames, key=lambda part: part.brightness).frame


defs = ma.build_defs([videos])
"""
_SEED, _FPS, _SECONDS = 13, 10, 5
_WIDE, _SIZE, _PHOTO = (520, 120), (160, 120), (240, 180)
_GAP = 6
_GRAPH: FloatRect = {"x": 542, "y": 110, "width": 1000, "height": 800}
_SETTLED = 6_000
"""Milliseconds that the UI takes to lay out a graph."""


def pan(path: Path) -> Path:
    """Writes a video that looks along a meadow, and returns its path."""
    import av

    meadow = poppy_meadow(_WIDE, _SEED)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=_FPS)
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        steps = _FPS * _SECONDS
        for number in range(steps):
            left = (_WIDE[0] - _SIZE[0]) * number // steps
            picture = meadow.crop((left, 0, left + _SIZE[0], _SIZE[1])).convert("RGB")
            out.mux(stream.encode(cast("Any", av.VideoFrame).from_image(picture)))
        out.mux(stream.encode(None))
    return path


def parts_of(splitter: Splitter, source: object) -> list[Image.Image]:
    """Returns the images that a splitter makes of a source."""
    return [cast("Image.Image", p.value) for p in splitter.split(source, lambda _: False, 100)]


def beside(images: Sequence[Image.Image]) -> Image.Image:
    """Returns images side by side, with their lower edges in line."""
    width = sum(image.width + _GAP for image in images) - _GAP
    sheet = Image.new("RGBA", (width, max(image.height for image in images)))
    left = 0
    for image in images:
        sheet.paste(image, (left, sheet.height - image.height))
        left += image.width + _GAP
    return sheet


def cut(photo: Image.Image, side: int) -> Image.Image:
    """Returns the tiles of a photo, with gaps between them."""
    across, down = photo.width // side, photo.height // side
    sheet = Image.new("RGBA", (photo.width + (across - 1) * _GAP, photo.height + (down - 1) * _GAP))
    for number, tile in enumerate(parts_of(ma.split.tiles(side), photo)):
        row, column = divmod(number, across)
        sheet.paste(tile, (column * (side + _GAP), row * (side + _GAP)))
    return sheet


def graph(home: Path) -> Image.Image:
    """Returns what the Dagster UI shows of a table of videos with frames."""
    shutil.copy(Path(__file__).parents[1] / "dagster.yaml", home)
    (home / LOCATION).write_text(DEFINITIONS)
    os.environ["DAGSTER_HOME"] = str(home)
    with deployed(home, definitions=DEFINITIONS) as deployment, launched() as browser:
        page = browser.new_page(viewport={"width": 1600, "height": 920})
        page.goto(f"{deployment.url}/asset-groups")
        page.get_by_text("videos__frames").last.wait_for()
        page.wait_for_timeout(_SETTLED)
        page.keyboard.press("Alt+e")  # expands all groups
        page.wait_for_timeout(_SETTLED)
        return Image.open(BytesIO(page.screenshot(clip=_GRAPH))).convert("RGB")


def main() -> None:
    """Writes the pictures."""
    photo = poppy_meadow(_PHOTO, _SEED)
    with TemporaryDirectory() as folder:
        video = ma.Video(pan(Path(folder, "walk.mp4")))
        made = {
            "frames": beside(parts_of(ma.split.frames(every=1.0), video)),
            "tiles": cut(photo, 60),
            "renditions": beside(
                parts_of(ma.split.renditions(widths=[60, 120, 240], formats=["webp"]), photo)
            ),
            "graph": graph(Path(folder)),
        }
    for name, picture in made.items():
        (SCREENSHOTS / f"derived-{name}.webp").write_bytes(webp_bytes(picture))


if __name__ == "__main__":
    main()
