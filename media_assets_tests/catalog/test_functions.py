"""What a query may ask of a fileurl."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.catalog import Catalog
from media_assets.destinations import parse_destination
from media_assets.errors import ExpiryError, FileurlError, NotSignableError, QueryError
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings
from media_assets_tests.catalogs import commit, failure, header, image, memory_root, record_rows
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch

KEYS = Storage(s3=S3Settings(access_key_id="key", secret_access_key="secret", region="us-east-1"))
SIGNED = "select row, presigned_url(flipped, 3600) as url from photos order by row"


def holding(*records: Record, storage: Storage = KEYS) -> Catalog:
    """A catalog of one table with these cells."""
    root = memory_root()
    record_rows(root, "p1", [record.row for record in records])
    commit(root, header(), records)
    return Catalog(root, reader=Reader(storage))


def test_urls_that_a_query_signs_are_opened_by_plain_http_at_every_provider(
    s3_server: S3Server, gcs_server: GcsServer, azure_server: AzureServer
) -> None:
    storage = Storage(s3=s3_server.settings, gcs=gcs_server.settings, azure=azure_server.settings)
    name = f"sql-{uuid4().hex}"
    destinations = {
        "s3": f"s3://{s3_server.make_bucket(name)}/",
        "gcs": f"gs://{gcs_server.make_bucket(name + 'g')}/",
        "azure": f"az://{azure_server.make_container(name)}/",
    }
    cells: list[Record] = []
    for row, uri in destinations.items():
        store = storage.open(parse_destination(uri))
        store.put(f"{row} é.jpg", row.encode(), content_type="image/jpeg")
        cells.append(image(row, store.fileurl(f"{row} é.jpg")))

    urls = holding(*cells, storage=storage).sql(SIGNED)

    assert urls["row"].to_list() == ["azure", "gcs", "s3"]
    for row, url in urls.itertuples(index=False, name=None):
        answer = fetch(url)
        assert (answer.status, answer.body) == (200, row.encode())
        assert answer.headers["content-type"] == "image/jpeg"


def test_a_cell_without_a_file_has_no_url_and_no_path() -> None:
    catalog = holding(failure("a"), image("b", "s3://bucket/b.jpg"))

    urls = catalog.sql("select row, presigned_url(flipped, 60), localpath(flipped) from photos")

    first, second = sorted(urls.itertuples(index=False, name=None))
    assert [bool(isinstance(cell, str)) for cell in first] == [True, False, False]
    assert [bool(isinstance(cell, str)) for cell in second] == [True, True, False]


def test_only_a_file_on_this_machine_has_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b#1.jpg"
    catalog = holding(
        image("a", path.as_uri()),
        image("b", "gs://bucket/b.jpg"),
        image("c", "https://example.com/c.jpg"),
    )

    paths = catalog.sql("select row from photos where localpath(flipped) = ?", [str(path)])

    assert paths["row"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ("presigned_url(flipped, 8 * 86400)", ExpiryError, "s3://bucket/b.jpg"),
        ("presigned_url(flipped, -5)", ExpiryError, "From 1 second"),
        ("presigned_url(row || '.jpg', 60)", FileurlError, "a.jpg"),
        ("localpath(row)", FileurlError, "'a'"),
        ("presigned_url('file:///photos/c.jpg', 60)", NotSignableError, "file:///photos/c.jpg"),
    ],
)
def test_an_error_comes_from_the_function_and_names_the_fileurl(
    asked: str, error: type[Exception], said: str
) -> None:
    catalog = holding(failure("a"), image("b", "s3://bucket/b.jpg"))

    with pytest.raises(error, match=said):
        catalog.sql(f"select {asked} from photos order by row")  # noqa: S608


def test_an_invalid_query_raises_a_query_error() -> None:
    with pytest.raises(QueryError, match="presigned_url"):
        holding(image("a", "s3://bucket/a.jpg")).sql("select presigned_url(flipped) from photos")


def test_an_earlier_catalog_signs_with_the_same_credentials() -> None:
    catalog = holding(image("a", "s3://bucket/a.jpg"))

    urls = catalog.sql(SIGNED, as_of="run")

    assert "X-Amz-Credential=key%2F" in urls["url"].to_list()[0]


def test_a_catalog_opened_by_its_location_takes_credentials(tmp_path: Path) -> None:
    root = CatalogRoot.open(str(tmp_path))
    record_rows(root, "p1", ["a"])
    commit(root, header(), [image("a", "s3://bucket/a.jpg")])

    urls = Catalog.open(str(tmp_path), storage=KEYS).sql(SIGNED)

    assert f"X-Amz-Expires={timedelta(hours=1).seconds}" in urls["url"].to_list()[0]
