"""The page of a branch's difference from main, opened from disk in a real browser."""

from collections.abc import Generator
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, expect

import media_assets as ma
from media_assets.home import BRANCH_VARIABLE, use_home
from media_assets.io_manager import MediaIOManager
from media_assets.records.branches import make_branch
from media_assets.verbs.diff import diff
from media_assets_tests.browser.barriers import barriers
from media_assets_tests.browser.visits import visiting
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step


def table_of(version: int) -> ma.MediaTable:
    """A table whose second version makes larger and softer pictures, and breaks one."""
    table = ma.MediaTable("photos")

    @table.computed_column(code_version=str(version), format="png")
    def small(source_image: Image.Image) -> Image.Image:
        return source_image.resize((24 * version, 18 * version))

    @table.computed_column(code_version=str(version), format="png")
    def soft(source_image: Image.Image, row: str) -> Image.Image:
        if version > 1 and row == "photo-002.jpg":
            message = "<b>no</b> horizon"
            raise ValueError(message)
        return source_image.filter(ImageFilter.GaussianBlur(2 * (version - 1)))

    return table


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """The page of a branch that made all pictures again and has one more row."""
    folder = tmp_path_factory.mktemp("diff")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", str(folder))
        use_home(folder)
        (partition,) = insert(table_of(1), *save_photos(folder / "uploads", 3))
        run_step(table_of(1), partition)
        make_branch(MediaIOManager().installation.catalog, "blur", made_by="somebody")
        with patched.context() as on_branch:
            on_branch.setenv(BRANCH_VARIABLE, "blur")
            insert(table_of(2), save_photo(folder / "more" / "a new photo.jpg", seed=9))
            run_step(table_of(2), partition)
        found = diff(
            MediaIOManager().installation,
            {"photos": table_of(2)},
            "blur",
            folder=folder / "pages",
        )
        yield found.pages["photos"]


@pytest.mark.parametrize(("width", "is_dark"), [(1440, False), (390, True)])
def test_all_changed_columns_fit_and_the_keyboard_leads_through_them(
    browser: Browser,
    page: Path,
    width: int,
    is_dark: bool,  # noqa: FBT001  the case
) -> None:
    with visiting(browser, f"diff-{width}", width=width, is_dark=is_dark) as visit:
        seen = visit.page
        seen.goto(page.as_uri())
        expect(seen.get_by_role("status")).to_have_text("All rows shown")
        expect(seen.get_by_role("heading").first).to_have_text("photos on branch blur, beside main")
        assert not seen.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        row = seen.get_by_role("row").filter(has_text="photo-001.jpg")
        shown = row.get_by_role("cell").filter(visible=True)
        expect(shown).to_have_count(6)  # nothing of the source, which only the new row has
        visit.shoot("rows")
        assert barriers(seen) == []

        seen.get_by_label("Filter by name").focus()
        while seen.evaluate("document.activeElement.querySelector('img')") is None:
            seen.keyboard.press("Tab")
        first = seen.evaluate("document.activeElement.querySelector('img').alt")
        seen.keyboard.press("Enter")
        view = seen.get_by_role("dialog")
        for what in ("small before", "small after", "small difference"):
            expect(view.get_by_role("heading")).to_contain_text(f" · {what}")
            seen.keyboard.press("ArrowRight")
        tops = {box["y"] for b in view.get_by_role("button").all() if (box := b.bounding_box())}
        assert len(tops) == 1, "the buttons of the view stand in one line"
        assert barriers(seen) == []
        visit.shoot("view")
        seen.keyboard.press("Escape")
        assert first == seen.evaluate("document.activeElement.querySelector('img').alt")
        assert visit.errors == []
        assert visit.asked_elsewhere("file:///") == []
