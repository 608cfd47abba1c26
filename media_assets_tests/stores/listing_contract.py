"""What every store's `list` has to pass; part of `StoreContract`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from media_assets.stores import Store


class ListingContract:
    """The tests. A subclass gives a `store`, and in `base` a key prefix that nothing is under."""

    LONG_LISTING = 2100
    """How many files take several requests to list; fewer where a server is slow."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def base(self) -> str:
        raise NotImplementedError

    def test_head_and_list_say_the_same(self, store: Store, base: str) -> None:
        before = datetime.now(UTC) - timedelta(seconds=2)
        store.put(f"{base}a", b"12345")

        file = store.head(f"{base}a")

        assert [file] == list(store.list(base))
        assert (file.key, file.size_bytes) == (f"{base}a", 5)
        assert before <= file.modified_at <= datetime.now(UTC) + timedelta(seconds=2)

    def test_a_listing_is_sorted_by_code_point_across_folders(
        self, store: Store, base: str
    ) -> None:
        names = [
            "a-b",
            "a.jpg",
            "a/b",
            "a/b.c",
            "a/b/c",
            "a0",
            "B",
            "a b/c",
            "é/x",
            "z",
            "\uffee",
            "😀",
        ]
        keys = [f"{base}{name}" for name in names if name != "a/b"]
        for key in reversed(keys):
            store.put(key, b"")

        assert [file.key for file in store.list(base)] == sorted(keys)

    def test_a_prefix_is_any_text_that_keys_begin_with(self, store: Store, base: str) -> None:
        for name in ("ab", "abc", "ab.d/x", "ac", "b/ab"):
            store.put(f"{base}{name}", b"")

        def listed(prefix: str) -> list[str]:
            return [file.key.removeprefix(base) for file in store.list(base + prefix)]

        assert listed("ab") == ["ab", "ab.d/x", "abc"]
        assert listed("ab.d") == ["ab.d/x"]
        assert listed("ab.d/") == ["ab.d/x"]
        assert listed("ab/") == []
        assert listed("b/a") == ["b/ab"]
        assert listed("zzz/zzz") == []

    @pytest.mark.parametrize("suffix", ["/", "//", "../", "./", "a//b", "a/../", "a\0/b"])
    def test_a_prefix_that_no_key_can_begin_with_finds_nothing(
        self, store: Store, base: str, suffix: str
    ) -> None:
        store.put(f"{base}a/b", b"")

        assert list(store.list(base + suffix)) == []

    def test_a_listing_resumes_after_any_key(self, store: Store, base: str) -> None:
        names = ["a", "b/a", "b/b/a", "b/b/b", "b/c", "c", "d/a"]
        for name in names:
            store.put(base + name, b"")

        for after in [
            *names,
            "",
            "b",
            "b/",
            "b/b",
            "b/b/",
            "b/b/a0",
            "b/bb",
            "b0",
            "d/",
            "e",
            "//",
        ]:
            listed = [file.key for file in store.list(base, start_after=base + after)]
            assert listed == [base + name for name in names if base + name > base + after]

    def test_folders_are_what_keys_share_up_to_a_slash(self, store: Store, base: str) -> None:
        for name in ("b/a", "b/b/c", "a.d/x", "é k/x", "Z/x", "a", "bc"):
            store.put(base + name, b"")

        assert list(store.folders(base)) == ["Z", "a.d", "b", "é k"]
        assert list(store.folders(f"{base}b/")) == ["b"]
        for empty in ("Z/", "none/", "a/", "/", "b//", "../"):
            assert list(store.folders(base + empty)) == []

    def test_any_listing_holds_what_its_definition_says(self, store: Store, base: str) -> None:
        @settings(max_examples=30, deadline=None, database=None)
        @given(
            names=st.lists(st.text("ab/.-", min_size=1, max_size=5), max_size=8),
            prefix=st.text("ab/.-", max_size=3),
            start_after=st.text("ab/.-", max_size=5),
        )
        def check(names: list[str], prefix: str, start_after: str) -> None:
            store.delete([file.key for file in store.list(base)])
            keys = {f"{base}h/{_as_files(name)}" for name in names}
            for key in keys:
                store.put(key, b"")

            wanted, after = f"{base}h/{prefix}", f"{base}h/{start_after}"
            found = [file.key for file in store.list(wanted, start_after=after)]

            assert found == sorted(key for key in keys if key.startswith(wanted) and key > after)

        check()

    def test_a_long_listing_is_complete(self, store: Store, base: str) -> None:
        keys = [f"{base}{number // 100}/{number:05d}" for number in range(self.LONG_LISTING)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: store.put(key, b""), keys))

        assert [file.key for file in store.list(base)] == sorted(keys)

        store.delete(keys)
        assert list(store.list(base)) == []


def _as_files(name: str) -> str:
    """Makes a drawn name one that a folder tree can hold beside any other: files end in `f`."""
    return "/".join(f"{part}d" for part in name.split("/")) + "f"
