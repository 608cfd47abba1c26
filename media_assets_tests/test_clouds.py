"""Runs over real object storage: where files go, what is requested there, and who can read them."""

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import dagster as dg
import pytest
from PIL import Image

from media_assets.destinations import parse_destination
from media_assets.errors import (
    BucketMissingError,
    CredentialsRefusedError,
    StoreDeniedError,
    StoreFaultError,
)
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads import record
from media_assets.uploads.named import find_named
from media_assets.urls import presigned_url
from media_assets_tests.fetch.site import Site, answer, site
from media_assets_tests.photos import picture, save_photo
from media_assets_tests.runs import catalog, globals_of_run, inserted, materialize, shown
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import cells, made, run_step

ODD_NAMES = ["a b.jpg", "é+.jpg", "100%25 #1?.jpg", "boat 😀.jpg"]
LOOPBACK = ["127.0.0.0/8"]
REFUSED = {400, 401, 403}


def photos_table(**destinations: str | None) -> MediaTable:
    """A table with a column for each destination."""
    table = MediaTable("photos")
    for name, destination in destinations.items():

        @table.computed_column(name=name, destination=destination, code_version="1")
        def flipped(source_image: Image.Image) -> Image.Image:
            return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


def jpeg(seed: int = 0) -> bytes:
    file = BytesIO()
    picture(seed).save(file, "JPEG")
    return file.getvalue()


def keys(destination: str) -> list[str]:
    """The keys that stand below a destination, without its prefix."""
    place = parse_destination(destination)
    store = Storage().open(place)
    return [file.key.removeprefix(place.prefix) for file in store.list(place.prefix)]


def methods(requests: list[str]) -> list[str]:
    return [line.split(" ")[0] for line in requests]


# Three clouds at once


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
    assert {c: shown(result, table, c)["dagster/uri"] for c in places} == places
    decided = {c: shown(result, table, c)["media_assets/decided_by"] for c in places}
    assert decided == {**dict.fromkeys(own, "column"), "on_gcs": "run config"}
    files = catalog().fileurls("photos")
    assert sorted(files["row"]) == sorted(ODD_NAMES)
    for column, place in places.items():
        for fileurl in map(str, files[column]):
            assert fileurl.startswith(place)
            store, key = Storage().locate(fileurl)
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

        found = find_named([prefix], MediaIOManager().reader)
        (partition,) = record(MediaIOManager(), table, found, is_named=True).partitions
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


# Requests


