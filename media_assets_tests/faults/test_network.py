"""Every fault of the network, between the client and each real server."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import (
    ClockSkewError,
    CredentialsRefusedError,
    FileExistsInStoreError,
    StoreDeniedError,
    StoredFileRefusedError,
    StoreFaultError,
)
from media_assets.reading import Reader
from media_assets.stores import Storage, Store
from media_assets.stores.settings import StoreSettings
from media_assets_tests.faults.proxy import Fault, FaultProxy, FirstTimes, fault_proxy

if TYPE_CHECKING:
    from media_assets_tests.servers.azurite import AzureServer
    from media_assets_tests.servers.gcs import GcsServer
    from media_assets_tests.servers.s3 import S3Server

Settings = TypeVar("Settings", bound=StoreSettings)

CONTENT = bytes(range(256)) * 200


@dataclass(frozen=True)
class Behind:
    """A bucket of a real server, and how it is reached straight and through a proxy."""

    uri: str
    server: str
    straight: Storage
    through: Callable[[str], Storage]


@pytest.fixture(params=["s3", "gcs", "azure"])
def behind(request: pytest.FixtureRequest) -> Behind:
    name = f"network-{uuid4().hex}"
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3_server")
        s3.make_bucket(name)
        settings = quick(s3.settings)
        return Behind(
            f"s3://{name}/", s3.url, Storage(s3=settings),
            lambda url: Storage(s3=replace(settings, endpoint=url)),
        )  # fmt: skip
    if request.param == "gcs":
        gcs: GcsServer = request.getfixturevalue("gcs_server")
        gcs.make_bucket(name)
        google = quick(gcs.settings)
        return Behind(
            f"gs://{name}/", gcs.url, Storage(gcs=google),
            lambda url: Storage(gcs=replace(google, endpoint=url)),
        )  # fmt: skip
    azure: AzureServer = request.getfixturevalue("azure_server")
    azure.make_container(name)
    account = quick(azure.settings)
    address, _, path = azure.url.rpartition("/")
    return Behind(
        f"az://{name}/", address, Storage(azure=account),
        lambda url: Storage(azure=replace(account, account_url=f"{url}/{path}")),
    )  # fmt: skip


def quick(settings: Settings) -> Settings:
    """Settings that give up on a silent server within a test's patience."""
    return replace(settings, timeout=timedelta(seconds=1))


LASTING = {Fault.DENIED: StoreDeniedError, Fault.SKEWED_CLOCK: ClockSkewError}
ANY_METHOD = ["GET", "PUT", "POST", "DELETE"]
PASSING = [fault for fault in Fault if fault not in LASTING]


def stores(behind: Behind, proxy: FaultProxy) -> tuple[Store, Store]:
    """The bucket through the proxy, and straight."""
    root = parse_destination(behind.uri)
    return behind.through(proxy.url).open(root), behind.straight.open(root)


