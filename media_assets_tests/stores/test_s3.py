"""S3 and its protocol: the contracts on a real server, addresses, and rarer faults."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import (
    ClockSkewError,
    CredentialsMissingError,
    CredentialsRefusedError,
    MissingExtraError,
    NotSignableError,
    ServerUnknownError,
    StoredFileMissingError,
    StoreFaultError,
    StoreFullError,
    StoreUnreachableError,
    UnsafeKeyError,
    WrongRegionError,
)
from media_assets.stores import Storage, Store
from media_assets.stores.aws_session import AwsSession
from media_assets.stores.s3 import S3Settings
from media_assets.stores.s3_server import S3Server as Address
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.servers.certificate import make_certificate, tls_of
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.stores.contract import StoreContract, staged
from media_assets_tests.stores.faults_contract import FaultsContract, FaultyStores
from media_assets_tests.stores.signing_contract import SigningContract

__all__ = ["staged"]

KEYS = S3Settings(access_key_id="key", secret_access_key="secret", region="eu-west-1")
SKEW = (
    "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message>"
    "</Error>"
)


class TestS3Store(StoreContract, SigningContract, FaultsContract):
    WITHOUT_SUCH_A_FILE = (UnsafeKeyError, StoredFileMissingError)
    LONG_LISTING = 210

    @pytest.fixture
    def bucket(self, s3_server: S3Server) -> str:
        return s3_server.make_bucket(f"s3-{uuid4().hex}", has_reader=True)

    @pytest.fixture
    def store(self, s3_server: S3Server, bucket: str) -> Store:
        return opened(bucket, s3_server.settings)

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"

    @pytest.fixture
    def faulty(self, s3_server: S3Server, bucket: str, store: Store) -> FaultyStores:
        nobody = replace(s3_server.settings, endpoint="http://127.0.0.1:1", max_attempts=2)
        return FaultyStores(
            of_missing_bucket=opened("no-such-bucket", s3_server.settings),
            with_wrong_secret=opened(bucket, replace(s3_server.settings, secret_access_key="no")),
            of_reader=opened(bucket, s3_server.reader),
            of_nobody=opened(bucket, nobody),
            owner=store,
        )

    @pytest.fixture
    def requests(self, s3_server: S3Server, bucket: str) -> Callable[[], list[str]]:
        return lambda: s3_server.requests(bucket)

    def test_a_large_file_is_written_in_parts_with_its_content_type(
        self, store: Store, tmp_path: Path
    ) -> None:
        large = tmp_path / "large"
        large.write_bytes(bytes(range(256)) * 4096 * 34)

        store.put_file("large.tiff", large, content_type="image/tiff")

        answer = fetch(store.sign("large.tiff", timedelta(hours=1)))
        assert answer.headers["content-type"] == "image/tiff"
        assert answer.body == bytes(range(256)) * 4096 * 34

    def test_a_wrong_region_is_reported_with_the_right_one(
        self, s3_server: S3Server, bucket: str
    ) -> None:
        store = opened(bucket, replace(s3_server.settings, region="eu-west-1"))

        with pytest.raises(WrongRegionError, match="expecting 'us-east-1'"):
            store.put("a", b"")

    def test_nobody_signs_for_a_store_without_credentials(
        self, s3_server: S3Server, bucket: str
    ) -> None:
        store = opened(bucket, S3Settings(endpoint=s3_server.url, is_anonymous=True))

        with pytest.raises(NotSignableError, match="sends no credentials"):
            store.sign("a", timedelta(hours=1))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, SKEW, ClockSkewError),
        (403, "<Error><Code>InvalidAccessKeyId</Code></Error>", CredentialsRefusedError),
        (400, "<Error><Code>ExpiredToken</Code></Error>", CredentialsRefusedError),
        (301, "<Error><Code>PermanentRedirect</Code></Error>", WrongRegionError),
        (301, "", WrongRegionError),
        (507, "", StoreFullError),
        (400, "<Error><Code>Odd</Code><Message>a &amp; b.</Message></Error>", StoreFaultError),
    ],
)
def test_answers_that_no_test_server_gives_are_recognized(
    status: int, body: str, error: type[StoreFaultError]
) -> None:
    with canned_answers((status, body)) as server:
        store = opened("bucket", replace(KEYS, endpoint=server.url, max_attempts=2))

        with pytest.raises(error) as caught:
            store.put("a", b"")

    assert type(caught.value) is error
    assert "Debug source" not in str(caught.value)


def test_a_fault_without_a_name_shows_what_the_storage_said() -> None:
    body = "<Error><Code>Odd</Code><Message>a &amp; b.</Message></Error>"
    with canned_answers((400, body)) as server:
        store = opened("bucket", replace(KEYS, endpoint=server.url))

        with pytest.raises(StoreFaultError, match="Could not write s3://bucket/a: Odd: a & b\\."):
            store.put("a", b"")


def test_a_write_survives_six_faults_in_a_row() -> None:
    with canned_answers(*[(503, "")] * 6, (200, "")) as server:
        opened("bucket", replace(KEYS, endpoint=server.url)).put("a", b"")

    assert len(server.requests) == 7


def test_a_certificate_is_trusted_when_aws_s_own_variable_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)

    with canned_answers((200, ""), tls=tls_of(certificate)) as server:
        settings = replace(KEYS, endpoint=server.url, max_attempts=1)
        with pytest.raises(StoreUnreachableError, match="certificate is not trusted"):
            opened("bucket", settings).put("a", b"")
        opened("bucket", replace(settings, verifies_certificates=False)).put("a", b"")
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        opened("bucket", settings).put("a", b"")
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
        with pytest.raises(StoreUnreachableError, match="which is not a file"):
            opened("bucket", settings).put("a", b"")


@pytest.mark.parametrize(
    ("uri", "settings", "url", "region"),
    [
        ("s3://b-1/", KEYS, "https://b-1.s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3://b.1/", KEYS, "https://s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3://B_1/", KEYS, "https://s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3://b-1/", S3Settings(), "https://b-1.s3.us-east-1.amazonaws.com", "us-east-1"),
        ("s3://b-1/", S3Settings(region="cn-north-1"),
         "https://b-1.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("s3://b-1/", replace(KEYS, uses_tls=False),
         "http://b-1.s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3://b-1/", replace(KEYS, endpoint="http://minio:9000/"),
         "http://minio:9000", "eu-west-1"),
        ("https://s3.us-west-2.amazonaws.com/b-1/", KEYS,
         "https://b-1.s3.us-west-2.amazonaws.com", "us-west-2"),
        ("https://s3.us-west-2.amazonaws.com/b-1/", replace(KEYS, endpoint="http://minio:9000"),
         "https://b-1.s3.us-west-2.amazonaws.com", "us-west-2"),
        ("https://b-1.s3.amazonaws.com/", KEYS,
         "https://b-1.s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("https://acc.r2.cloudflarestorage.com/b-1/", S3Settings(),
         "https://acc.r2.cloudflarestorage.com", "auto"),
        ("r2://b-1/", S3Settings(endpoint="https://acc.eu.r2.cloudflarestorage.com"),
         "https://acc.eu.r2.cloudflarestorage.com", "auto"),
        ("https://s3.us-west-004.backblazeb2.com/b-1/", KEYS,
         "https://s3.us-west-004.backblazeb2.com", "us-west-004"),
        ("b2://b-1/", S3Settings(region="us-west-004"),
         "https://s3.us-west-004.backblazeb2.com", "us-west-004"),
        ("https://fly.storage.tigris.dev/b-1/", S3Settings(),
         "https://b-1.fly.storage.tigris.dev", "auto"),
        ("tigris://b-1/", S3Settings(), "https://b-1.t3.storage.dev", "auto"),
        ("tigris://b.1/", S3Settings(), "https://t3.storage.dev", "auto"),
        ("http://minio:9000/b-1/", S3Settings(), "http://minio:9000", "us-east-1"),
        ("http://minio:9000/b-1/", KEYS, "http://minio:9000", "eu-west-1"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("no_aws")
def test_every_provider_is_addressed_its_own_way(
    uri: str, settings: S3Settings, url: str, region: str
) -> None:
    address = Address.of(parse_destination(uri), settings, AwsSession(None, uri))

    assert (address.bucket_url, address.region) == (url, region)


@pytest.mark.parametrize(
    ("uri", "fix"), [("r2://b-1/", "endpoint_url"), ("b2://b-1/", "region_name")]
)
def test_the_error_for_an_unknown_server_says_how_to_name_it(uri: str, fix: str) -> None:
    with pytest.raises(ServerUnknownError, match=fix):
        opened_uri(uri, Storage(s3=KEYS)).put("a", b"")


@pytest.mark.usefixtures("no_aws")
def test_environment_variables_alone_reach_a_bucket(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_server.make_bucket(f"s3-{uuid4().hex}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_access_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server.url)

    store = opened_uri(f"s3://{bucket}/", Storage())
    store.put("a", b"content")

    assert store.get("a") == b"content"


@pytest.mark.usefixtures("no_aws")
def test_a_profile_gives_access_and_a_missing_one_is_reported(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bucket = s3_server.make_bucket(f"s3-{uuid4().hex}")
    (tmp_path / "config").write_text(
        f"[profile tests]\nregion = us-east-1\nendpoint_url = {s3_server.url}\n"
        "aws_access_key_id = test:tester\naws_secret_access_key = testing\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    opened(bucket, S3Settings(profile="tests")).put("a", b"content")

    assert s3_server.requests(bucket)[-1] == f"PUT /{bucket}/a"
    with pytest.raises(CredentialsMissingError, match="other"):
        opened(bucket, S3Settings(profile="other")).put("a", b"")


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (S3Settings(), "no credentials were found"),
        (S3Settings(access_key_id="key"), "a key was given without a secret"),
        (S3Settings(secret_access_key="secret"), "a secret was given without a key"),
    ],
)
def test_missing_credentials_are_reported(settings: S3Settings, reason: str) -> None:
    with pytest.raises(CredentialsMissingError, match=reason):
        opened("bucket", settings).put("a", b"")


def test_a_missing_extra_is_reported_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "botocore.session", None)

    with pytest.raises(MissingExtraError, match=r'pip install "media-assets\[aws\]"'):
        opened("needs-an-extra", S3Settings()).put("a", b"")


def test_keys_of_the_settings_do_not_mix_with_a_token_of_the_environment(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_server.make_bucket(f"s3-{uuid4().hex}")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of somebody else")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")

    opened(bucket, s3_server.settings).put("a", b"")


def opened(bucket: str, settings: S3Settings) -> Store:
    return opened_uri(f"s3://{bucket}/", Storage(s3=settings))


def opened_uri(uri: str, storage: Storage) -> Store:
    # Not from the cache, as the environment is not a part of its key.
    root = parse_destination(uri).bucket_root
    settings = storage.settings(root)
    assert settings is not None
    return settings.open(root)
