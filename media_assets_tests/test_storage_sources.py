"""Which http(s) addresses are storage: no key goes to an address that somebody merely typed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

import media_assets as ma
from media_assets.catalog import Catalog
from media_assets.destinations import parse_destination, parse_fileurl
from media_assets.errors import SourceError, StorageAddressError
from media_assets.io_manager import MediaIOManager
from media_assets.reading import Reader
from media_assets.storage_sources import StorageSources
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import table_reader
from media_assets.uploads.insert_sources import find_named
from media_assets_tests.catalogs import commit, header, image, record_rows
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.clouds.photos import LOOPBACK, ingested, jpeg, photos_table
from media_assets_tests.fetch.site import Site, answer, site
from media_assets_tests.photos import save_photo
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import cells, run_step

MINIO = "https://minio.example.com"


@pytest.fixture
def bucket(s3_environment: S3Server) -> str:
    """A bucket with a photo that only keys can read."""
    name = s3_environment.make_bucket(f"sources-{uuid4().hex}")
    store = Storage().open(parse_destination(f"s3://{name}/"))
    store.put("uploads/photo.jpg", jpeg())
    store.put("private/photo.jpg", jpeg())
    return name


def keys_sent(request_headers: Mapping[str, str]) -> set[str]:
    return {name for name in request_headers if name in ("authorization", "x-amz-date", "cookie")}


OF_MINIO = Reader(
    Storage(s3=S3Settings(endpoint=MINIO, access_key_id="key", secret_access_key="secret")),
    sources=StorageSources((parse_destination(f"{MINIO}/photos/uploads/"),)),
)
"""A reader for which one prefix of a configured server is storage."""


@pytest.mark.parametrize(
    "path", ["uploads/a.jpg", "uploads/", "uploads%2Fa.jpg", "uploads/b/%2525"]
)
def test_an_address_below_a_prefix_that_was_named_is_storage(path: str) -> None:
    assert not OF_MINIO.is_web(f"{MINIO}/photos/{path}")


@pytest.mark.parametrize(
    "address",
    [
        f"{MINIO}/photos/other/a.jpg",
        f"{MINIO}/photos/uploads",
        f"{MINIO}/photos/uploads-2/a.jpg",
        f"{MINIO}/photos/uploads/../private/a.jpg",
        f"{MINIO}/photos/uploads/%2e%2e/private/a.jpg",
        f"{MINIO}/photos/uploads//a.jpg",
        f"{MINIO}/other/uploads/a.jpg",
        "https://minio.example.com:8443/photos/uploads/a.jpg",
        "http://minio.example.com/photos/uploads/a.jpg",
        "https://photos.s3.eu-west-1.amazonaws.com/uploads/a.jpg",
        f"{MINIO}/photos/uploads/a.jpg?versionId=1",
    ],
)
def test_any_other_address_of_a_configured_server_is_the_web_s(address: str) -> None:
    assert OF_MINIO.is_web(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://bucket.s3.eu-central-1.amazonaws.com/a.jpg",
        "https://storage.googleapis.com/bucket/a.jpg",
        "https://one.blob.core.windows.net/container/a.jpg",
        "https://s3.us-west-004.backblazeb2.com/bucket/a.jpg",
    ],
)
def test_a_public_file_of_a_cloud_is_fetched_like_any_other_of_the_web(address: str) -> None:
    assert Reader().is_web(address)


@pytest.mark.parametrize(
    "fileurl",
    ["s3://b/a", "s3a://b/a", "gs://b/a", "az://c@one.blob.core.windows.net/a", "r2://b/a"],
)
def test_the_schemes_of_storage_name_storage_by_themselves(fileurl: str) -> None:
    assert not Reader().is_web(fileurl)


def test_s3a_means_s3() -> None:
    assert parse_destination("s3a://bucket/in") == parse_destination("s3://bucket/in/")
    assert parse_fileurl("s3a://bucket/a.jpg") == parse_fileurl("s3://bucket/a.jpg")


def test_an_address_at_the_configured_endpoint_is_asked_without_any_key(
    home: Path, no_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(answer(jpeg(), ETag='"1"')) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", running.url(""))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        url = running.url("/any/photo.jpg")

        with pytest.raises(StorageAddressError, match=r"127\.0\.0\.1"):
            find_named([url], table_reader(MediaIOManager().installation, MediaTable("photos")))
        asked_of_loopback = list(running.requests)
        fileurl = ingested(photos_table(flipped=None), url, "flipped")

    assert asked_of_loopback == []
    assert fileurl == url
    assert {request.method for request in running.requests} == {"HEAD", "GET"}
    assert [keys_sent(request.headers) for request in running.requests] == [
        set() for _ in running.requests
    ]


def test_the_error_for_a_private_file_says_how_to_name_it(
    home: Path, bucket: str, s3_environment: S3Server
) -> None:
    manager = MediaIOManager(allow_networks=LOOPBACK)
    url = f"{s3_environment.url}/{bucket}/private/photo.jpg"

    with pytest.raises(SourceError, match="storage_sources"):
        find_named([url], table_reader(manager.installation, MediaTable("photos")))

    assert not [line for line in s3_environment.requests(bucket) if "Signature" in line]


def test_a_file_named_by_scheme_or_below_a_storage_source_is_read_with_keys(
    home: Path, bucket: str, s3_environment: S3Server
) -> None:
    prefix = f"{s3_environment.url}/{bucket}/private/"
    table = MediaTable("photos", storage_sources=[prefix])
    by_setting = MediaIOManager(storage_sources=[prefix]).installation.reader

    for reader in (by_setting, table_reader(MediaIOManager().installation, table)):
        (upload,) = find_named([f"{prefix}photo.jpg"], reader).uploads
        assert upload.uri == f"{prefix}photo.jpg"
        assert reader.read(upload.uri, max_bytes=10**6) == jpeg()
    (named,) = find_named(
        [f"s3://{bucket}/private/photo.jpg"], MediaIOManager().installation.reader
    ).uploads
    assert named.size_bytes == len(jpeg())


def test_an_address_below_a_table_s_uploads_is_storage_for_every_reader(
    home: Path, bucket: str, s3_environment: S3Server
) -> None:
    uploads = f"{s3_environment.url}/{bucket}/uploads/"
    table = MediaTable("photos", uploads=uploads)
    reader = table_reader(MediaIOManager().installation, table)
    (upload,) = find_named([f"{uploads}photo.jpg"], reader).uploads

    assert not MediaIOManager().installation.reader.is_web(upload.uri)
    assert MediaIOManager().installation.reader.is_web(
        f"{s3_environment.url}/{bucket}/private/photo.jpg"
    )


def test_uploads_at_an_address_of_storage_are_scanned_made_and_read_with_keys(
    home: Path, bucket: str, s3_environment: S3Server
) -> None:
    table = MediaTable("photos", uploads=f"{s3_environment.url}/{bucket}/uploads/")
    table.computed_column(name="width", code_version="1")(_width)
    found = scan_uploads(MediaIOManager().installation, table)
    (partition,) = record(MediaIOManager().installation, table, found).partitions

    made = cells(run_step(table, partition))

    assert made["width"]["photo.jpg"].value == "48"
    column = Catalog.open().column("photos", "source_image")
    assert column.fileurl["photo.jpg"].startswith(s3_environment.url)
    assert column.open("photo.jpg").size == (48, 36)


def _width(source_image: Image.Image) -> int:
    return source_image.width


def test_a_file_below_a_noted_destination_is_read_and_signed(
    home: Path, bucket: str, s3_environment: S3Server, tmp_path: Path
) -> None:
    out = f"{s3_environment.url}/{bucket}/out/"
    table = photos_table(flipped=out)
    ingested(table, str(save_photo(tmp_path / "photo.jpg")), "flipped")

    catalog = Catalog.open()
    fileurl = catalog.column("photos", "flipped").fileurl["photo.jpg"]
    signed = ma.presigned_url(fileurl, 60)

    assert fileurl.startswith(out)
    assert catalog.column("photos", "flipped").open("photo.jpg").size == (48, 36)
    assert "X-Amz-Signature=" in signed
    private = f"{s3_environment.url}/{bucket}/private/photo.jpg"
    assert ma.presigned_url(private, 60) == private


def test_a_query_signs_no_address_that_an_uploader_typed(
    home: Path, bucket: str, s3_environment: S3Server
) -> None:
    private = f"{s3_environment.url}/{bucket}/private/photo.jpg"
    root = MediaIOManager().installation.catalog
    record_rows(root, "p1", ["a"])
    commit(root, header(), [image("a", private)])

    rows = Catalog.open().sql("select presigned_url(flipped, 60) as url from photos")

    assert rows["url"].to_list() == [private]


def test_an_address_below_a_reader_s_prefixes_is_storage_without_a_catalog(
    home: Path, bucket: str, s3_environment: S3Server, tmp_path: Path
) -> None:
    out = f"{s3_environment.url}/{bucket}/out/"
    table = photos_table(flipped=out)
    fileurl = ingested(table, str(save_photo(tmp_path / "photo.jpg")), "flipped")
    (partition,) = Catalog.open().sql("select partition from photos")["partition"]
    stored = cells(run_step(table, partition))["flipped"]["photo.jpg"].fileurl or ""

    sent = MediaIOManager().installation.reader.resolve()

    assert sent.sources.catalog is None
    assert not sent.is_web(stored)
    assert fileurl.startswith("file://")


def test_public_files_of_a_storage_need_no_credentials(
    home: Path, no_aws: None, source_site: Site
) -> None:
    fileurl = ingested(photos_table(flipped=None), source_site.url("/bucket/photo.jpg"), "flipped")

    assert fileurl == source_site.url("/bucket/photo.jpg")


@pytest.fixture
def source_site() -> Iterator[Site]:
    with site(answer(jpeg(), ETag='"1"')) as running:
        yield running


def test_an_insert_by_the_command_line_keeps_to_the_rule(
    home: Path, bucket: str, s3_environment: S3Server, tmp_path: Path
) -> None:
    private = f"{s3_environment.url}/{bucket}/private/"
    closed = write_project(tmp_path / f"closed_{uuid4().hex}.py")
    options = f", storage_sources=[{private!r}]"
    opened = write_project(tmp_path / f"opened_{uuid4().hex}.py", table_options=options)

    refused = run("insert", "photos", f"{private}photo.jpg", "-f", closed)
    taken = run("insert", "photos", f"{private}photo.jpg", "-f", opened)

    assert refused.exit_code == 1
    assert "is an address of a storage" in refused.errors
    assert taken.exit_code == 0, taken.errors
    assert "1 new" in taken.output
