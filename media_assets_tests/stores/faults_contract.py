"""What goes wrong at a server, told apart: every cloud store's faults on a real one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from media_assets.errors import (
    BucketMissingError,
    CredentialsRefusedError,
    FileExistsInStoreError,
    StoreDeniedError,
    StoreUnreachableError,
)
from media_assets.stores import Store


@dataclass(frozen=True)
class FaultyStores:
    """Stores of one server, each with one thing wrong."""

    of_missing_bucket: Store
    with_wrong_secret: Store
    of_reader: Store
    of_nobody: Store
    owner: Store


class FaultsContract:
    """The tests. A subclass gives the `faulty` stores, and counts the `requests` to a store."""

    READ_BACK = 0
    """Writes that are read again, as neither TLS nor the answer vouches for them."""

    @pytest.fixture
    def faulty(self) -> FaultyStores:
        raise NotImplementedError

    @pytest.fixture
    def requests(self) -> Callable[[], list[str]]:
        raise NotImplementedError

    def test_a_missing_bucket_is_reported(self, faulty: FaultyStores, tmp_path: Path) -> None:
        store = faulty.of_missing_bucket
        staged = tmp_path / "staged"
        staged.write_bytes(b"staged")

        for verb in (
            lambda: store.put("a", b""),
            lambda: store.put_file("a", staged),
            lambda: store.create("a", b""),
            lambda: store.get("a"),
            lambda: list(store.list()),
        ):
            with pytest.raises(BucketMissingError, match="the bucket does not exist"):
                verb()
        assert staged.exists()

    def test_a_wrong_secret_is_reported_but_not_shown(self, faulty: FaultyStores) -> None:
        for verb in (
            lambda: faulty.with_wrong_secret.put("a", b""),
            lambda: faulty.with_wrong_secret.get("a"),
            lambda: list(faulty.with_wrong_secret.list()),
        ):
            with pytest.raises(CredentialsRefusedError, match="key, secret or token is wrong") as c:
                verb()
            assert "\n" not in str(c.value)

    def test_who_may_only_read_is_denied_to_write(self, faulty: FaultyStores) -> None:
        faulty.owner.put("a", b"content")

        assert faulty.of_reader.get("a") == b"content"
        assert [file.key for file in faulty.of_reader.list()] == ["a"]
        for verb in (
            lambda: faulty.of_reader.put("a", b""),
            lambda: faulty.of_reader.create("b", b""),
            lambda: faulty.of_reader.delete(["a"]),
        ):
            with pytest.raises(StoreDeniedError):
                verb()
        assert faulty.owner.get("a") == b"content"

    def test_an_unreachable_server_is_reported(self, faulty: FaultyStores) -> None:
        with pytest.raises(StoreUnreachableError, match="connection refused"):
            faulty.of_nobody.put("a", b"")

    def test_every_write_is_exactly_one_request(
        self, faulty: FaultyStores, requests: Callable[[], list[str]], tmp_path: Path
    ) -> None:
        before = len(requests())
        for number in range(5):
            staged = tmp_path / "staged"
            staged.write_bytes(b"x" * 8_000_000)
            faulty.owner.put(f"put/{number}", b"x" * 40_000, content_type="image/jpeg")
            faulty.owner.put_file(f"file/{number}", staged, content_type="image/jpeg")
            faulty.owner.create(f"new/{number}", b"x" * 40_000)
        with pytest.raises(FileExistsInStoreError):
            faulty.owner.create("new/0", b"")

        writes = requests()[before:]

        assert len(writes) - self.READ_BACK == 16
        assert len([request for request in writes if request.startswith("PUT ")]) == 16
