"""Uploads in a bucket of Google Cloud Storage, listed over Google's JSON interface.

No packaged server speaks it; this one answers `objects.list` alone, as Google documents it, in
pages of three. What it cannot prove is how Google sorts.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Generator
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from media_assets.destinations import parse_destination
from media_assets.stores.gcs import GcsSettings
from media_assets.uploads.listing import Listing
from media_assets.uploads.listing.gcs import GcsListing
from media_assets_tests.uploads.listing.contract import ODD, ListingContract, Put

PAGE_FILES = 3
LOCATION = parse_destination("gs://uploads/some/prefix/")


class Bucket(ThreadingHTTPServer):
    """The objects of one bucket, by name."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.objects: dict[str, bytes] = {}

    def listed(self, asked: dict[str, list[str]]) -> dict[str, object]:
        """One page: names from `startOffset` or the page's token on, each with what is asked."""
        (prefix,) = asked.get("prefix", [""])
        (first,) = asked.get("pageToken", asked.get("startOffset", [""]))
        names = sorted(n for n in self.objects if n.startswith(prefix) and n >= first)
        page, rest = names[:PAGE_FILES], names[PAGE_FILES:]
        items = [
            {
                "name": name,
                "size": str(len(self.objects[name])),
                "etag": "CAE=",
                "md5Hash": b64encode(md5(self.objects[name]).digest()).decode(),  # noqa: S324
            }
            for name in page
        ]
        return {"items": items, **({"nextPageToken": rest[0]} if rest else {})}


class Answer(BaseHTTPRequestHandler):
    """Answers `objects.list`."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        assert asked.path == "/storage/v1/b/uploads/o"
        assert isinstance(self.server, Bucket)
        body = json.dumps(self.server.listed(parse_qs(asked.query))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as its base has it
        """Says nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Generator[Bucket]:
    with Bucket() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        # Google's own way to name a server that asks for no credentials.
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()
        thread.join()


class TestGcsListing(ListingContract):
    KEYS = (*ODD, "a//b.jpg", "a/./c.jpg", "new\nline.jpg")

    @pytest.fixture
    def listing(self, bucket: Bucket) -> Listing:
        return GcsListing(LOCATION, GcsSettings())

    @pytest.fixture
    def put(self, bucket: Bucket) -> Put:
        def put(key: str, content: bytes) -> None:
            bucket.objects[LOCATION.prefix + key] = content

        return put


def test_the_version_equals_that_of_googles_xml_interface(bucket: Bucket) -> None:
    bucket.objects[f"{LOCATION.prefix}a.jpg"] = b"one"

    (file,) = GcsListing(LOCATION, GcsSettings()).files()

    assert file.upload.version == f'"{md5(b"one").hexdigest()}"'  # noqa: S324
