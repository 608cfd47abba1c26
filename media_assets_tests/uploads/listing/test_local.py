"""Uploads in a local folder."""

from pathlib import Path

import pytest

from media_assets.uploads.listing import Listing, LocalListing
from media_assets_tests.uploads.listing.contract import ODD, ListingContract, Put


class TestLocalListing(ListingContract):
    KEYS = tuple([key for key in ODD if not key.endswith("/")])

    @pytest.fixture
    def listing(self, tmp_path: Path) -> Listing:
        return LocalListing(tmp_path / "uploads")

    @pytest.fixture
    def put(self, tmp_path: Path) -> Put:
        def put(key: str, content: bytes) -> None:
            path = tmp_path / "uploads" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        return put


def test_a_file_that_was_touched_just_now_may_still_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")

    (file,) = LocalListing(tmp_path).files()

    assert not file.is_settled
