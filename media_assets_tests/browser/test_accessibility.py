"""Pages for people who use no mouse, or see differently: axe-core finds nothing, light or dark."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from media_assets.gallery import write_gallery
from media_assets.gallery.contents import Failure
from media_assets.reading import Reader
from media_assets_tests.browser.visits import visiting
from media_assets_tests.conftest import PROJECT
from media_assets_tests.gallery.tables import contents_of, photo
from media_assets_tests.servers.install import LINTERS, install_linters

DOCUMENTATION = ["index", "quickstart", "columns", "querying", "licenses", "reference"]
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core."""
    install_linters()
    return (LINTERS / "axe-core" / "axe.min.js").read_text("utf-8")


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


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds wrong with a page as it is now: the rule, and where."""
    page.evaluate(axe)
    return [
        f"{found['id']}: {node['html'][:150]} {node['failureSummary'][:300]}"
        for found in page.evaluate(RUN)
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_the_gallery_has_no_barrier(
    browser: Browser, gallery: Path, axe: str, *, is_dark: bool
) -> None:
    with visiting(browser, "axe-gallery", width=1440, is_dark=is_dark) as visit:
        page = visit.page
        page.goto(gallery.as_uri())
        expect(page.get_by_role("status")).to_contain_text("rows")
        of_rows = violations(page, axe)
        page.get_by_role("button", name="a.jpg").first.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        of_dialog = violations(page, axe)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()

    assert of_rows == []
    assert of_dialog == []


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_the_documentation_has_no_barrier(
    browser: Browser, site: Path, axe: str, *, is_dark: bool
) -> None:
    found: dict[str, list[str]] = {}
    with visiting(browser, "axe-docs", width=1440, is_dark=is_dark) as visit:
        for name in DOCUMENTATION:
            visit.page.goto((site / f"{name}.html").as_uri())
            found[name] = violations(visit.page, axe)

    assert {name: lines for name, lines in found.items() if lines} == {}
