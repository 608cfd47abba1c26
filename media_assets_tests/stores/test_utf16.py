"""Code point order out of UTF-16 order."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from media_assets.stores.utf16 import before_differing, in_code_point_order

if TYPE_CHECKING:
    from obstore import ObjectMeta

KEYS = st.text("a/\ud7ff\ue000\uffee😀", min_size=1, max_size=5)
NOW = datetime.now(UTC)


@given(st.sets(KEYS))
def test_any_listing_in_utf16_order_comes_out_in_code_point_order(keys: set[str]) -> None:
    listed = [file_of(key) for key in sorted(keys, key=in_utf16)]

    assert [file["path"] for file in in_code_point_order(listed)] == sorted(keys)


@given(KEYS, KEYS)
def test_what_comes_after_a_key_also_comes_after_what_precedes_its_first_odd_character(
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
