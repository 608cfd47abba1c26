"""The gallery, opened from disk in a real browser."""

import re
import shutil
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from media_assets.gallery import write_gallery
from media_assets.gallery.contents import Cell, Failure
from media_assets.reading import Reader
from media_assets.stores import Storage
from media_assets_tests.browser.visits import WIDTHS, Visit, visiting
from media_assets_tests.faults.names import NAMES
from media_assets_tests.gallery.tables import contents_of, photo
from media_assets_tests.servers.s3 import S3Server

EVIL = "</script><img src=x onerror=document.title='taken'>.jpg"
MESSAGE = "Too dark: <b>brightness</b> 0.01 is below 0.1. Take it again by daylight."
ROWS = 230
TEXTS = "found => found.map(one => one.textContent)"


def rows_of(folder: Path) -> dict[str, dict[str, Cell]]:
    """230 rows: a few pictures, shared by many, one error row, one name that is an attack."""
    photos = [photo(folder / f"{n}.jpg", n) for n in range(6)]
    rows: dict[str, dict[str, Cell]] = {
        f"photo-{n:03d}.jpg": {
            "source_image": photos[n % 6],
            "flipped": photos[(n + 1) % 6],
            "caption": f"caption {n}",
        }
        for n in range(ROWS - 2)
    }
    rows["photo-dark.jpg"] = {"source_image": photos[0], "flipped": Failure("DarkError", MESSAGE)}
    rows[EVIL] = {"source_image": photos[1], "flipped": photos[2], "caption": EVIL}
    return rows


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    contents = contents_of(rows_of(folder))
    write_gallery(contents, folder / "gallery", Reader(), expires_in=timedelta(hours=1))
    return folder / "gallery"


@pytest.fixture(params=WIDTHS)
def visit(request: pytest.FixtureRequest, browser: Browser, gallery: Path) -> Generator[Visit]:
    """The gallery at each width; whatever a test does to it, the page stays clean."""
    width = request.param
    with visiting(browser, f"gallery-{width}", width=width, is_dark=width == 768) as opened:
        opened.page.goto((gallery / "index.html").as_uri())
        expect(opened.page.get_by_role("status")).to_have_text(f"1 to 100 of {ROWS} rows")
        yield opened
        assert opened.errors == []
        assert opened.asked_elsewhere("file:///") == []
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not opened.page.evaluate(wide), "nothing hangs over the edge"
        assert opened.page.title() == "photos · gallery"


def test_every_column_of_a_row_is_shown_side_by_side(visit: Visit) -> None:
    row = visit.page.get_by_role("row").filter(has_text="photo-000.jpg")

    pictures = row.get_by_role("img")
    expect(pictures).to_have_count(2)
    for picture in (pictures.first, pictures.last):
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 96)
    first, second = pictures.first.bounding_box(), pictures.last.bounding_box()
    assert first is not None
    assert second is not None
    assert (first["y"], first["x"] < second["x"]) == (second["y"], True)
    expect(row.get_by_role("cell").filter(has_text="caption 0")).to_be_visible()
    visit.shoot("rows")


def test_a_part_of_a_name_filters_all_pages(visit: Visit) -> None:
    visit.page.get_by_label("Filter by name").fill("PHOTO-22")

    expect(visit.page.get_by_role("status")).to_have_text(f"8 of {ROWS} rows")
    expect(visit.page.get_by_role("rowheader")).to_have_count(8)
    expect(visit.page.get_by_role("rowheader").first).to_contain_text("photo-220.jpg")
    visit.shoot("filter")

    visit.page.get_by_label("Filter by name").fill("no such name")
    expect(visit.page.get_by_text("No matching rows.")).to_be_visible()


def test_error_rows_are_found_and_say_what_went_wrong(visit: Visit) -> None:
    visit.page.get_by_label("Only rows with errors").check()

    expect(visit.page.get_by_role("rowheader")).to_have_count(1)
    row = visit.page.get_by_role("row").filter(has_text="photo-dark.jpg")
    expect(row.get_by_text("DarkError")).to_be_visible()
    expect(row.get_by_text(MESSAGE)).to_be_visible()
    visit.shoot("error")


def test_a_click_shows_the_full_file_and_keys_go_on_from_there(visit: Visit) -> None:
    page = visit.page
    thumbnail = page.get_by_role("button", name="flipped of photo-003.jpg")

    thumbnail.click()
    view = page.get_by_role("dialog")
    expect(view).to_be_visible()
    picture = view.get_by_role("img")
    expect(picture).to_have_attribute("src", photo_url(visit, "4.jpg"))
    expect(picture).to_have_js_property("naturalWidth", 96)
    expect(view.get_by_text("96 \N{MULTIPLICATION SIGN} 72")).to_be_visible()
    expect(view.get_by_role("link", name="Open the file")).to_be_visible()
    visit.shoot("view")

    page.keyboard.press("ArrowRight")
    expect(view.get_by_role("heading")).to_have_text("photo-004.jpg · source_image")
    page.keyboard.press("ArrowUp")
    expect(view.get_by_role("heading")).to_have_text("photo-003.jpg · source_image")
    page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(thumbnail).to_be_focused()


