"""Azure Blob Storage: the contracts on Azurite, accounts, and rarer faults."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st

from media_assets.destinations import parse_destination
from media_assets.errors import (
    ClockSkewError,
    CredentialsMissingError,
    ExpiryError,
    MissingExtraError,
    NotSignableError,
    ServerUnknownError,
    StoreDeniedError,
    StoredFileMissingError,
    UnsafeKeyError,
)
from media_assets.stores import Storage, Store
from media_assets.stores.azure import AzureSettings, before_differing, in_code_point_order
from media_assets.stores.azure_account import AzureAccount
from media_assets.uploads.listing import open_listing
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.servers.web import fetch
from media_assets_tests.stores.contract import StoreContract, staged
from media_assets_tests.stores.faults_contract import FaultsContract, FaultyStores
from media_assets_tests.stores.signing_contract import HOUR, SigningContract

if TYPE_CHECKING:
    from obstore import ObjectMeta

__all__ = ["staged"]

KEY = b64encode(b"key").decode()
ONE = AzureSettings(account_url="https://one.blob.core.windows.net", account_key=KEY)
SKEW = (
    "<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request."
    "</Message><AuthenticationErrorDetail>Request date header too old: 'Sun'"
    "</AuthenticationErrorDetail></Error>"
)
FIREWALL = (
    "<Error><Code>AuthorizationFailure</Code><Message>This request is not authorized.</Message>"
    "</Error>"
)


class TestAzureStore(StoreContract, SigningContract, FaultsContract):
    WITHOUT_SUCH_A_FILE = (UnsafeKeyError, StoredFileMissingError)
    READ_BACK = 15

    LONG_LISTING = 210
    LONGEST = None

    @pytest.fixture
    def container(self, azure_server: AzureServer) -> str:
        return azure_server.make_container(f"azure-{uuid4().hex}")

    @pytest.fixture
    def store(self, azure_server: AzureServer, container: str) -> Store:
        return opened(container, azure_server.settings)

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"

    @pytest.fixture
    def faulty(self, azure_server: AzureServer, container: str, store: Store) -> FaultyStores:
        nobody = replace(azure_server.settings, account_url="http://127.0.0.1:1/a", max_attempts=2)
        return FaultyStores(
            of_missing_bucket=opened("no-such-container", azure_server.settings),
            with_wrong_secret=opened(container, replace(azure_server.settings, account_key=KEY)),
            of_reader=opened(container, azure_server.reader(container)),
            of_nobody=opened(container, nobody),
            owner=store,
        )

    @pytest.fixture
    def requests(self, azure_server: AzureServer, container: str) -> Callable[[], list[str]]:
        return lambda: azure_server.requests(container)

    def test_by_an_account_key_a_url_may_live_for_years(self, store: Store) -> None:
        store.put("a", b"content")

        assert fetch(store.sign("a", timedelta(days=3650))).body == b"content"

    def test_who_has_only_a_signature_cannot_sign(
        self, azure_server: AzureServer, container: str
    ) -> None:
        for settings in (
            azure_server.reader(container),
            AzureSettings(account_url=azure_server.url, is_anonymous=True),
        ):
            with pytest.raises(NotSignableError, match="no key to sign with"):
                opened(container, settings).sign("a", HOUR)


def test_an_identity_signs_for_seven_days_at_most() -> None:
    with pytest.raises(ExpiryError, match=r"604,800 s \(7 days\) \(Azure: a user delegation key"):
        opened("container", replace(ONE, account_key=None)).sign("a", timedelta(days=8))


@pytest.mark.parametrize(("body", "error"), [(SKEW, ClockSkewError), (FIREWALL, StoreDeniedError)])
def test_answers_that_azurite_never_gives_are_recognized(body: str, error: type[Exception]) -> None:
    with canned_answers((403, body)) as server:
        settings = AzureSettings(account_url=f"{server.url}/one", account_key=KEY)

        with pytest.raises(error) as caught:
            opened("container", settings).put("a", b"")

    assert type(caught.value) is error


@pytest.mark.usefixtures("no_azure")
@pytest.mark.parametrize(
    ("uri", "settings", "environment", "expected"),
    [
        ("az://box/", ONE, {}, AzureAccount("https://one.blob.core.windows.net", KEY)),
        ("az://box@one.blob.core.windows.net/", ONE, {},
         AzureAccount("https://one.blob.core.windows.net", KEY)),
        ("wasbs://box@two.blob.core.windows.net/", ONE, {},
         AzureAccount("https://two.blob.core.windows.net")),
        ("wasbs://box@two.blob.core.windows.net/", ONE,
         {"AZURE_STORAGE_ACCOUNT_NAME": "two", "AZURE_STORAGE_ACCOUNT_KEY": "k2"},
         AzureAccount("https://two.blob.core.windows.net", "k2")),
        ("az://box/", AzureSettings(),
         {"AZURE_STORAGE_ACCOUNT": "two", "AZURE_STORAGE_SAS_TOKEN": "sig=1"},
         AzureAccount("https://two.blob.core.windows.net", None, "sig=1")),
        ("az://box/", AzureSettings(),
         {"AZURE_STORAGE_CONNECTION_STRING": "AccountName=two;AccountKey=a==;EndpointSuffix=x.y"},
         AzureAccount("https://two.blob.x.y", "a==")),
        ("az://box/", AzureSettings(),
         {"AZURE_STORAGE_CONNECTION_STRING": "BlobEndpoint=http://h:1/dev/;AccountKey=a=="},
         AzureAccount("http://h:1/dev", "a==")),
    ],
)  # fmt: skip
def test_a_secret_is_used_for_its_own_account_only(
    uri: str,
    settings: AzureSettings,
    environment: dict[str, str],
    expected: AzureAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert AzureAccount.of(parse_destination(uri), settings) == expected


def test_the_name_of_an_account_is_in_the_host_or_the_path() -> None:
    assert AzureAccount("https://one.blob.core.windows.net").name == "one"
    assert AzureAccount("http://127.0.0.1:10000/devstoreaccount1").name == "devstoreaccount1"


@pytest.mark.usefixtures("no_azure")
def test_a_container_without_an_account_says_how_to_name_it() -> None:
    with pytest.raises(ServerUnknownError, match="AZURE_STORAGE_ACCOUNT_NAME"):
        opened("container", AzureSettings()).put("a", b"")


@pytest.mark.usefixtures("no_azure")
def test_a_missing_extra_is_reported_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "azure.identity", None)

    with pytest.raises(MissingExtraError, match=r'pip install "media-assets\[azure\]"'):
        opened("container", replace(ONE, account_key=None)).put("a", b"")


def opened(container: str, settings: AzureSettings) -> Store:
    root = parse_destination(f"az://{container}/")
    applied = Storage(azure=settings).settings(root)
    assert applied is settings
    return settings.open(root)


ONLY_A_MANAGED_IDENTITY = tuple(
    (f"exclude_{name}_credential", True)
    for name in ("cli", "powershell", "developer_cli", "shared_token_cache", "workload_identity")
)


@pytest.mark.usefixtures("no_azure")
def test_a_final_answer_about_credentials_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with canned_answers((400, '{"error": "invalid_request"}')) as metadata:
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", metadata.url)
        settings = replace(ONE, account_key=None, identity_options=ONLY_A_MANAGED_IDENTITY)
        location = parse_destination("az://container/in/")
        listing = open_listing(location, Storage(azure=settings), user="a test")

        with pytest.raises(CredentialsMissingError) as of_listing:
            list(listing.files())
        of_one_listing = len(metadata.requests)
        store = opened("container", settings)
        for verb in (lambda: store.put("a", b""), lambda: store.get("a"), lambda: store.head("a")):
            with pytest.raises(
                CredentialsMissingError, match="no usable Azure credentials"
            ) as of_store:
                verb()
        with pytest.raises(CredentialsMissingError):
            store.sign("a", HOUR)

    assert (of_one_listing, len(metadata.requests)) == (1, 2)
    for caught in (of_listing, of_store):
        assert "\n" not in str(caught.value)
    assert "az login" in str(of_listing.value)
    assert caplog.text == ""


KEYS = st.text("a/\ud7ff\ue000\uffee😀", min_size=1, max_size=5)
NOW = datetime.now(UTC)


@given(st.sets(KEYS))
def test_any_listing_in_utf16_order_comes_out_in_code_point_order(keys: set[str]) -> None:
    listed = [file_of(key) for key in sorted(keys, key=in_utf16)]

    assert [file["path"] for file in in_code_point_order(listed)] == sorted(keys)


@given(KEYS, KEYS)
def test_keys_after_a_key_also_come_after_the_part_before_its_first_odd_character(
    key: str, after: str
) -> None:
    before = before_differing(after)
    start = after if before is None else before

    if key > after:
        assert in_utf16(key) > in_utf16(start)


def in_utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


def file_of(key: str) -> "ObjectMeta":
    return {"path": key, "last_modified": NOW, "size": 0, "e_tag": None, "version": None}
