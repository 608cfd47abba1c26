"""A table of twenty videos in three stores at once: the gallery and every presigned URL play."""

from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from playwright.sync_api import Browser, Page, expect

import media_assets as ma
from media_assets_tests.browser.test_gallery_of_media import play
from media_assets_tests.browser.visits import visiting
from media_assets_tests.cli.verbs import run
from media_assets_tests.media.twenty_videos import (
    SECONDS,
    SILENT,
    SIZE,
    TURNED,
    VIDEOS,
    make_all,
    show_table,
)
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch


def test_twenty_videos_in_three_stores_play(
    instance: dg.DagsterInstance,
    browser: Browser,
    s3_environment: S3Server,
    azure_environment: AzureServer,
    gcs_environment: GcsServer,
    tmp_path: Path,
) -> None:
    name = f"show-{uuid4().hex[:12]}"
    bucket = gcs_environment.make_bucket(f"{name}-sounds")
    make_all(tmp_path / "in")
    table = show_table(
        f"s3://{s3_environment.make_bucket(name)}/pictures/",
        f"az://{azure_environment.make_container(name)}/clips/",
        f"gs://{bucket}/sounds/",
    )

    told = str(table.insert(tmp_path / "in"))

    assert "20 new" in told
    catalog = ma.Catalog.open()
    assert catalog.sql("select * from media_assets.errors").empty
    look_at_facts(catalog)
    clips, sounds = catalog.column("show", "clip"), catalog.column("show", "sound")
    urls = {row: ma.presigned_url(fileurl, 600) for row, fileurl in clips.fileurl.items()}
    heard = {row: ma.presigned_url(url, 600) for row, url in sounds.fileurl.items() if url}
    assert heard.keys() == VIDEOS.keys() - SILENT
    for url, content_type in [
        *((url, "video/mp4") for url in urls.values()),
        *((url, "audio/ogg") for url in heard.values()),
    ]:
        part = fetch(url, headers={"Range": "bytes=4-7"})
        assert (part.status, len(part.body)) == (206, 4)
        assert part.headers["content-type"] == content_type
    gallery = run("gallery", "show", "--output", str(tmp_path / "gallery"))
    assert "20 rows" in gallery.output

    with visiting(browser, "show") as visit:
        visit.page.goto((tmp_path / "gallery" / "index.html").as_uri())
        button = visit.page.get_by_role("button", name="clip of h264-turned.mp4")
        expect(button.get_by_role("img")).not_to_have_js_property("naturalWidth", 0)
        visit.shoot("rows")
        button.click()
        play(visit.page, "#view-video")
        visit.shoot("video")
        assert visit.errors == []
        for url in urls.values():
            play_alone(visit.page, "video", url)
        for url in heard.values():
            play_alone(visit.page, "audio", url)


def look_at_facts(catalog: ma.Catalog) -> None:
    found = catalog.sql(
        "select row, width, height from media_assets.files where \"column\" in ('poster', 'clip')"
    )
    assert len(found) == 2 * len(VIDEOS)
    for row, *size in found.to_numpy():
        assert tuple(size) == (SIZE[::-1] if row in TURNED else SIZE), row
    durations = catalog.column("show", "duration").value
    for row, seconds in durations.items():
        assert seconds == pytest.approx(SECONDS, abs=0.3), row


def play_alone(page: Page, kind: str, url: str) -> None:
    """Plays an address in an element of its own until its time advances."""
    playing = """async ([kind, url]) => {
        const found = document.createElement(kind);
        found.muted = true;
        found.src = url;
        await found.play();
        while (found.currentTime === 0) {
            await new Promise((resolve) => { found.ontimeupdate = resolve; });
        }
        return found.currentTime;
    }"""
    assert page.evaluate(playing, [kind, url]) > 0
