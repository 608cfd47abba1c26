"""One folder, used by many threads and processes at once, some of which are killed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

from media_assets.cache import Cache
from media_assets_tests.cache.content import (
    BLOCK,
    blocks_in,
    content,
    copies,
    digest_of,
    leftovers,
)
from media_assets_tests.stores.processes import race, start

MAX_BLOCKS = 60
FILES = {digest_of(data): data for data in (content(n, blocks=1 + n % 4) for n in range(60))}


def churn(cache: Cache, thread: int) -> int:
    """Puts and reads files in an order of its own, and returns how many reads were hits."""
    hits = 0
    digests = list(FILES)
    for number in range(150):
        digest = digests[(number * 7 + thread * 13 + number * thread) % len(digests)]
        data = cache.read(digest)
        path = cache.get(digest)
        assert data in (None, FILES[digest])
        if path is None:
            assert cache.put(digest, FILES[digest])
        url = f"https://host/{number % 20}"
        assert cache.digest_of(url, "v1") in (None, digests[number % 20])
        assert cache.remember(url, "v1", digests[number % 20])
        hits += data is not None
    return hits


def churn_in_threads(folder: str, name: str) -> list[int]:
    cache = Cache(Path(folder), MAX_BLOCKS * BLOCK)
    offset = ord(name)
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(partial(churn, cache), range(offset, offset + 4)))


def check_all(folder: Path) -> None:
    """Holds that all copies are whole, and nothing is left of writing them."""
    for digest, path in copies(folder).items():
        assert path.read_bytes() == FILES[digest]
    assert leftovers(folder) == []


def test_eight_threads_share_a_cache_within_its_bound(tmp_path: Path) -> None:
    cache = Cache(tmp_path, MAX_BLOCKS * BLOCK)

    with ThreadPoolExecutor(8) as pool:
        hits = list(pool.map(partial(churn, cache), range(8)))

    assert all(hits)
    assert 1 <= blocks_in(tmp_path) <= MAX_BLOCKS
    check_all(tmp_path)


def test_two_processes_of_four_threads_share_a_folder(tmp_path: Path) -> None:
    hits = race(churn_in_threads, str(tmp_path))

    assert all(hits["a"] + hits["b"])
    check_all(tmp_path)
    cache = Cache(tmp_path, MAX_BLOCKS * BLOCK)
    for number in range(MAX_BLOCKS):
        data = content(1000 + number)
        cache.put(digest_of(data), data)
    assert blocks_in(tmp_path) <= MAX_BLOCKS


def test_threads_go_on_while_the_folder_is_removed_again_and_again(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = Cache(folder, MAX_BLOCKS * BLOCK)

    def use(thread: int) -> None:
        for number, (digest, data) in enumerate(list(FILES.items()) * 3):
            cache.put(digest, data)
            assert cache.read(digest) in (None, data)
            cache.remember(f"https://host/{number}", str(thread), digest)
            assert cache.digest_of(f"https://host/{number}", str(thread)) in (None, digest)

    with ThreadPoolExecutor(4) as pool:
        users = [pool.submit(use, thread) for thread in range(4)]
        while not all(user.done() for user in users):
            shutil.rmtree(folder, ignore_errors=True)
        for user in users:
            user.result()

    assert cache.put(*next(iter(FILES.items())))


def put_for_ever(folder: str) -> None:
    cache = Cache(Path(folder), MAX_BLOCKS * BLOCK)
    for number in count():
        data = content(number % 60, blocks=1 + number % 60 % 4)
        cache.put(digest_of(data), data)


def test_a_process_that_is_killed_leaves_no_torn_copy(tmp_path: Path) -> None:
    cache = Cache(tmp_path, MAX_BLOCKS * BLOCK)
    for _ in range(4):
        process = start(put_for_ever, str(tmp_path))
        while len(copies(tmp_path)) < 5:
            assert process.is_alive()
        process.kill()
        process.join()

        for digest in copies(tmp_path):
            assert cache.read(digest) == FILES[digest]
        shutil.rmtree(tmp_path / "files")
    assert cache.counts.misses == 0
