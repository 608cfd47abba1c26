"""The bound of a cache: what goes when it is full, and how often that is looked at."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assets.cache import Cache
from media_assets.cache.digest_folder import DigestFolder
from media_assets.cache.inventory import Inventory
from media_assets_tests.cache.content import (
    BLOCK,
    blocks_in,
    content,
    copies,
    counted,
    digest_of,
    leftovers,
)


def keep(cache: Cache, *numbers: int) -> None:
    for number in numbers:
        assert cache.put(digest_of(content(number)), content(number))


def kept(cache: Cache) -> list[int]:
    digests = {digest_of(content(number)): number for number in range(200)}
    return sorted(digests[name] for name in copies(cache.folder))


def test_nothing_is_deleted_before_the_cache_is_full(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)

    keep(cache, *range(20))

    assert kept(cache) == list(range(20))


def test_the_oldest_files_are_deleted_until_a_tenth_is_free(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)

    keep(cache, *range(21))

    assert kept(cache) == list(range(3, 21))


def test_what_was_used_since_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, *range(20))
    cache.get(digest_of(content(0)))
    cache.read(digest_of(content(2)))
    keep(cache, 1)

    keep(cache, 20)

    assert kept(cache) == [0, 1, 2, *range(6, 21)]


def test_a_file_that_the_cache_cannot_hold_is_not_kept_and_drives_nothing_out(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, *range(20))
    large = content(100, blocks=21)

    assert not cache.put(digest_of(large), large)

    assert kept(cache) == list(range(20))


def test_a_file_that_just_fits_drives_everything_out(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, *range(20))
    large = content(100, blocks=20)

    assert cache.put(digest_of(large), large)

    assert list(copies(tmp_path)) == [digest_of(large)]


@pytest.mark.parametrize("max_bytes", [0, -1, BLOCK - 1])
def test_a_cache_without_room_keeps_nothing(tmp_path: Path, max_bytes: int) -> None:
    cache = Cache(tmp_path, max_bytes)

    assert not cache.put(digest_of(b""), b"")
    assert not cache.remember("https://host/a", "v1", digest_of(b""))


def test_a_smaller_bound_than_before_is_kept(tmp_path: Path) -> None:
    keep(Cache(tmp_path, 100 * BLOCK), *range(100))

    keep(Cache(tmp_path, 20 * BLOCK), 100)

    assert kept(Cache(tmp_path)) == list(range(81, 101))


def test_many_caches_of_one_folder_keep_one_bound(tmp_path: Path) -> None:
    for number in range(100):
        keep(Cache(tmp_path, 20 * BLOCK), number)

        assert blocks_in(tmp_path) <= 20


def test_what_is_remembered_of_urls_is_bounded_too(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    digest = digest_of(b"")

    for number in range(100):
        assert cache.remember(f"https://host/{number}", "v1", digest)

    assert blocks_in(tmp_path) <= 20
    assert cache.digest_of("https://host/99", "v1") == digest
    assert cache.digest_of("https://host/0", "v1") is None


def test_files_are_counted_again_if_the_count_is_lost(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, *range(20))
    (tmp_path / "added").unlink()

    keep(cache, 20)

    assert kept(cache) == list(range(3, 21))


def test_the_folder_is_listed_once_for_each_tenth_that_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Path] = []
    entries = DigestFolder.entries

    def counting(shelf: DigestFolder) -> Iterator[os.DirEntry[str]]:
        listed.append(shelf.path("a" * 64).parents[1])
        return entries(shelf)

    monkeypatch.setattr(DigestFolder, "entries", counting)
    cache = Cache(tmp_path, 100 * BLOCK)

    keep(cache, *range(200))

    listings = listed.count(tmp_path / "files")
    assert 1 + 100 // 11 <= listings <= 1 + 100 // 10


def test_the_count_takes_no_more_than_a_byte_for_each_block(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 50 * BLOCK)

    keep(cache, *range(200))

    assert counted(tmp_path) == len(copies(tmp_path))
    assert (tmp_path / "added").stat().st_size <= 60


def test_space_reserved_for_a_file_is_not_given_twice(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)

    with cache._room.reserve(8 * BLOCK) as has_room:
        assert has_room
        for number in range(40):
            keep(cache, number)
            assert blocks_in(tmp_path) <= 12


def test_a_full_cache_is_emptied_a_few_files_at_a_time(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 190 * BLOCK)
    keep(cache, *range(190))

    keep(cache, 190)
    assert len(copies(tmp_path)) == 191 - 8
    cache.get(digest_of(content(8)))
    keep(cache, 191)
    assert kept(cache) == [8, *range(17, 192)]
    keep(cache, 192, 193, 194)

    assert kept(cache) == [8, *range(23, 195)]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, 0)
    others = [
        tmp_path / "notes.txt",
        tmp_path / "files" / "notes.txt",
        tmp_path / "files" / "00" / "notes.txt",
        tmp_path / "files" / "00" / ("g" * 64),
        tmp_path / "files" / "00" / "0000",
    ]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content(1, blocks=50))

    keep(cache, *range(1, 100))

    assert all(path.exists() for path in others)
    assert digest_of(content(99)) in copies(tmp_path)


def test_leftovers_of_killed_processes_are_deleted_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, 0)
    (tmp_path / "incoming" / ("f" * 32)).write_bytes(b"half")

    keep(cache, *range(1, 22))
    assert len(leftovers(tmp_path)) == 1

    tomorrow = time.time() + 25 * 60 * 60
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    keep(cache, *range(22, 43))
    assert leftovers(tmp_path) == []


def test_a_file_that_vanishes_while_it_is_listed_is_passed_over(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, 0, 1)
    shelf = DigestFolder(tmp_path / "files", tmp_path / "incoming")
    gone = digest_of(content(0))

    class Vanishing(DigestFolder):
        def entries(self) -> Iterator[os.DirEntry[str]]:
            for entry in shelf.entries():
                shelf.remove(gone)
                yield entry

    assert Inventory([Vanishing(tmp_path / "files", tmp_path / "incoming")]).blocks == 1


def test_a_use_is_noted_without_a_change_of_the_modification_time(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 20 * BLOCK)
    keep(cache, 0)
    path = copies(tmp_path)[digest_of(content(0))]
    in_an_hour = time.time_ns() + 60 * 60 * 10**9  # a time that a mere read does not change

    for verb in (cache.get, cache.read):
        os.utime(path, ns=(in_an_hour, 2))
        verb(digest_of(content(0)))

        assert path.stat().st_mtime_ns == 2
        assert path.stat().st_atime_ns < in_an_hour
