"""Both clients of a provider: the same server, proxies and limits."""

import socket
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media_assets.destinations import Destination, parse_destination
from media_assets.errors import StoreUnreachableError
from media_assets.stores import Storage
from media_assets.stores.azure import AzureSettings
from media_assets.stores.gcs import GcsSettings
from media_assets.stores.s3 import S3Settings
from media_assets.uploads.listing import open_listing
from media_assets_tests.servers.canned import canned_answers

Client = Callable[[Storage, Destination], list[object]]

NOTHING_IN_S3 = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
NOTHING_IN_AZURE = "<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"
PROVIDERS = {
    "s3": ("s3://bucket/a/", NOTHING_IN_S3, NOTHING_IN_S3),
    "gcs": ("gs://bucket/a/", "{}", NOTHING_IN_S3),
    "azure": ("az://bucket/a/", NOTHING_IN_AZURE, NOTHING_IN_AZURE),
}
"""A location of each provider, and how it says to its own client and to obstore: no files."""


def by_own_client(storage: Storage, location: Destination) -> list[object]:
    return list(open_listing(location, storage, user="a test").files())


def by_obstore(storage: Storage, location: Destination) -> list[object]:
    return list(storage.open(location).list(location.prefix))


def storage_at(server: str, **limits: Any) -> Storage:  # noqa: ANN401  fields of all settings
    """All providers at one server."""
    return Storage(
        s3=S3Settings(endpoint=server, access_key_id="k", secret_access_key="s", **limits),
        gcs=GcsSettings(endpoint=server, **limits),
        azure=AzureSettings(account_url=f"{server}/account", account_key="a2V5", **limits),
    )


@pytest.fixture(autouse=True)
def nobody(no_aws: None, no_azure: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without any credentials, in which Google's are not looked for elsewhere."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nothing.json"))


@pytest.fixture
def silent_server() -> Generator[str]:
    """A server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("client", [by_own_client, by_obstore])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_server_that_never_answers_is_given_up(
    provider: str, client: Client, silent_server: str
) -> None:
    storage = storage_at(silent_server, max_attempts=2, timeout=timedelta(milliseconds=50))
    location = parse_destination(PROVIDERS[provider][0])

    with pytest.raises(StoreUnreachableError):
        client(storage, location)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_clients_use_the_proxy_of_the_environment(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, of_own_client, of_obstore = PROVIDERS[provider]
    storage, location = storage_at("http://storage.example"), parse_destination(uri)
    with canned_answers((200, of_own_client), (200, of_obstore)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)

        assert by_own_client(storage, location) == by_obstore(storage, location) == []

    assert len(proxy.requests) == 2
    assert all(request.startswith("GET http://storage.example/") for request in proxy.requests)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_clients_use_the_server_that_the_environment_names(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, of_own_client, of_obstore = PROVIDERS[provider]
    # Stores are kept for the whole process, and other tests have another environment.
    location = parse_destination(uri.replace("bucket", "of-the-environment"))
    with canned_answers((200, of_own_client), (200, of_obstore)) as emulator:
        for name, value in {
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            # Google's needs no credentials, and may be named without a scheme.
            "STORAGE_EMULATOR_HOST": emulator.url.removeprefix("http://"),
            "AZURE_STORAGE_CONNECTION_STRING": f"BlobEndpoint={emulator.url}/one;AccountKey=a2V5",
        }.items():
            monkeypatch.setenv(name, value)

        assert by_own_client(Storage(), location) == by_obstore(Storage(), location) == []

    assert len(emulator.requests) == 2
