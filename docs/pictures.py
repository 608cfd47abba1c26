"""The pictures of docs/transforms.md, drawn by the calls on that page."""

import re
from pathlib import Path

from PIL import Image

from examples.scenes.flowers import poppy_meadow
from media_assets import transforms
from media_assets.images.thumbnails import webp_bytes

DOCS = Path(__file__).parent
_SIZE = (240, 180)
_SEED = 13
_LINE = re.compile(r"^\| `((\w+)\(photo.*?\))` \|.*\(pictures/\2\.webp\)", re.MULTILINE)


def pictures(page: Path) -> dict[str, Image.Image]:
    """Returns the photo of the examples and the result of each call on the page, by name."""
    photo = poppy_meadow(_SIZE, _SEED)
    known = {name: getattr(transforms, name) for name in transforms.__all__}
    made = {"photo": photo}
    for call, name in _LINE.findall(page.read_text(encoding="utf-8")):
        made[name] = eval(call, {**known, "photo": photo})  # noqa: S307  our own page
    return made


def main() -> None:
    """Writes the pictures."""
    folder = DOCS / "pictures"
    folder.mkdir(exist_ok=True)
    for name, picture in pictures(DOCS / "transforms.md").items():
        (folder / f"{name}.webp").write_bytes(webp_bytes(picture))


if __name__ == "__main__":
    main()
