"""Columns at three providers at once, and who can read their files."""

import time
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import dagster as dg
from PIL import Image

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets.urls import presigned_url
from media_assets_tests.clouds.photos import jpeg, photos_table
from media_assets_tests.photos import picture, save_photo
from media_assets_tests.runs import catalog, globals_of_run, inserted, materialize, shown
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import cells, run_step

ODD_NAMES = ["a b.jpg", "é+.jpg", "100%25 #1?.jpg", "boat 😀.jpg"]
REFUSED = {400, 401, 403}


def test_each_column_goes_to_its_own_cloud_and_every_file_is_read_by_its_presigned_url(
    instance: dg.DagsterInstance,
    s3_environment: S3Server,
    gcs_environment: GcsServer,
    azure_environment: AzureServer,
    tmp_path: Path,
) -> None:
    name = f"three-{uuid4().hex}"
    own = {
        "on_s3": f"s3://{s3_environment.make_bucket(name)}/a/",
        "on_azure": f"az://{azure_environment.make_container(name)}/b/",
        "local": str(tmp_path / "own"),
    }
    everywhere = f"gs://{gcs_environment.make_bucket(name + 'g')}/c/"
    table = photos_table(**own, on_gcs=None)
    for seed, row in enumerate(ODD_NAMES):
        save_photo(tmp_path / "uploads" / row, seed)
    partition = inserted(instance, table, tmp_path / "uploads")

    run_config = globals_of_run(output_media_dest=everywhere)
    result = materialize(instance, table, partition, run_config=run_config)

    assert result.success
    places = own | {"local": (tmp_path / "own").as_uri() + "/", "on_gcs": everywhere}
    assert {
        c: shown(result, table, c)["media_assets/resolved_destination"] for c in places
    } == places
    decided = {c: shown(result, table, c)["media_assets/decided_by"] for c in places}
    assert decided == {**dict.fromkeys(own, "column"), "on_gcs": "run config"}
    files = catalog().fileurls("photos")
    assert sorted(files["row"]) == sorted(ODD_NAMES)
    for column, place in places.items():
        for fileurl in map(str, files[column]):
            assert fileurl.startswith(place)
            store, key = Storage().store_of(fileurl)
            expected = store.get(key)
            with Image.open(BytesIO(expected)) as image:
                assert image.size == picture().size
            if column == "local":
                continue
            got = fetch(presigned_url(fileurl, 600))
            assert (got.status, got.headers["content-type"]) == (200, "image/jpeg")
            assert got.body == expected


def test_uploads_with_odd_keys_stay_in_place_and_are_signed_at_every_provider(
    home: Path,
    s3_environment: S3Server,
    gcs_environment: GcsServer,
    azure_environment: AzureServer,
) -> None:
    name = f"odd-{uuid4().hex}"
    prefixes = [
        f"s3://{s3_environment.make_bucket(name)}/in é/",
        f"gs://{gcs_environment.make_bucket(name + 'g')}/in é/",
        f"az://{azure_environment.make_container(name)}/in é/",
    ]
    for prefix in prefixes:
        place = parse_destination(prefix)
        for seed, row in enumerate(ODD_NAMES):
            Storage().open(place).put(place.key(row), jpeg(seed), content_type="image/jpeg")
        table = MediaTable(f"from_{place.provider}")

        found = find_named([prefix], MediaIOManager().installation.reader)
        (partition,) = record(MediaIOManager().installation, table, found, is_named=True).partitions
        source = cells(run_step(table, partition))["source_image"]

        assert sorted(source) == sorted(ODD_NAMES)
        for seed, row in enumerate(ODD_NAMES):
            fileurl = source[row].fileurl or ""
            assert fileurl == f"{prefix}{row}"
            got = fetch(presigned_url(fileurl, 600))
            assert (got.status, got.body) == (200, jpeg(seed))


def test_a_url_that_was_tampered_with_is_for_another_key_or_has_expired_is_refused(
    home: Path,
    s3_environment: S3Server,
    gcs_environment: GcsServer,
    azure_environment: AzureServer,
) -> None:
    name = f"refused-{uuid4().hex}"
    expiring: list[str] = []
    for uri in (
        f"s3://{s3_environment.make_bucket(name)}/",
        f"gs://{gcs_environment.make_bucket(name + 'g')}/",
        f"az://{azure_environment.make_container(name)}/",
    ):
        store = Storage().open(parse_destination(uri))
        for key in ("a b.jpg", "c d.jpg"):
            store.put(key, b"private")
        url = presigned_url(store.fileurl("a b.jpg"), 600)
        expiring.append(presigned_url(store.fileurl("a b.jpg"), 1))

        assert fetch(url).status == 200
        assert fetch(_tampered(url)).status in REFUSED
        split = urlsplit(url)
        other = split._replace(path=split.path.replace("a%20b.jpg", "c%20d.jpg"))
        assert fetch(urlunsplit(other)).status in REFUSED

    time.sleep(2.1)

    assert {fetch(url).status in REFUSED for url in expiring} == {True}


def _tampered(url: str) -> str:
    for name in ("X-Amz-Signature=", "X-Goog-Signature=", "sig="):
        before, found, after = url.partition(name)
        if found:
            return before + found + ("b" if after[0] != "b" else "c") + after[1:]
    raise AssertionError(url)
