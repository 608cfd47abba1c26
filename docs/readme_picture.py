"""The picture at the top of README.md, and those of the home page: in a browser, and drawn."""

import re
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageFilter

import media_assets as ma
from examples.scenes.balloons import hot_air_balloons
from examples.scenes.flowers import poppy_meadow
from examples.scenes.mountains import mountains_at_sunrise
from examples.scenes.seas import lighthouse_at_dawn, sailboat_at_sunset
from media_assets.gallery import read_contents, write_gallery
from media_assets.images.thumbnails import webp_bytes
from media_assets.reading import Reader
from media_assets_tests.browser.visits import launched

PROJECT = Path(__file__).parents[1]
SCREENSHOTS = PROJECT / "docs" / "screenshots"
_SIZE, _HOME, _QUALITY = (1600, 1200), (480, 270), 88
_MODEL = '''
"""Stands for a model: it tells the colors of a picture."""

COLORS = {
    "orange": (230, 150, 90), "violet": (90, 70, 130), "blue": (110, 160, 210),
    "green": (90, 150, 80), "white": (235, 235, 235), "black": (20, 20, 30),
}


async def describe(image):
    small = image.convert("RGB").quantize(4).convert("RGB").resize((32, 32))
    counted = sorted(small.getcolors(1024), reverse=True)
    names = dict.fromkeys(
        min(COLORS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLORS[name], color)))
        for _, color in counted
    )
    return "a picture in " + " and ".join(list(names)[:2])
'''


def _declared(folder: Path) -> ma.MediaTable:
    """Runs the lines of the README, with a folder for the bucket."""
    (folder / "captions.py").write_text(_MODEL)
    (code,) = re.findall(r"(?ms)^```python\n(import media_assets.*?)^```$", _readme())
    path = folder / "table.py"
    path.write_text(code.replace("s3://my-bucket/", f"{folder}/my-bucket/"))
    sys.path.insert(0, str(folder))
    names: dict[str, object] = {"__name__": "table"}
    exec(compile(path.read_text(), str(path), "exec"), names)  # noqa: S102  our own page
    table = names["photos"]
    assert isinstance(table, ma.MediaTable)  # noqa: S101  as the page declares it
    return table


def _readme() -> str:
    return (PROJECT / "README.md").read_text("utf-8")


def _draw(folder: Path) -> Path:
    """Draws the uploads: one is cut off, one is blurred."""
    folder.mkdir()
    hot_air_balloons(_SIZE, 4).save(folder / "balloons.jpg", quality=88)
    sailboat_at_sunset(_SIZE, 5).save(folder / "boat.jpg", quality=88)
    whole = (folder / "boat.jpg").read_bytes()
    (folder / "boat-cut-off.jpg").write_bytes(whole[: len(whole) // 3])
    blurred = lighthouse_at_dawn(_SIZE, 7).filter(ImageFilter.GaussianBlur(6))
    blurred.save(folder / "lighthouse-blurred.jpg", quality=88)
    return folder


def _of_home(shot: Image.Image) -> dict[str, Image.Image]:
    """Returns the pictures of what one can do, all of one size."""
    photo = hot_air_balloons((960, 720), 4)
    scenes = [poppy_meadow, lighthouse_at_dawn, sailboat_at_sunset, mountains_at_sunrise]
    sizes, strip = (Image.new("RGB", _HOME, "#f2f2f0") for _ in range(2))
    for left, width in ((18, 236), (266, 132), (410, 52)):
        small = ma.transforms.fit(photo, (width, width))
        sizes.paste(small, (left, 204 - small.height))
    for number, draw in enumerate(scenes):
        strip.paste(draw((112, 84), 3), (6 + 119 * number, 78))
    for number in range(20):
        for top in (62, 166):
            strip.paste("#c8c8c4", (6 + 24 * number, top, 18 + 24 * number, top + 12))
    trial = Image.open(SCREENSHOTS / "trial-blur.webp").convert("RGB").crop((0, 130, 1000, 693))
    rows = shot.crop((0, 200, 1560, 1078))
    return {
        "home-sizes": sizes,
        "home-model": shot.crop((640, 150, 1568, 672)),
        "home-parts": strip,
        "home-errors": shot.crop((20, 440, 948, 962)),
        "home-trial": trial,
        "home-gallery": rows,
    }


def main() -> None:
    """Makes the table, opens its gallery, and keeps a picture of it."""
    with TemporaryDirectory() as name, launched() as browser:
        folder = Path(name)
        ma.use_home(folder / "home")
        table = _declared(folder)
        table.insert(_draw(folder / "photos"))
        page = browser.new_page(viewport={"width": 1120, "height": 775}, device_scale_factor=1.5)
        contents = read_contents(ma.Catalog.open(), table.name)
        write_gallery(contents, folder / "gallery", Reader(), expires_in=timedelta(hours=1))
        page.goto((folder / "gallery" / "index.html").as_uri())
        page.get_by_role("rowheader").first.wait_for()
        page.wait_for_load_state("networkidle")
        shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
        (SCREENSHOTS / "readme.webp").write_bytes(webp_bytes(shot, quality=_QUALITY))
        for kept, picture in _of_home(shot).items():
            small = ma.transforms.fill(picture, _HOME)
            (SCREENSHOTS / f"{kept}.webp").write_bytes(webp_bytes(small, quality=_QUALITY))


if __name__ == "__main__":
    main()
