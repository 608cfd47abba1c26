"""The credentials that the environment names, wherever they are asked for."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import media_assets as ma
from media_assets.catalog import Catalog
from media_assets.credentials import environment_storage
from media_assets.errors import CredentialsMissingError
from media_assets.home import Home
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.stores.azure import AzureSettings
from media_assets.stores.gcs import GcsSettings
from media_assets.stores.s3 import S3Settings
from media_assets_tests.catalogs import commit, header, image, record_rows

pytestmark = pytest.mark.usefixtures("no_aws", "no_azure")

OF_B2 = {
    "B2_APPLICATION_KEY_ID": "key of b2",
    "B2_APPLICATION_KEY": "hidden",
    "B2_REGION": "us-west-004",
}
OTHERS = {
    "R2_ACCESS_KEY_ID": "key of r2",
    "R2_SECRET_ACCESS_KEY": "hidden",
    "R2_ENDPOINT_URL": "https://account.r2.cloudflarestorage.com",
    "TIGRIS_STORAGE_ACCESS_KEY_ID": "key of tigris",
    "TIGRIS_STORAGE_SECRET_ACCESS_KEY": "hidden",
}
OF_AWS = {"AWS_ACCESS_KEY_ID": "key of aws", "AWS_SECRET_ACCESS_KEY": "hidden"}


def set_all(monkeypatch: pytest.MonkeyPatch, *variables: dict[str, str]) -> None:
    for name, value in {name: v for some in variables for name, v in some.items()}.items():
        monkeypatch.setenv(name, value)


def write_env(home: Path, variables: dict[str, str]) -> None:
    (home / ".env").write_text("".join(f"{n}='{value}'\n" for n, value in variables.items()))


def key_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["X-Amz-Credential"][0].partition("/")[0]


@pytest.mark.parametrize("given", ["environment", ".env"])
def test_a_link_of_b2_is_signed_with_the_key_of_b2_wherever_it_is_made(
    home: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    set_all(monkeypatch, OF_AWS)
    if given == "environment":
        set_all(monkeypatch, OF_B2)
    else:
        write_env(home, OF_B2)
    root = MediaIOManager().installation.catalog
    record_rows(root, "p1", ["a"])
    commit(root, header(), [image("a", "b2://bucket/a.jpg")])

    in_python = ma.presigned_url("b2://bucket/a.jpg", 60)
    of_manager = ma.presigned_url("b2://bucket/a.jpg", 60, storage=MediaIOManager().storage)
    rows = Catalog.open().sql("select presigned_url(flipped, 60) as url from photos")

    for url in (in_python, of_manager, rows["url"].to_list()[0]):
        assert urlsplit(url).hostname == "s3.us-west-004.backblazeb2.com"
        assert key_of(url) == "key of b2"


def test_without_any_project_the_environment_alone_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, OF_AWS, OF_B2)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)

    assert key_of(ma.presigned_url("b2://bucket/a.jpg", 60)) == "key of b2"
    assert key_of(ma.presigned_url("s3://bucket/a.jpg", 60)) == "key of aws"


def test_every_provider_of_the_s3_protocol_has_its_own_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_all(monkeypatch, OF_B2, OTHERS)

    storage = environment_storage()

    assert storage == Storage(
        r2=S3Settings(
            access_key_id="key of r2",
            secret_access_key="hidden",
            endpoint="https://account.r2.cloudflarestorage.com",
        ),
        b2=S3Settings(access_key_id="key of b2", secret_access_key="hidden", region="us-west-004"),
        tigris=S3Settings(access_key_id="key of tigris", secret_access_key="hidden"),
    )
    assert "hidden" not in repr(storage)


def test_variables_that_a_provider_s_client_reads_are_left_to_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, OF_AWS, {"AZURE_STORAGE_ACCOUNT_NAME": "one"})

    storage = environment_storage(Home(home))

    assert storage == Storage()
    assert b"hidden" not in pickle.dumps(storage)


def test_the_env_file_gives_what_the_environment_does_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    account = {"AZURE_STORAGE_ACCOUNT_NAME": "one", "AZURE_STORAGE_ACCOUNT_KEY": "hidden"}
    google = {"GOOGLE_APPLICATION_CREDENTIALS": "/keys/photos.json"}
    write_env(home, {**OF_AWS, "AWS_DEFAULT_REGION": "other", **account, **google})

    storage = environment_storage(Home(home))

    assert storage.s3 == S3Settings(
        access_key_id="key of aws", secret_access_key="hidden", region="eu-west-1"
    )
    assert storage.azure == AzureSettings(
        account_url="https://one.blob.core.windows.net", account_key="hidden"
    )
    assert storage.gcs == GcsSettings(key_file="/keys/photos.json")


def test_what_belongs_to_another_key_or_account_is_not_taken_from_the_env_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, OF_AWS)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "one")
    other = "AccountName=other;AccountKey=hidden"
    write_env(home, {"AWS_SESSION_TOKEN": "old", "AZURE_STORAGE_CONNECTION_STRING": other})

    storage = environment_storage(Home(home))

    assert storage.s3 is not None
    assert (storage.s3.access_key_id, storage.s3.session_token) == ("key of aws", None)
    assert storage.azure is not None
    assert storage.azure.account_url == "https://one.blob.core.windows.net"


def test_a_profile_of_the_env_file_counts_unless_there_are_keys(home: Path) -> None:
    write_env(home, {"AWS_PROFILE": "photos"})
    alone = environment_storage(Home(home)).s3
    write_env(home, {"AWS_PROFILE": "photos", **OF_AWS})
    with_keys = environment_storage(Home(home)).s3

    assert alone == S3Settings(profile="photos")
    assert with_keys == S3Settings(access_key_id="key of aws", secret_access_key="hidden")


def test_a_key_without_its_secret_is_refused_and_never_replaced_by_another_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, OF_AWS, {**OF_B2, "B2_APPLICATION_KEY": ""})

    with pytest.raises(CredentialsMissingError, match="a key was given without a secret"):
        ma.presigned_url("b2://bucket/a.jpg", 60)


def test_what_code_gives_wins_over_the_environment_provider_by_provider(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, OF_B2, OTHERS)
    in_code = Storage(b2=S3Settings(access_key_id="key in code", secret_access_key="hidden"))

    storage = in_code.or_else(environment_storage(Home(home)))

    assert storage.b2 == in_code.b2
    assert storage.r2 is not None
    assert storage.r2.access_key_id == "key of r2"


def test_the_shipped_location_imports_no_provider() -> None:
    program = "import sys, media_assets.definitions; print(*sys.modules)"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **OF_AWS, **OF_B2}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    cloud = {"boto3", "botocore", "dagster_aws", "dagster_azure", "dagster_gcp", "azure.storage"}
    assert set(done.stdout.split()) & cloud == set()