def test_a_file_costs_one_request_and_the_first_run_alone_tries_the_bucket(
    home: Path, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"requests-{uuid4().hex}")
    table = photos_table(flipped=f"s3://{bucket}/a/", turned=f"s3://{bucket}/a/")

    def requests_of_a_run(*seeds: int) -> list[str]:
        before = len(s3_environment.requests(bucket))
        photos = [save_photo(tmp_path / f"in/{seed}.jpg", seed) for seed in seeds]
        found = find_named([str(path) for path in photos], MediaIOManager().reader)
        for partition in record(MediaIOManager(), table, found).partitions:
            run_step(table, partition)
        return methods(s3_environment.requests(bucket)[before:])

    assert requests_of_a_run(1, 2) == ["PUT", "GET", "POST", *["PUT"] * 4]
    assert requests_of_a_run(3, 4, 5) == ["PUT"] * 6
    assert requests_of_a_run(3, 4, 5) == []


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        ("bucket", BucketMissingError),
        ("key", CredentialsRefusedError),
        ("reader", StoreDeniedError),
    ],
)
def test_a_destination_that_does_not_work_ends_the_run_before_any_row_and_says_which(
    home: Path,
    s3_environment: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    problem: str,
    error: type[StoreFaultError],
) -> None:
    bucket = s3_environment.make_bucket(f"early-{uuid4().hex}", has_reader=True)
    if problem == "key":
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    elif problem == "reader":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_environment.reader.access_key_id or "")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_environment.reader.secret_access_key or "")
    destination = f"s3://{bucket}{'-typo' if problem == 'bucket' else ''}/out/"
    table, called = MediaTable("photos"), list[int]()

    @table.computed_column(destination=destination, code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        called.append(1)
        return source_image

    found = find_named([str(save_photo(tmp_path / "a.jpg"))], MediaIOManager().reader)
    (partition,) = record(MediaIOManager(), table, found).partitions

    with pytest.raises(error, match=destination.removesuffix("/")):
        run_step(table, partition)

    assert called == []


# Where do files go


@pytest.fixture
def source_site() -> Iterator[Site]:
    with site(answer(jpeg(), ETag='"1"')) as running:
        yield running


@pytest.fixture
def source(request: pytest.FixtureRequest, source_site: Site, bucket: str, tmp_path: Path) -> str:
    """What is inserted: one photo, named in each of the ways there are."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/photo.jpg").write_bytes(jpeg())
    place = parse_destination(f"s3://{bucket}/in/")
    Storage().open(place).put(place.key("photo.jpg"), jpeg())
    return {
        "file": str(tmp_path / "in/photo.jpg"),
        "folder": str(tmp_path / "in"),
        "url": source_site.url("/photo.jpg"),
        "object": f"s3://{bucket}/in/photo.jpg",
        "prefix": f"s3://{bucket}/in/",
    }[str(request.param)]


@pytest.fixture
def bucket(s3_environment: S3Server) -> str:
    return s3_environment.make_bucket(f"where-{uuid4().hex}")


EACH_SOURCE = pytest.mark.parametrize(
    "source", ["file", "folder", "url", "object", "prefix"], indirect=True
)


def ingested(table: MediaTable, source: str, *columns: str, kept: str | None = None) -> str:
    """Inserts a photo and makes columns; returns its fileurl as the source column has it."""
    manager = MediaIOManager(input_media_dest=kept, allow_networks=LOOPBACK)
    found = find_named([source], manager.reader)
    (partition,) = record(manager, table, found, is_named=True).partitions
    outputs = run_step(table, partition, ("source_image", *columns), manager=manager)
    assert [error for o in outputs for error in o.committed.manifest.errors] == []
    return cells(outputs)["source_image"]["photo.jpg"].fileurl or ""


@EACH_SOURCE
def test_without_an_input_destination_an_upload_stays_where_it_is(
    home: Path, source: str, bucket: str, source_site: Site
) -> None:
    fileurl = ingested(photos_table(flipped=None), source, "flipped")

    path = Path(source)
    photo = path / "photo.jpg" if path.is_dir() else path
    in_place = photo.as_uri() if photo.is_file() else f"{source.removesuffix('photo.jpg')}photo.jpg"
    assert fileurl == in_place
    assert keys(f"s3://{bucket}/") == ["in/photo.jpg"]
    assert not (home / "media/files/photos/source_image").exists()
    gets = [r for r in source_site.requests if r.method == "GET"]
    assert len(gets) == source.startswith("http"), "what is remote is fetched once, then cached"


@EACH_SOURCE
def test_a_local_input_destination_keeps_every_kind_of_source(
    home: Path, source: str, tmp_path: Path, source_site: Site, bucket: str
) -> None:
    fileurl = ingested(photos_table(flipped=None), source, "flipped", kept=str(tmp_path / "kept"))

    assert fileurl.startswith((tmp_path / "kept/photos/source_image").as_uri())
    (kept,) = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert kept.read_bytes() == jpeg()
    assert keys(f"s3://{bucket}/") == ["in/photo.jpg"], "the upload stays"


@EACH_SOURCE
def test_a_cloud_input_destination_keeps_every_kind_of_source_by_one_read_and_one_write(
    home: Path, source: str, s3_environment: S3Server, bucket: str, source_site: Site
) -> None:
    table = photos_table(flipped=None, later=None)

    fileurl = ingested(table, source, "flipped", kept=f"s3://{bucket}/kept/")
    ingested(table, source, "later", kept=f"s3://{bucket}/kept/")

    assert fileurl.startswith(f"s3://{bucket}/kept/photos/source_image/")
    (kept,) = keys(f"s3://{bucket}/kept/")
    asked = s3_environment.requests(bucket)
    read = [line for line in asked if line == f"GET /{bucket}/in/photo.jpg"]
    assert len(read) == source.startswith("s3"), "a later column is made from the cached copy"
    assert [line for line in asked if line.endswith(kept)] == [f"PUT /{bucket}/kept/{kept}"]
    gets = [r for r in source_site.requests if r.method == "GET"]
    assert len(gets) == source.startswith("http")


def test_a_column_made_later_is_read_from_the_cache_and_without_it_from_the_bucket(
    home: Path, s3_environment: S3Server, bucket: str, source_site: Site
) -> None:
    kept = f"s3://{bucket}/kept/"
    table = photos_table(first=None, second=None)
    fileurl = ingested(table, source_site.url(), "first", kept=kept)
    manager = MediaIOManager(input_media_dest=kept)
    (partition,) = catalog().sql("select partition from photos")["partition"]

    def reads() -> int:
        key = urlsplit(fileurl).path
        return len([one for one in s3_environment.requests(bucket) if one.endswith(key)])

    written = reads()
    cached = run_step(table, partition, ("second",), manager=manager)
    from_cache = reads()
    for file in (home / "media/cache").rglob("*"):
        if file.is_file():
            file.unlink()
    again = run_step(table, partition, ("second",), force=True, manager=manager)

    assert (written, from_cache, reads()) == (1, 1, 2)
    assert (made(cached), made(again)) == (1, 1)
    assert cells(cached)["second"]["photo.jpg"].digest == cells(again)["second"]["photo.jpg"].digest
