"""Pages for people who use no mouse, or see differently: axe-core finds nothing, light or dark."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from media_assets.gallery import write_gallery
from media_assets.gallery.contents import Failure
from media_assets.reading import Reader
from media_assets_tests.browser.barriers import barriers
from media_assets_tests.browser.visits import visiting
from media_assets_tests.conftest import PROJECT
from media_assets_tests.gallery.tables import contents_of, photo

DOCUMENTATION = ["index", "tour", "columns", "querying", "performance", "reference"]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    rows = {
        "a.jpg": {"source_image": photo(folder / "a.jpg", 1), "caption": "a boat"},
        "b.jpg": {"source_image": Failure("DarkError", "Too dark."), "caption": None},
    }
    write_gallery(contents_of(rows), folder / "gallery", Reader(), expires_in=timedelta(hours=1))
    return folder / "gallery" / "index.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", folder],
        cwd=PROJECT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return folder


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_the_gallery_has_no_barrier(browser: Browser, gallery: Path, *, is_dark: bool) -> None:
    with visiting(browser, "axe-gallery", width=1440, is_dark=is_dark) as visit:
        page = visit.page
        page.goto(gallery.as_uri())
        expect(page.get_by_role("status")).to_contain_text("rows")
        of_rows = barriers(page)
        page.get_by_role("button", name="a.jpg").first.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        of_dialog = barriers(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()

    assert of_rows == []
    assert of_dialog == []


def test_the_documentation_has_no_barrier(browser: Browser, site: Path) -> None:
    found: dict[tuple[str, bool], list[str]] = {}
    for is_dark in (False, True):
        with visiting(browser, "axe-docs", width=1440, is_dark=is_dark) as visit:
            for name in DOCUMENTATION:
                visit.page.goto((site / f"{name}.html").as_uri())
                found[name, is_dark] = barriers(visit.page)
            visit.page.keyboard.press("/")
            visit.page.keyboard.type("presigned")
            expect(visit.page.locator(".md-search-result__meta")).to_contain_text("matching")
            found["search", is_dark] = barriers(visit.page)
            visit.shoot("search")
            assert visit.asked_elsewhere("file:///") == []

    assert {name: lines for name, lines in found.items() if lines} == {}
