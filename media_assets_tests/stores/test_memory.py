"""The memory store: the contract, and that a name is one bucket within the process."""

from datetime import timedelta
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import NotSignableError, UnsafeKeyError
from media_assets.stores import Storage, Store
from media_assets.stores.memory import MemoryStore
from media_assets_tests.stores.contract import StoreContract, staged

__all__ = ["staged"]


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore(f"test-{uuid4().hex}")

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"


def test_all_stores_of_one_name_hold_the_same_files() -> None:
    name = f"test-{uuid4().hex}"
    MemoryStore(name).put("a/b", b"content")

    store = Storage().open(parse_destination(f"memory://{name}/a/"))

    assert store.get("a/b") == b"content"
    assert list(MemoryStore(f"{name}-other").list()) == []


def test_a_bucket_is_opened_once_for_all_destinations_in_it() -> None:
    one = Storage().open(parse_destination("memory://shared/one/"))
    other = Storage().open(parse_destination("memory://shared/other/"))

    assert one is other
    assert Storage().open(parse_destination("/one")) is Storage().open(parse_destination("/other"))


def test_a_file_in_memory_has_a_fileurl_and_no_path_and_no_presigned_url() -> None:
    store = MemoryStore("tests")

    assert store.fileurl("a/b.jpg") == "memory://tests/a/b.jpg"
    assert store.path("a/b.jpg") is None
    assert store.staging_folder("a/") is None
    with pytest.raises(NotSignableError, match="Only files in cloud storage can be signed"):
        store.sign("a/b.jpg", timedelta(hours=1))


@pytest.mark.parametrize("key", ["a\nb", "a\x7fb", "é" * 513])
def test_a_key_that_no_object_storage_takes_is_refused(key: str) -> None:
    with pytest.raises(UnsafeKeyError):
        MemoryStore("tests").put(key, b"")
