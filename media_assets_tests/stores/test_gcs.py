"""Google Cloud Storage: the contracts behind a gate that checks Google's tokens and signatures."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import (
    BucketMissingError,
    CredentialsMissingError,
    MissingExtraError,
    NotSignableError,
    StoredFileMissingError,
    UnsafeKeyError,
)
from media_assets.stores import Storage, Store
from media_assets.stores.gcs import GcsSettings
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.stores.contract import StoreContract, staged
from media_assets_tests.stores.faults_contract import FaultsContract, FaultyStores
from media_assets_tests.stores.signing_contract import HOUR, SigningContract

__all__ = ["staged"]


class TestGcsStore(StoreContract, SigningContract, FaultsContract):
    # The server here does not speak the protocol of Google's own client: it knows no bucket there.
    WITHOUT_SUCH_A_FILE = (UnsafeKeyError, BucketMissingError, StoredFileMissingError)
    LONG_LISTING = 210

    @pytest.fixture
    def bucket(self, gcs_server: GcsServer) -> str:
        return gcs_server.make_bucket(f"gcs-{uuid4().hex}")

    @pytest.fixture
    def store(self, gcs_server: GcsServer, bucket: str) -> Store:
        return opened(bucket, gcs_server.settings)

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"

    @pytest.fixture
    def faulty(
        self, gcs_server: GcsServer, bucket: str, store: Store, tmp_path: Path
    ) -> FaultyStores:
        owner, reader = (
            json.loads((gcs_server.folder / f"{name}.json").read_text())
            for name in ("owner", "reader")
        )
        wrong = tmp_path / "wrong.json"
        wrong.write_text(json.dumps({**owner, "private_key": reader["private_key"]}))
        nobody = replace(gcs_server.settings, endpoint="http://127.0.0.1:1", max_attempts=2)
        return FaultyStores(
            of_missing_bucket=opened("no-such-bucket", gcs_server.settings),
            with_wrong_secret=opened(bucket, replace(gcs_server.settings, key_file=str(wrong))),
            of_reader=opened(bucket, gcs_server.reader),
            of_nobody=opened(bucket, nobody),
            owner=store,
        )

    @pytest.fixture
    def requests(self, gcs_server: GcsServer, bucket: str) -> Callable[[], list[str]]:
        return lambda: gcs_server.requests(bucket)


def test_the_default_credentials_of_the_application_reach_a_bucket(
    gcs_server: GcsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = gcs_server.make_bucket(f"gcs-{uuid4().hex}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(gcs_server.folder / "owner.json"))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs_server.url)

    opened(bucket, GcsSettings()).put("a", b"content")

    assert gcs_server.requests(bucket) == [f"PUT /{bucket}/a"]


def test_missing_credentials_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nothing.json"))

    with pytest.raises(CredentialsMissingError, match="gcloud auth application-default login"):
        opened("bucket", GcsSettings()).put("a", b"")


def test_a_person_cannot_sign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    person = tmp_path / "person.json"
    person.write_text(
        json.dumps(
            {
                "type": "authorized_user",
                "client_id": "1",
                "client_secret": "secret",
                "refresh_token": "token",
                "quota_project_id": "tests",
            }
        )
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(person))

    with pytest.raises(NotSignableError, match="impersonate-service-account"):
        opened("bucket", GcsSettings()).sign("a", HOUR)


def test_a_missing_extra_is_reported_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "google.auth", None)

    with pytest.raises(MissingExtraError, match=r'pip install "media-assets\[gcp\]"'):
        opened("needs-an-extra", GcsSettings()).put("a", b"")


def opened(bucket: str, settings: GcsSettings) -> Store:
    root = parse_destination(f"gs://{bucket}/")
    applied = Storage(gcs=settings).settings(root)
    assert applied is settings
    return settings.open(root)
