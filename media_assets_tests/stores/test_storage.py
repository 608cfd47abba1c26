"""Which settings apply to which destination, and that a storage is one plain value."""

import pickle

import pytest

from media_assets.destinations import parse_destination
from media_assets.stores import LocalStore, Storage
from media_assets.stores.azure import AzureSettings, AzureStore
from media_assets.stores.gcs import GcsSettings, GcsStore
from media_assets.stores.memory import MemoryStore
from media_assets.stores.s3 import S3Settings, S3Store

S3 = S3Settings(
    access_key_id="key of s3",
    secret_access_key="secret of s3",
    endpoint="https://minio.example.com/",
    region="eu-west-1",
)
R2 = S3Settings(access_key_id="key of r2", secret_access_key="secret of r2")
OTHER = S3Settings(endpoint="https://ceph.example.com", region="here")
STORAGE = Storage(s3=S3, r2=R2, endpoints=(OTHER,))
KEYS_OF_S3 = S3Settings(access_key_id="key of s3", secret_access_key="secret of s3")


@pytest.mark.parametrize(
    ("uri", "settings"),
    [
        ("/data/", None),
        ("memory://tests/", None),
        ("s3://bucket/", S3),
        ("https://s3.us-west-2.amazonaws.com/bucket/", S3),
        ("https://minio.example.com/bucket/", S3),
        ("r2://bucket/", R2),
        ("b2://bucket/", KEYS_OF_S3),
        ("tigris://bucket/", KEYS_OF_S3),
        ("https://unknown.example.com/bucket/", KEYS_OF_S3),
        ("gs://bucket/", GcsSettings()),
        ("az://container/", AzureSettings()),
    ],
)
def test_each_destination_gets_the_settings_of_its_provider(uri: str, settings: object) -> None:
    assert STORAGE.settings(parse_destination(uri)) == settings


def test_an_endpoint_without_keys_of_its_own_takes_those_of_s3() -> None:
    applied = STORAGE.settings(parse_destination("https://ceph.example.com/bucket/"))

    assert applied == S3Settings(
        access_key_id="key of s3",
        secret_access_key="secret of s3",
        endpoint="https://ceph.example.com",
        region="here",
    )


def test_a_web_server_is_a_storage_only_when_it_is_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unknown = parse_destination("https://www.example.com/bucket/")

    assert not STORAGE.is_configured(unknown)
    for uri in ("https://minio.example.com/b/", "https://ceph.example.com/b/", "s3://bucket/"):
        assert STORAGE.is_configured(parse_destination(uri))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://www.example.com/")
    assert STORAGE.is_configured(unknown)


def test_a_store_is_opened_once_for_the_same_bucket_and_settings() -> None:
    again = pickle.loads(pickle.dumps(STORAGE))  # noqa: S301  our own bytes

    one = STORAGE.open(parse_destination("s3://bucket/one/"))

    assert again == STORAGE
    assert again.open(parse_destination("s3://bucket/other/")) is one
    assert STORAGE.open(parse_destination("s3://bucket-2/")) is not one
    assert Storage().open(parse_destination("s3://bucket/")) is not one


def test_every_provider_works_without_settings() -> None:
    kinds = {
        "/data/": LocalStore,
        "memory://tests/": MemoryStore,
        "s3://bucket/": S3Store,
        "r2://bucket/": S3Store,
        "https://minio.example.com/bucket/": S3Store,
        "gs://bucket/": GcsStore,
        "az://container/": AzureStore,
    }

    for uri, kind in kinds.items():
        assert type(Storage().open(parse_destination(uri))) is kind


def test_a_fileurl_leads_to_the_store_and_the_key() -> None:
    store, key = STORAGE.store_of("https://minio.example.com/bucket/a%20b.jpg")

    assert (store.fileurl(key), key) == ("https://minio.example.com/bucket/a%20b.jpg", "a b.jpg")


def test_no_secret_is_shown() -> None:
    azure = AzureSettings(account_key="secret key", sas_token="secret token")
    storage = Storage(s3=S3, azure=azure, r2=S3Settings(session_token="secret session"))

    assert "secret" not in repr(storage)
