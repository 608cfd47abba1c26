"""What every store has to pass. A store's own test subclasses `StoreContract`."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from media_assets.destinations import parse_fileurl
from media_assets.errors import FileExistsInStoreError, StoredFileMissingError, UnsafeKeyError
from media_assets.stores import Store, staging_name
from media_assets_tests.stores.listing_contract import ListingContract

NAMES_THAT_ARE_HARD = [
    "a b.jpg",
    "a%20b.jpg",
    "100%.jpg",
    "a+b&c=d.jpg",
    "a#1?x.jpg",
    "é.jpg",
    "e\u0301.jpg",
    "日本 😀.jpg",
    "a;b:c@d,e!f$g'h(i)j*k[l]m{n}o|p^q`r~s.jpg",
    'quote".jpg',
    " edge .jpg",
    "-dash",
    "..dots..",
    ".hidden",
    "CON",
    "x" * 200,
]
UNSAFE_KEYS = ["", "/a", "a/", "a//b", "a/../b", "..", "a/./b", "a\0b", "\ud800"]
WRITING: list[Callable[[Store, str], object]] = [
    lambda store, key: store.put(key, b""),
    lambda store, key: store.create(key, b""),
    lambda store, key: store.delete([key]),
    lambda store, key: store.copy(key, "a"),
    lambda store, key: store.copy("a", key),
]
READING: list[Callable[[Store, str], object]] = [
    lambda store, key: store.get(key),
    lambda store, key: list(store.stream(key)),
    lambda store, key: store.download(key, Path(os.devnull)),
    lambda store, key: store.head(key),
]


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A file that is ready to be put."""
    path = tmp_path / "staged"
    path.write_bytes(b"staged")
    return path


