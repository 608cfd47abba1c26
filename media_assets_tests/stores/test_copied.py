"""A store with copies: what every store promises, and what the copies are for."""

from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.cache import Cache
from media_assets.errors import StoredFileMissingError
from media_assets.stores import Store
from media_assets.stores.copied import with_copies
from media_assets.stores.memory import MemoryStore
from media_assets_tests.stores.contract import StoreContract, staged

__all__ = ["staged"]


class TestCopiedStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return with_copies(MemoryStore(f"test-{uuid4().hex}"), Cache(tmp_path / "cache"))

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"


@pytest.fixture
def bucket() -> Store:
    store = MemoryStore(uuid4().hex)
    store.put("a", b"content")
    return store


def listed(store: Store, cache: Cache) -> Store:
    """A store that was just opened, as in another process, and listed."""
    opened = with_copies(store, cache)
    assert [file.key for file in opened.list()] == ["a"]
    return opened


def test_a_file_that_was_read_once_is_read_from_its_copy(bucket: Store, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    first = listed(bucket, cache).get("a")

    again = listed(bucket, cache).get("a")

    assert first == again == b"content"
    assert (cache.counts.hits, cache.counts.misses) == (1, 0)


def test_what_was_downloaded_once_is_downloaded_from_its_copy(
    bucket: Store, tmp_path: Path
) -> None:
    cache = Cache(tmp_path / "cache")
    listed(bucket, cache).download("a", tmp_path / "first")
    (tmp_path / "first").unlink()

    listed(bucket, cache).download("a", tmp_path / "again")

    assert (tmp_path / "again").read_bytes() == b"content"
    assert (cache.counts.hits, cache.counts.misses) == (1, 0)


def test_a_replaced_file_is_read_again(bucket: Store, tmp_path: Path) -> None:
    listed(bucket, Cache(tmp_path)).get("a")
    bucket.put("a", b"other content")

    assert listed(bucket, Cache(tmp_path)).get("a") == b"other content"


def test_a_damaged_copy_is_read_again(bucket: Store, tmp_path: Path) -> None:
    listed(bucket, Cache(tmp_path)).get("a")
    (copy,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())
    copy.write_bytes(b"damaged")

    assert listed(bucket, Cache(tmp_path)).get("a") == b"content"


def test_an_unlisted_file_is_read_from_the_bucket(bucket: Store, tmp_path: Path) -> None:
    store = listed(bucket, Cache(tmp_path))
    store.get("a")
    store.delete(["a"])

    with pytest.raises(StoredFileMissingError):
        store.get("a")


def test_without_room_for_copies_everything_is_read(bucket: Store, tmp_path: Path) -> None:
    cache = Cache(tmp_path, 0)

    assert listed(bucket, cache).get("a") == listed(bucket, cache).get("a") == b"content"
