"""The page of a trial, opened from disk in a real browser."""

from collections.abc import Generator
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, expect

import media_assets as ma
from media_assets.home import use_home
from media_assets_tests.browser.barriers import barriers
from media_assets_tests.browser.visits import WIDTHS, Visit, visiting
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step


def table_of(version: str, radius: float, broken: str = "") -> ma.MediaTable:
    """A table whose pictures are blurred by a radius; one row fails."""
    table = ma.MediaTable("photos")

    @table.computed_column(code_version=version, format="png")
    def soft(source_image: Image.Image, row: str) -> Image.Image:
        if row == broken:
            message = "<b>no</b> horizon"
            raise ValueError(message)
        is_sharp = row == "photo-000.jpg"
        return source_image.filter(ImageFilter.GaussianBlur(0 if is_sharp else radius))

    @table.computed_column()
    def brightness(soft: Image.Image) -> float:
        return ma.transforms.mean_luminance(soft)

    return table


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """The page of a trial that blurs all photos but the first, and breaks the third."""
    folder = tmp_path_factory.mktemp("trial")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", str(folder))
        use_home(folder)
        table = table_of("1", 0)
        (partition,) = insert(table, *save_photos(folder / "uploads", 5))
        run_step(table, partition)
        yield table_of("2", 2, "photo-002.jpg").try_out("soft").page


@pytest.fixture(params=WIDTHS)
def visit(request: pytest.FixtureRequest, browser: Browser, page: Path) -> Generator[Visit]:
    width = request.param
    with visiting(browser, f"trial-{width}", width=width, is_dark=width == 768) as opened:
        opened.page.goto(page.as_uri())
        expect(opened.page.get_by_role("status")).to_have_text("All rows shown")
        yield opened
        assert opened.errors == []
        assert opened.asked_elsewhere("file:///") == []
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not opened.page.evaluate(wide), "nothing hangs over the edge"


def test_the_largest_difference_comes_first_and_what_is_equal_last(visit: Visit) -> None:
    rows = visit.page.get_by_role("rowheader")

    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("photo-002.jpg")
    expect(rows.last).to_contain_text("photo-000.jpg")
    expect(visit.page.get_by_role("heading").first).to_have_text("soft of photos, before and after")
    first = visit.page.get_by_role("row").filter(has_text="photo-002.jpg")
    expect(first.get_by_text("<b>no</b> horizon")).to_be_visible()
    expect(first.get_by_text("new error").first).to_be_visible()
    visit.shoot("rows")
    assert barriers(visit.page) == [], "also in the dark, at 768 pixels"


def test_before_after_and_difference_stand_side_by_side_and_are_read_out(visit: Visit) -> None:
    row = visit.page.get_by_role("row").filter(has_text="photo-001.jpg")
    names = [f"soft {what} of photo-001.jpg" for what in ("before", "after", "difference")]

    pictures = [row.get_by_role("img", name=name) for name in names]
    for picture in pictures:
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 0
    boxes = [row.get_by_role("button", name=name).bounding_box() for name in names]
    places = [box for box in boxes if box is not None]

    assert [place["x"] for place in places] == sorted({place["x"] for place in places})
    assert len({place["y"] for place in places}) == 1, "also on a phone"
    expect(row.get_by_text("SSIM 0.")).to_be_visible()


def test_the_keyboard_leads_from_the_picture_before_to_the_one_after_and_the_difference(
    visit: Visit,
) -> None:
    page = visit.page
    page.get_by_role("button", name="soft before of photo-001.jpg").focus()

    page.keyboard.press("Enter")
    view = page.get_by_role("dialog")
    for what in ("before", "after", "difference"):
        expect(view.get_by_role("heading")).to_have_text(f"photo-001.jpg · soft {what}")
        expect(view.get_by_role("img")).to_have_js_property("naturalWidth", 48)
        expect(view.get_by_role("link", name="Open the file")).to_be_visible()
        visit.shoot(what)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(view).to_be_hidden()


def test_the_page_can_be_moved_with_the_files_that_the_trial_made(
    browser: Browser, page: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    page.parent.rename(moved)
    try:
        with visiting(browser, "trial-moved") as visit:
            visit.page.goto((moved / "index.html").as_uri())
            visit.page.get_by_role("button", name="soft after of photo-001.jpg").click()
            shown = visit.page.get_by_role("dialog").get_by_role("img")
            expect(shown).to_have_js_property("naturalWidth", 48)
            assert str(shown.get_attribute("src")).startswith(moved.as_uri())
            assert visit.errors == []
    finally:
        moved.rename(page.parent)