def photo_url(visit: Visit, name: str) -> str:
    """Where a picture of the gallery's rows is."""
    return visit.page.url.replace("gallery/index.html", name)


def test_pages_are_turned_and_told(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_role("status")).to_have_text(f"201 to {ROWS} of {ROWS} rows")
    expect(page.get_by_text("Page 3 of 3")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    expect(page.get_by_role("rowheader").last).to_contain_text("photo-dark.jpg")


def test_a_name_that_is_an_attack_is_a_name(visit: Visit) -> None:
    row = visit.page.get_by_role("row").filter(has_text=EVIL)

    expect(row.get_by_role("rowheader")).to_contain_text(EVIL)
    expect(row.get_by_role("cell").last).to_have_text(EVIL)
    expect(row.get_by_role("img")).to_have_count(2)


def test_hundreds_of_odd_names_are_shown_as_given(browser: Browser, tmp_path: Path) -> None:
    picture = photo(tmp_path / "a.jpg")
    rows: dict[str, dict[str, Cell]] = {
        name: {"source_image": picture, "flipped": Failure(name, name), "caption": name}
        for name in NAMES
    }
    write_gallery(contents_of(rows), tmp_path / "out", Reader(), expires_in=timedelta(hours=1))
    shown: list[str] = []
    said: list[str] = []

    with visiting(browser, "gallery-names") as visit:
        page = visit.page
        page.goto((tmp_path / "out/index.html").as_uri())
        for start in range(0, len(NAMES), 100):
            expect(page.get_by_role("status")).to_contain_text(f"{start + 1} to ")
            shown += page.locator("tbody th .name").evaluate_all(TEXTS)
            said += page.locator("tbody .value, tbody .error p").evaluate_all(TEXTS)
            page.get_by_role("button", name="Next").click(force=True)

        assert visit.errors == []
        assert visit.asked_elsewhere("file:///") == []
        assert page.title() == "photos · gallery"
    assert shown == NAMES
    assert said == [name for name in NAMES for _ in range(2)]


def test_the_keyboard_alone_reaches_everything(browser: Browser, gallery: Path) -> None:
    with visiting(browser, "gallery-keys") as visit:
        page = visit.page
        page.goto((gallery / "index.html").as_uri())
        expect(page.get_by_role("rowheader").first).to_be_visible()

        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page.get_by_role("dialog")).to_be_visible()


def test_only_pictures_that_come_into_sight_are_loaded(browser: Browser, gallery: Path) -> None:
    with visiting(browser, "gallery-lazy", width=320) as visit:
        visit.page.goto((gallery / "index.html").as_uri())
        expect(visit.page.get_by_role("rowheader")).to_have_count(100)

        slices = [url for url in visit.requests if "/data/rows-" in url]
        assert [url.rpartition("/")[2] for url in slices] == ["rows-00000.js"]
        unloaded = "[...document.images].filter((image) => image.alt && !image.complete).length"
        assert visit.page.evaluate(unloaded) > 100


def test_a_file_in_cloud_storage_opens_by_a_link_that_says_how_long_it_works(
    browser: Browser, s3_server: S3Server, tmp_path: Path
) -> None:
    storage = Storage(s3=s3_server.settings)
    local = photo(tmp_path / "a.jpg")
    fileurl = f"s3://{s3_server.make_bucket(f'gallery-{uuid4().hex}')}/a b.jpg"
    store, key = storage.store_of(fileurl)
    store.put(key, (tmp_path / "a.jpg").read_bytes(), content_type="image/jpeg")
    contents = contents_of({"a.jpg": {"source_image": replace(local, fileurl=fileurl)}})
    index = write_gallery(
        contents, tmp_path / "gallery", Reader(storage), expires_in=timedelta(hours=1)
    ).index

    with visiting(browser, "gallery-cloud") as visit:
        visit.page.goto(index.as_uri())
        thumbnail = visit.page.get_by_role("button", name="source_image of a.jpg")
        expect(thumbnail.get_by_role("img")).to_have_js_property("naturalWidth", 96)
        expect(visit.page.get_by_text("links work until")).to_be_visible()
        assert visit.asked_elsewhere("file:///") == [], "nothing is fetched before a click"

        thumbnail.click()

        picture = visit.page.get_by_role("dialog").get_by_role("img")
        expect(picture).to_have_attribute("src", re.compile("X-Amz-Expires=3600"))
        expect(picture).to_have_js_property("naturalWidth", 96)
        assert visit.errors == []
        assert visit.asked_elsewhere("file:///", f"{s3_server.url}/") == []


def test_links_that_have_expired_are_reported(
    browser: Browser, gallery: Path, tmp_path: Path
) -> None:
    shutil.copytree(gallery, tmp_path / "gallery")
    page = tmp_path / "gallery/index.html"
    before = '<span id="expiry" data-expires-at="2026-01-01T00:00:00+00:00">links work</span>'
    page.write_text(page.read_text().replace("</header>", f"{before}</header>", 1))

    with visiting(browser, "gallery-expired") as visit:
        visit.page.goto(page.as_uri())

        expect(
            visit.page.get_by_text("links have expired: write the gallery again")
        ).to_be_visible()
