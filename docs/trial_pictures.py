"""The pictures of docs/change-with-confidence.md: the pages of three trials, in a browser."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageFilter

import media_assets as ma
from examples.sample_photos import make_sample_photos
from media_assets.images.thumbnails import webp_bytes
from media_assets.standard_error import tell
from media_assets_tests.browser.visits import launched

SCREENSHOTS = Path(__file__).parent / "screenshots"
_ROWS = 12
_QUALITY = 85

RowFunction = Callable[[Image.Image], Image.Image]


def _thumbnail(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (256, 256))


def _smaller(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (128, 128))


def _blurred(source_image: Image.Image) -> Image.Image:
    return _thumbnail(source_image).filter(ImageFilter.GaussianBlur(1.5))


def _broken(source_image: Image.Image) -> Image.Image:
    small = _thumbnail(source_image)
    if ma.transforms.mean_luminance(small) < _DARK:
        message = f"brightness below {_DARK}: cannot find the horizon"
        raise ValueError(message)
    return small


_DARK = 0.45
CHANGES: Mapping[str, RowFunction] = {"size": _smaller, "blur": _blurred, "error": _broken}


def _table(function: RowFunction, version: str) -> ma.MediaTable:
    table = ma.MediaTable("photos", rows_per_partition=4)
    table.computed_column(name="thumbnail", code_version=version)(function)

    @table.computed_column()
    def brightness(thumbnail: Image.Image) -> float:
        return ma.transforms.mean_luminance(thumbnail)

    return table


def main() -> None:
    """Makes a table, tries three changes of it, and keeps pictures of their pages."""
    with TemporaryDirectory() as folder, launched() as browser:
        ma.use_home(Path(folder, "home"))
        make_sample_photos(Path(folder, "photos"), count=_ROWS)
        _table(_thumbnail, "1").insert(Path(folder, "photos"))
        for name, function in CHANGES.items():
            tried = _table(function, "2").try_out("thumbnail")
            tell(str(tried))
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(tried.page.as_uri())
            page.get_by_role("rowheader").first.wait_for()
            page.wait_for_load_state("networkidle")
            shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
            path = SCREENSHOTS / f"trial-{name}.webp"
            path.write_bytes(webp_bytes(shot, quality=_QUALITY))
            page.close()


if __name__ == "__main__":
    main()
