"""A page with `<picture>`, behind a CDN in front of a bucket, at three widths of a real browser."""

import re
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

import media_assets as ma
from examples.scenes.flowers import sunflower
from media_assets.tables.scanning import record
from media_assets.uploads.insert_sources import find_named
from media_assets.urls import presigned_url
from media_assets_tests.browser.visits import WIDTHS, visiting
from media_assets_tests.conftest import PROJECT
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import run_step

SIZES = (320, 640, 1280)
CHOSEN = {320: 320, 768: 1280, 1440: 1280}
"""The picture that covers each width of a page."""
PAGE = (PROJECT / "docs" / "websites.md").read_text("utf-8")
PICTURE = """
<!doctype html><link rel="icon" href="data:,">
<style>body {{ margin: 0 }} img {{ width: 100% }}</style>
<picture>
  <source type="image/webp" sizes="100vw" srcset="{webp}">
  <img id="chair" alt="A chair" sizes="100vw" srcset="{jpeg}">
</picture>
"""


@dataclass
class Cdn:
    """A server that fetches what it is asked for from a prefix of a bucket."""

    origin: str
    url: str = ""
    page: str = ""
    kept_for: dict[str, str] = field(default_factory=dict[str, str])


@pytest.fixture
def cdn(s3_environment: S3Server) -> Generator[Cdn]:
    bucket = s3_environment.make_bucket(f"site-{uuid4().hex}")
    given = Cdn(f"s3://{bucket}/site/")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/page.html":
                self._send(200, "text/html", given.page.encode())
                return
            found = fetch(presigned_url(given.origin + self.path.removeprefix("/"), 60))
            given.kept_for[self.path] = found.headers.get("cache-control", "")
            self._send(found.status, found.headers["content-type"], found.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    given.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield given
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_shows_the_rendition_that_fits_its_width(
    home: Path, cdn: Cdn, browser: Browser, tmp_path: Path
) -> None:
    shop = ma.MediaTable("shop")
    sizes = shop.derived_table(
        "sizes",
        ma.split.renditions(widths=SIZES, formats={"webp": {"quality": 80}, "jpeg": {}}),
        publish="img/{parent_stem}-{width}.{format}",
        object_options={"cache_control": "public, max-age=3600"},
    )
    manager = ma.MediaIOManager(output_media_dest=cdn.origin, public_urls={cdn.origin: cdn.url})
    manager.note_location()
    photo = sunflower((1600, 1200), 7)
    photo.save(tmp_path / "Chair.jpg")
    photo.resize((1000, 750)).save(tmp_path / "small stool.png")
    found = find_named([str(tmp_path)], manager.installation.reader)
    (partition,) = record(manager.installation, shop, found).partitions
    for table in (shop, sizes):
        run_step(table, partition, manager=manager)

    (query,) = re.findall(r"(?ms)^```sql\n(.*?)^```$", PAGE)
    rows = ma.Catalog.open().sql(query)

    shown = {
        (parent, kind): srcset
        for parent, kind, srcset in zip(*(rows[name] for name in rows), strict=True)
    }
    assert [url.split("/img/")[1] for url in shown["small stool.png", "JPEG"].split(", ")] == [
        *("small-stool-320.jpg 320w", "small-stool-640.jpg 640w", "small-stool-1000.jpg 1000w")
    ]
    cdn.page = PICTURE.format(webp=shown["Chair.jpg", "WEBP"], jpeg=shown["Chair.jpg", "JPEG"])
    for width in WIDTHS:
        with visiting(browser, f"website-{width}", width=width) as visit:
            visit.page.goto(f"{cdn.url}page.html")
            visit.page.wait_for_function("chair.complete && chair.naturalWidth > 0")
            visit.shoot("page")
            current = visit.page.evaluate("chair.currentSrc")
            assert current == f"{cdn.url}img/chair-{CHOSEN[width]}.webp"
            assert visit.asked_elsewhere(cdn.url) == []
            assert visit.errors == []
    asked = {f"/img/chair-{size}.webp" for size in CHOSEN.values()}
    assert {path: cdn.kept_for[path] for path in asked} == dict.fromkeys(
        asked, "public, max-age=3600"
    )
