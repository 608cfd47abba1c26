"""Presigned URLs: each provider's limit, and what is no storage. Stores prove the signatures."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import ExpiryError, FileurlError, NotSignableError
from media_assets.stores import Storage
from media_assets.stores.azure import AzureSettings
from media_assets.stores.s3 import S3Settings
from media_assets.urls import presigned_url
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch

KEYS = S3Settings(access_key_id="key", secret_access_key="secret", region="us-west-004")
STORAGE = Storage(
    s3=KEYS,
    azure=AzureSettings(account_url="https://one.blob.core.windows.net", account_key="a2V5"),
)
DAY = 86_400
R2 = "https://account.r2.cloudflarestorage.com"
TIGRIS = "https://t3.storage.dev"
B2 = "https://s3.us-west-004.backblazeb2.com"


def test_three_clouds_at_once_are_read_by_plain_http(
    s3_server: S3Server, gcs_server: GcsServer, azure_server: AzureServer
) -> None:
    storage = Storage(s3=s3_server.settings, gcs=gcs_server.settings, azure=azure_server.settings)
    name = f"urls-{uuid4().hex}"
    destinations = [
        f"s3://{s3_server.make_bucket(name)}/",
        f"gs://{gcs_server.make_bucket(name + 'g')}/",
        f"az://{azure_server.make_container(name)}/",
        f"{s3_server.url}/{name}/",
    ]

    for number, uri in enumerate(destinations):
        destination = parse_destination(uri)
        key = destination.key("é 100% #1?+.jpg")
        store = storage.open(destination)
        store.put(key, str(number).encode(), content_type="image/jpeg")
        answer = fetch(presigned_url(store.fileurl(key), 3600, storage=storage))

        assert (answer.status, answer.body) == (200, str(number).encode())
        assert answer.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("lifetime", [3600, 3600.0, timedelta(hours=1)])
def test_a_lifetime_is_seconds_or_a_timedelta(lifetime: timedelta | float) -> None:
    url = presigned_url("s3://bucket/a b.jpg", lifetime, storage=STORAGE)

    split = urlsplit(url)
    assert (split.scheme, split.netloc) == ("https", "bucket.s3.us-west-004.amazonaws.com")
    assert split.path == "/a%20b.jpg"
    assert parse_qs(split.query)["X-Amz-Expires"] == ["3600"]


@pytest.mark.parametrize(
    ("fileurl", "host"),
    [
        (f"{R2}/bucket/a.jpg", "account.r2.cloudflarestorage.com"),
        (f"{B2}/bucket/a.jpg", "s3.us-west-004.backblazeb2.com"),
        (f"{TIGRIS}/bucket/a.jpg", "bucket.t3.storage.dev"),
        ("tigris://bucket/a.jpg", "bucket.t3.storage.dev"),
        ("az://container/a.jpg", "one.blob.core.windows.net"),
        ("https://one.blob.core.windows.net/container/a.jpg", "one.blob.core.windows.net"),
    ],
)
def test_every_provider_s_own_address_is_signed(fileurl: str, host: str) -> None:
    url = urlsplit(presigned_url(fileurl, 300, storage=STORAGE))

    assert (url.scheme, url.netloc) == ("https", host)
    assert "X-Amz-Signature=" in url.query or "sig=" in url.query


@pytest.mark.parametrize(
    ("fileurl", "allowed", "refused", "said"),
    [
        ("s3://bucket/a.jpg", 7 * DAY, 8 * DAY, r"604,800 s \(7 days\) \(Amazon S3"),
        (f"{R2}/bucket/a.jpg", 7 * DAY, 8 * DAY, r"604,800 s \(7 days\) \(Cloudflare R2"),
        (f"{B2}/bucket/a.jpg", 7 * DAY, 8 * DAY, r"604,800 s \(7 days\) \(Backblaze B2"),
        (f"{TIGRIS}/bucket/a.jpg", 90 * DAY, 91 * DAY, r"7,776,000 s \(90 days\) \(Tigris"),
        ("az://container/a.jpg", 3650 * DAY, 1e12, "the end of the year 9999"),
    ],
)
def test_each_provider_s_own_range_is_checked(
    fileurl: str, allowed: float, refused: float, said: str
) -> None:
    assert presigned_url(fileurl, allowed, storage=STORAGE).startswith("https://")

    with pytest.raises(ExpiryError, match=said):
        presigned_url(fileurl, refused, storage=STORAGE)
    for lifetime in (0, -5, timedelta(), float("nan"), float("inf"), -1e300):
        with pytest.raises(ExpiryError):
            presigned_url(fileurl, lifetime, storage=STORAGE)


def test_google_s_range_is_checked_before_anything_is_signed() -> None:
    with pytest.raises(ExpiryError, match=r"604,800 s \(7 days\) \(Google Cloud Storage"):
        presigned_url("gs://bucket/a.jpg", timedelta(days=8))


@pytest.mark.parametrize("fileurl", ["file:///data/a.jpg", "memory://tests/a.jpg"])
def test_only_files_in_cloud_storage_can_be_signed(fileurl: str) -> None:
    with pytest.raises(NotSignableError, match="Only files in cloud storage can be signed"):
        presigned_url(fileurl, 3600)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/photos/a.jpg",
        "http://www.example.com/a.jpg",
        "HTTPS://www.example.com/",
        "https://www.example.com/a.jpg?size=large#top",
        f"{R2}/bucket/a.jpg?X-Amz-Signature=1",
    ],
)
def test_a_public_url_comes_back_unchanged(url: str) -> None:
    assert presigned_url(url, 3600, storage=STORAGE) == url


def test_what_is_no_fileurl_is_refused() -> None:
    with pytest.raises(FileurlError):
        presigned_url("photos/a.jpg", 3600)


def test_a_fileurl_leads_to_its_store() -> None:
    store, key = STORAGE.store_of("s3://bucket/a b.jpg")

    assert store.fileurl(key) == "s3://bucket/a b.jpg"
    assert Storage().store_of("memory://tests/a.jpg")[1] == "a.jpg"
