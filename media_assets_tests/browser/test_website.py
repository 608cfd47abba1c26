"""A page with `srcset`, behind a CDN in front of a bucket, at three widths of a real browser."""

import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Browser

import media_assets as ma
from media_assets import transforms
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets.urls import presigned_url
from media_assets_tests.browser.visits import WIDTHS, visiting
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import run_step

SIZES = (320, 640, 1280)
CHOSEN = {320: 320, 768: 1280, 1440: 1280}
"""The picture that covers each width of a page."""


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


def shop() -> MediaTable:
    table = MediaTable("shop")
    for size in SIZES:

        @table.computed_column(
            name=f"w{size}",
            format="webp",
            publish=f"img/{{row_stem}}-{size}.webp",
            object_options={"cache_control": "public, max-age=3600"},
            code_version=str(size),
        )
        def fitted(source_image: Image.Image, size: int = size) -> Image.Image:
            return transforms.fit(source_image, (size, size))

    return table


def test_a_browser_shows_the_published_picture_that_fits_its_width(
    home: Path, cdn: Cdn, browser: Browser, tmp_path: Path
) -> None:
    manager = MediaIOManager(output_media_dest=cdn.origin, public_urls={cdn.origin: cdn.url})
    manager.note_location()
    Image.effect_noise((1600, 1600), 60).convert("RGB").save(tmp_path / "chair.jpg")
    found = find_named([str(tmp_path / "chair.jpg")], manager.installation.reader)
    (partition,) = record(manager.installation, shop(), found).partitions
    run_step(shop(), partition, manager=manager)
    (srcset,) = ma.Catalog.open().sql("""
        select string_agg(public_url(published) || ' ' || width || 'w', ', ' order by width) srcset
        from media_assets.files where "table" = 'shop' and published is not null group by row
    """)["srcset"]
    cdn.page = f'<link rel="icon" href="data:,"><img id="chair" sizes="100vw" srcset="{srcset}">'

    for width in WIDTHS:
        with visiting(browser, f"website-{width}", width=width) as visit:
            visit.page.goto(f"{cdn.url}page.html")
            visit.page.wait_for_function("chair.complete && chair.naturalWidth > 0")
            shown = json.loads(visit.page.evaluate("JSON.stringify(chair.currentSrc)"))
            assert shown == f"{cdn.url}img/chair-{CHOSEN[width]}.webp"
            assert visit.asked_elsewhere(cdn.url) == []
            assert visit.errors == []
    asked = {f"/img/chair-{size}.webp" for size in CHOSEN.values()}
    assert {path: cdn.kept_for[path] for path in asked} == dict.fromkeys(
        asked, "public, max-age=3600"
    )
