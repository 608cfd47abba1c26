"""Numbers and texts of hosts and storages that no file has: they cost no insert."""

from dataclasses import replace
from pathlib import Path

import pytest

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import Found, find_listed
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.listing import open_listing
from media_assets.uploads.log import UploadLog
from media_assets_tests.clouds.photos import LOOPBACK, jpeg
from media_assets_tests.fetch.site import answer, header, raw, site
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.steps import cells, run_step

KEYS = S3Settings(access_key_id="key", secret_access_key="secret", region="eu-west-1")
LISTING = """<ListBucketResult><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>
<Contents><Key>in/a.jpg</Key><Size>{size}</Size><ETag>"{etag}"</ETag>
<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>
<Contents><Key>in/b.jpg</Key><Size>5</Size><ETag>"2"</ETag>
<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>"""


def sizes_recorded(manager: MediaIOManager, table: MediaTable, found: Found) -> list[int]:
    (partition,) = record(manager.installation, table, found, is_named=True).partitions
    log = UploadLog(manager.installation.catalog, table.name)
    log.refresh()
    return [upload.size_bytes for _, upload in sorted(log.live_rows(partition).items())]


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_web_source_of_absurd_size_is_one_error_row_at_most(home: Path, digits: int) -> None:
    manager = MediaIOManager(allow_networks=LOOPBACK)
    table = MediaTable("photos")
    absurd = raw(header(Content_Length="9" * digits) + jpeg())
    with site(absurd) as liar, site(answer(jpeg(1))) as sound:
        found = find_named([liar.url("/a.jpg"), sound.url("/b.jpg")], manager.installation.reader)
        recorded = sizes_recorded(manager, table, found)
        log = UploadLog(manager.installation.catalog, "photos")
        log.refresh()
        made = cells(run_step(table, log.partitions()[0], manager=manager))["source_image"]

    assert recorded == [-1, len(jpeg(1))]
    assert made["a.jpg"].error_class in ("SourceTooLargeError", None)
    assert made["b.jpg"].error_class is None


@pytest.mark.parametrize("size", ["9" * 20, "-5"])
def test_an_object_of_absurd_size_and_version_is_recorded_like_any_other(
    home: Path, size: str, no_aws: None
) -> None:
    with canned_answers((200, LISTING.format(size=size, etag="x" * 50_000))) as server:
        storage = Storage(s3=replace(KEYS, endpoint=server.url))
        listing = open_listing(parse_destination("s3://bucket/in/"), storage, user="a test")
        found = find_listed(listing)

        assert sizes_recorded(MediaIOManager(), MediaTable("photos"), found) == [-1, 5]
    assert len(found.uploads[0].version) < 100