class StoreContract(ListingContract):
    """The tests. A subclass gives a `store`, and in `base` a key prefix that nothing is under."""

    WITHOUT_SUCH_A_FILE: tuple[type[Exception], ...] = (UnsafeKeyError,)
    """What reading a key says that no store writes; some storages hold such keys of others."""

    @pytest.mark.parametrize("name", NAMES_THAT_ARE_HARD)
    def test_a_file_of_any_name_comes_back(self, store: Store, base: str, name: str) -> None:
        key = f"{base}{name}/{name}"

        store.put(key, b"content", content_type="image/jpeg")

        assert store.get(key) == b"content"
        assert [file.key for file in store.list(base)] == [key]
        assert parse_fileurl(store.fileurl(key))[1] == key

    @pytest.mark.parametrize("size", [0, 1, 10_000, 6_000_000])
    def test_a_file_of_any_size_comes_back_whole_and_in_chunks(
        self, store: Store, base: str, tmp_path: Path, size: int
    ) -> None:
        data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

        store.put(f"{base}a", data)

        assert store.get(f"{base}a") == data
        assert store.head(f"{base}a").size_bytes == size
        chunks = list(store.stream(f"{base}a", chunk_bytes=4096))
        assert b"".join(chunks) == data
        assert all(1 <= len(chunk) <= 4096 for chunk in chunks)
        store.download(f"{base}a", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == data

    def test_put_replaces_what_is_there(self, store: Store, base: str) -> None:
        store.put(f"{base}a", b"a longer first version")
        first = store.head(f"{base}a")

        store.put(f"{base}a", b"second")

        assert store.get(f"{base}a") == b"second"
        assert store.head(f"{base}a").etag != first.etag

    def test_put_file_takes_the_staged_file_away(
        self, store: Store, base: str, staged: Path
    ) -> None:
        store.put(f"{base}folder/a", b"before")

        store.put_file(f"{base}folder/a", staged, content_type="image/jpeg")

        assert store.get(f"{base}folder/a") == b"staged"
        assert not staged.exists()

    def test_put_file_of_nothing_says_so(self, store: Store, base: str, tmp_path: Path) -> None:
        with pytest.raises(StoredFileMissingError, match="nothing-here"):
            store.put_file(f"{base}a", tmp_path / "nothing-here")

        assert list(store.list(base)) == []

    def test_a_file_staged_in_the_staging_folder_is_hidden_until_it_is_put(
        self, store: Store, base: str, tmp_path: Path
    ) -> None:
        folder = store.staging_folder(f"{base}photos/flipped/") or tmp_path
        staged = folder / staging_name()

        staged.write_bytes(b"staged")

        assert list(store.list(base)) == []
        store.put_file(f"{base}photos/flipped/a.jpg", staged)
        assert [file.key for file in store.list(base)] == [f"{base}photos/flipped/a.jpg"]
        assert list(store.list_staged(base)) == []

    def test_create_makes_a_file_once(self, store: Store, base: str) -> None:
        store.create(f"{base}folder/new/1", b"first")

        with pytest.raises(FileExistsInStoreError, match="new/1"):
            store.create(f"{base}folder/new/1", b"second")

        assert store.get(f"{base}folder/new/1") == b"first"
        assert [file.key for file in store.list(base)] == [f"{base}folder/new/1"]
        assert list(store.list_staged(base)) == []

    def test_create_refuses_what_was_put(self, store: Store, base: str) -> None:
        store.put(f"{base}a", b"first")

        with pytest.raises(FileExistsInStoreError):
            store.create(f"{base}a", b"second")

    def test_of_eight_threads_that_create_one_file_exactly_one_succeeds(
        self, store: Store, base: str
    ) -> None:
        barrier = Barrier(8)

        def create(number: int) -> list[bool]:
            won: list[bool] = []
            for round_number in range(10):
                barrier.wait()
                try:
                    store.create(f"{base}race/{round_number}", str(number).encode() * 1000)
                except FileExistsInStoreError:
                    won.append(False)
                else:
                    won.append(True)
            return won

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(create, range(8)))

        for round_number in range(10):
            winners = [n for n, won in enumerate(results) if won[round_number]]
            assert len(winners) == 1
            assert store.get(f"{base}race/{round_number}") == str(winners[0]).encode() * 1000

    def test_readers_never_see_a_torn_file_while_writers_replace_it(
        self, store: Store, base: str
    ) -> None:
        contents = [bytes([number]) * 200_000 for number in range(4)]
        store.put(f"{base}a", contents[0])

        def write(content: bytes) -> None:
            for _ in range(10):
                store.put(f"{base}a", content)

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, content) for content in contents]
            while not all(writer.done() for writer in writers):
                assert store.get(f"{base}a") in contents
            for writer in writers:
                writer.result()

    def test_a_file_that_is_not_there_is_missing(
        self, store: Store, base: str, tmp_path: Path
    ) -> None:
        store.put(f"{base}folder/a", b"")
        verbs: list[Callable[[str], object]] = [
            store.get,
            store.head,
            lambda key: list(store.stream(key)),
            lambda key: store.download(key, tmp_path / "copy"),
            lambda key: store.copy(key, f"{base}copy"),
        ]

        for key in (f"{base}nothing", f"{base}no/folder", f"{base}folder"):
            for verb in verbs:
                with pytest.raises(StoredFileMissingError, match=key.rpartition("/")[2]):
                    verb(key)
        assert [file.key for file in store.list(base)] == [f"{base}folder/a"]

    def test_deleting_passes_over_what_is_not_there(self, store: Store, base: str) -> None:
        for name in ("a", "b", "folder/c"):
            store.put(base + name, b"")

        store.delete(base + name for name in ("x", "a", "a", "folder", "a/below", "b", "y/z"))

        assert [file.key for file in store.list(base)] == [f"{base}folder/c"]
        store.delete([])

    def test_a_copy_holds_the_same_and_leaves_the_source(self, store: Store, base: str) -> None:
        store.put(f"{base}a", b"content")
        store.put(f"{base}there", b"before")

        store.copy(f"{base}a", f"{base}new/folder/b")
        store.copy(f"{base}a", f"{base}there")

        assert store.get(f"{base}new/folder/b") == store.get(f"{base}there") == b"content"
        assert store.get(f"{base}a") == b"content"

    @pytest.mark.parametrize("key", UNSAFE_KEYS)
    def test_every_verb_that_writes_refuses_a_key_that_could_be_mistaken(
        self, store: Store, key: str, staged: Path
    ) -> None:
        for verb in WRITING:
            with pytest.raises(UnsafeKeyError):
                verb(store, key)
        with pytest.raises(UnsafeKeyError):
            store.put_file(key, staged)
        assert staged.exists()

    @pytest.mark.parametrize("key", UNSAFE_KEYS)
    def test_no_verb_that_reads_takes_such_a_key_for_another(self, store: Store, key: str) -> None:
        store.put("a/b", b"another")
        store.put("b", b"another")

        for verb in READING:
            with pytest.raises(self.WITHOUT_SUCH_A_FILE):
                verb(store, key)

    def test_many_threads_may_use_one_store(self, store: Store, base: str) -> None:
        def use(number: int) -> Iterator[bool]:
            key = f"{base}{number % 7}/{number}"
            store.put(key, key.encode())
            yield store.get(key) == key.encode()
            store.copy(key, f"{key}-copy")
            yield store.head(f"{key}-copy").size_bytes == len(key.encode())
            store.delete([key])

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(lambda number: all(use(number)), range(100)))

        assert len(list(store.list(base))) == 100
