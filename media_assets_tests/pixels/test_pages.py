"""The documentation of transforms: all are listed, with pictures of their results."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from media_assets import transforms
from media_assets_tests.images.pictures import distance

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/pictures.py, which is not part of the package."""
    spec = importlib.util.spec_from_file_location("pictures_of_docs", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_transform_is_on_the_page() -> None:
    page = (DOCS / "transforms.md").read_text(encoding="utf-8")

    calls = set(re.findall(r"^\| `(\w+)\((?:photo|video|sound)\b", page, re.MULTILINE))
    assert calls == set(transforms.__all__)


def test_each_picture_shows_what_the_call_beside_it_makes(script: ModuleType) -> None:
    made: dict[str, Image.Image] = script.pictures(DOCS / "transforms.md")
    files = {path.stem: path for path in (DOCS / "pictures").glob("*.webp")}

    assert made.keys() == files.keys()
    assert len(made) > 10
    for name, picture in made.items():
        with Image.open(files[name]) as stored:
            assert stored.size == picture.size
            assert distance(stored.convert("RGB"), picture.convert("RGB")) < 8, name
    assert sum(path.stat().st_size for path in files.values()) < 150_000