@pytest.mark.parametrize("fault", PASSING)
def test_a_write_outlives_a_fault_that_passes(behind: Behind, fault: Fault, tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_bytes(CONTENT)
    with fault_proxy(behind.server, FirstTimes(fault, ["PUT"])) as proxy:
        store, straight = stores(behind, proxy)
        if is_refused(behind, fault):
            with pytest.raises(StoreFaultError):
                store.put_file("a", staged)
            assert list(straight.list()) == []
            return

        store.put_file("a", staged)

        assert proxy.faults == [fault]
        assert straight.get("a") == CONTENT


@pytest.mark.faults
@pytest.mark.parametrize("fault", PASSING)
def test_a_file_is_created_once_whatever_passes(behind: Behind, fault: Fault) -> None:
    with fault_proxy(behind.server, FirstTimes(fault, ["PUT"])) as proxy:
        store, straight = stores(behind, proxy)
        if is_refused(behind, fault):
            with pytest.raises(StoreFaultError):
                store.create("a", CONTENT)
            assert list(straight.list()) == []
            return

        store.create("a", CONTENT)

        assert proxy.faults == [fault]
        assert straight.get("a") == CONTENT
        with pytest.raises(FileExistsInStoreError):
            store.create("a", b"another's")


@pytest.mark.parametrize("fault", PASSING)
def test_what_is_read_is_what_was_written_whatever_passes(behind: Behind, fault: Fault) -> None:
    with fault_proxy(behind.server, FirstTimes(fault, ["GET"])) as proxy:
        store, straight = stores(behind, proxy)
        straight.put("a", CONTENT)
        digest = sha256(CONTENT).hexdigest()

        data = Reader(behind.through(proxy.url)).read(
            store.fileurl("a"), max_bytes=1_000_000, digest=digest
        )

        assert proxy.faults == [fault]
        assert data == CONTENT


@pytest.mark.faults
@pytest.mark.parametrize("fault", PASSING)
def test_a_listing_is_complete_whatever_passes(behind: Behind, fault: Fault) -> None:
    with fault_proxy(behind.server, FirstTimes(fault, ["GET"])) as proxy:
        store, straight = stores(behind, proxy)
        for number in range(3):
            straight.put(f"{number}/a", b"")

        listed = [file.key for file in store.list()]

        assert proxy.faults == [fault]
        assert listed == ["0/a", "1/a", "2/a"]


@pytest.mark.faults
@pytest.mark.parametrize("fault", PASSING)
def test_what_is_deleted_is_gone_and_nothing_else_whatever_passes(
    behind: Behind, fault: Fault
) -> None:
    with fault_proxy(behind.server, FirstTimes(fault, ["POST", "DELETE"])) as proxy:
        store, straight = stores(behind, proxy)
        for key in "abc":
            straight.put(key, CONTENT)

        if is_refused(behind, fault):
            with pytest.raises(CredentialsRefusedError):
                store.delete(["a", "b"])
            assert [file.key for file in straight.list()] == ["a", "b", "c"]
            return

        store.delete(["a", "b"])

        assert proxy.faults == [fault]
        left = [file.key for file in straight.list()]
        assert left == ["c"] or (is_unchecked(behind, fault) and left == ["b", "c"])


@pytest.mark.faults
@pytest.mark.parametrize("fault", PASSING)
def test_a_copy_is_the_same_file_whatever_passes(behind: Behind, fault: Fault) -> None:
    with fault_proxy(behind.server, FirstTimes(fault, ["POST", "PUT"])) as proxy:
        store, straight = stores(behind, proxy)
        straight.put("a", CONTENT)

        store.copy("a", "b")

        assert proxy.faults == [fault]
        assert {key: straight.get(key) for key in "ab"} == dict.fromkeys("ab", CONTENT)


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_is_reported_at_once(behind: Behind, fault: Fault) -> None:
    with fault_proxy(behind.server, FirstTimes(fault, ANY_METHOD, times=100)) as proxy:
        store, straight = stores(behind, proxy)
        straight.put("a", CONTENT)
        verbs: list[Callable[[], object]] = [
            lambda: store.put("b", CONTENT),
            lambda: store.create("c", CONTENT),
            lambda: store.get("a"),  # what is denied is this file
            lambda: list(store.list()),
            lambda: store.delete(["a"]),
            lambda: store.copy("a", "d"),
        ]

        for number, verb in enumerate(verbs):
            is_reading = fault is Fault.DENIED and number == 2
            with pytest.raises(StoredFileRefusedError if is_reading else LASTING[fault]):
                verb()

        assert proxy.faults == [fault] * len(verbs)
        assert [file.key for file in straight.list()] == ["a"]


def is_refused(behind: Behind, fault: Fault) -> bool:
    """Whether the server takes the damage for a forgery: Azure's signature covers the length."""
    return fault is Fault.SHORT_BODY and behind.uri.startswith("az:")


def is_unchecked(behind: Behind, fault: Fault) -> bool:
    """Whether a name may be another one on its way: Azure checks no content over plain http."""
    return fault is Fault.FLIPPED_BYTE and behind.uri.startswith("az:")
