"""Videos, audio and documents in a gallery, played in a real browser."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from media_assets.gallery import write_gallery
from media_assets.media_types import AUDIO, DOCUMENT, VIDEO
from media_assets.reading import Reader
from media_assets.stores import Storage
from media_assets_tests.browser.visits import WIDTHS, visiting
from media_assets_tests.gallery.tables import media_contents, media_file
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video
from media_assets_tests.servers.s3 import S3Server

HOUR = timedelta(hours=1)
EVIL = "</script><img src=x onerror=document.title='taken'>.webm"
UNPLAYABLE = "This browser cannot play the file, or cannot reach it."


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    (folder / "two.pdf").write_bytes(make_pdf(2))
    webm = make_video(folder / "a 1%.webm", codec="vp9", with_audio=True, audio_codec="opus")
    rows = {
        EVIL: {
            "a_video": media_file(webm, VIDEO),
            "a_audio": media_file(make_audio(folder / "tone.ogg"), AUDIO),
            "a_document": media_file(folder / "two.pdf", DOCUMENT),
        },
        "old.avi": {"a_video": media_file(make_video(folder / "b.avi", codec="mpeg4"), VIDEO)},
    }
    return write_gallery(media_contents(rows), folder / "out", Reader(), expires_in=HOUR).index


@pytest.mark.parametrize("width", WIDTHS)
def test_videos_and_audio_play_where_they_are_shown(
    browser: Browser, gallery: Path, width: int
) -> None:
    with visiting(browser, f"media-{width}", width=width, is_dark=width == 768) as visit:
        page = visit.page
        page.goto(gallery.as_uri())
        thumbnail = page.get_by_role("button", name=f"a_video of {EVIL}")
        expect(thumbnail.get_by_role("img")).to_have_js_property("naturalWidth", 64)
        expect(thumbnail).to_contain_text("▶ 1.0 s")
        visit.shoot("rows")

        thumbnail.click()
        video = page.locator("#view-video")
        expect(video).to_have_attribute("poster", re.compile("^thumbnails/"))
        expect(video).to_have_js_property("readyState", 0)
        expect(page.get_by_text("1.0 s · 10 fps · vp9 · opus · webm")).to_be_visible()
        play(page, "#view-video")
        visit.shoot("video")

        page.keyboard.press("ArrowRight")
        expect(video).to_be_hidden()
        assert page.evaluate("document.getElementById('view-video').paused")
        play(page, "#view-audio")
        visit.shoot("audio")

        page.keyboard.press("ArrowRight")
        view = page.get_by_role("dialog")
        expect(view.get_by_text("The first page. Open the file to read it.")).to_be_visible()
        expect(view.get_by_text("2 pages")).to_be_visible()
        link = view.get_by_role("link", name="Open the file")
        expect(link).to_have_attribute("href", re.compile("/two.pdf$"))
        visit.shoot("document")

        page.keyboard.press("Escape")
        assert visit.errors == []
        assert visit.asked_elsewhere("file:///") == []
        assert page.title() == "media · gallery"
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_a_video_that_the_browser_cannot_play_says_so(browser: Browser, gallery: Path) -> None:
    with visiting(browser, "media-avi") as visit:
        visit.page.goto(gallery.as_uri())
        visit.page.get_by_role("button", name="a_video of old.avi").click()

        visit.page.evaluate("document.getElementById('view-video').play().catch(() => {})")

        expect(visit.page.get_by_text(UNPLAYABLE)).to_be_visible()
        expect(visit.page.get_by_role("link", name="Open the file")).to_be_visible()


def test_a_video_in_cloud_storage_plays_by_its_presigned_url(
    browser: Browser, s3_server: S3Server, tmp_path: Path
) -> None:
    storage = Storage(s3=s3_server.settings)
    path = make_video(tmp_path / "a.mp4", with_audio=True)
    fileurl = f"s3://{s3_server.make_bucket(f'media-{uuid4().hex}')}/a b.mp4"
    store, key = storage.store_of(fileurl)
    store.put(key, path.read_bytes(), content_type="video/mp4")
    cell = replace(media_file(path, VIDEO), fileurl=fileurl)
    index = write_gallery(
        media_contents({"a": {"a_video": cell}}), tmp_path / "out", Reader(storage), expires_in=HOUR
    ).index

    with visiting(browser, "media-cloud") as visit:
        visit.page.goto(index.as_uri())
        visit.page.get_by_role("button", name="a_video of a").click()
        expect(visit.page.locator("#view-video")).to_be_visible()
        assert visit.asked_elsewhere("file:///") == [], "nothing is fetched before it is played"

        play(visit.page, "#view-video")

        assert visit.errors == []
        assert visit.asked_elsewhere("file:///", f"{s3_server.url}/") == []


def play(page: Page, player: str) -> None:
    """Plays what a player shows, without sound, until its time advances."""
    playing = """async (player) => {
        const found = document.querySelector(player);
        found.muted = true;
        await found.play();
        while (found.currentTime === 0) {
            await new Promise((resolve) => { found.ontimeupdate = resolve; });
        }
        return found.readyState;
    }"""
    assert page.evaluate(playing, player) >= 2
