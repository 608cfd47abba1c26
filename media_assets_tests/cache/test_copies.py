"""Files by their digest: kept whole, verified when read, and harmless to lose."""

import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from media_assets.cache import Cache, CacheCounts
from media_assets.errors import UnsafeKeyError
from media_assets_tests.cache.content import (
    BLOCK,
    blocks_in,
    content,
    copies,
    counted,
    digest_of,
    leftovers,
)
from media_assets_tests.stores.processes import run

PHOTO = content(1, blocks=5)
DIGEST = digest_of(PHOTO)
OTHER = content(2, blocks=5)
BAD_DIGESTS = [
    "",
    "abc",
    "../" * 21 + "a",
    DIGEST.upper(),
    DIGEST + "\n",
    DIGEST[:-1] + "/",
    "é" * 64,
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cache"


@pytest.fixture
def cache(folder: Path) -> Cache:
    return Cache(folder, 100 * BLOCK)


def test_nothing_is_written_before_something_is_kept(cache: Cache, folder: Path) -> None:
    assert cache.get(DIGEST) is None
    assert cache.read(DIGEST) is None
    assert cache.digest_of("https://host/a", "v1") is None
    assert not folder.exists()


@pytest.mark.parametrize("data", [b"", b"x", PHOTO, content(3, blocks=90)])
def test_a_kept_file_can_be_read(cache: Cache, data: bytes) -> None:
    digest = digest_of(data)

    assert cache.put(digest, data)

    path = cache.get(digest)
    assert path is not None
    assert path.read_bytes() == cache.read(digest) == data


def test_another_cache_of_the_same_folder_has_it_too(cache: Cache, folder: Path) -> None:
    cache.put(DIGEST, PHOTO)

    assert Cache(folder, 100 * BLOCK).read(DIGEST) == PHOTO


def test_hits_and_misses_are_counted(cache: Cache) -> None:
    cache.get(DIGEST)
    cache.read(DIGEST)
    cache.put(DIGEST, PHOTO)
    cache.get(DIGEST)
    cache.read(DIGEST)
    cache.read(DIGEST)
    cache.get(digest_of(OTHER))

    assert cache.counts == CacheCounts(hits=3, misses=3)


@pytest.mark.parametrize("digest", BAD_DIGESTS)
def test_an_invalid_digest_is_refused(cache: Cache, tmp_path: Path, digest: str) -> None:
    verbs: list[Callable[[], object]] = [
        lambda: cache.get(digest),
        lambda: cache.read(digest),
        lambda: cache.put(digest, b""),
        lambda: cache.put_file(digest, tmp_path),
        lambda: cache.remember("https://host/a", "v1", digest),
    ]

    for verb in verbs:
        with pytest.raises(UnsafeKeyError, match="not a SHA-256 digest"):
            verb()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [PHOTO[:-1], PHOTO[:-1] + b"?", b"", PHOTO + b"x"])
@pytest.mark.parametrize("verb", [Cache.get, Cache.read])
def test_a_damaged_copy_is_deleted_and_can_be_kept_again(
    cache: Cache, folder: Path, damage: bytes, verb: Callable[[Cache, str], object]
) -> None:
    cache.put(DIGEST, PHOTO)
    copies(folder)[DIGEST].write_bytes(damage)

    assert verb(cache, DIGEST) is None

    assert copies(folder) == {}
    assert cache.put(DIGEST, PHOTO)
    assert cache.read(DIGEST) == PHOTO


def test_a_damaged_copy_of_another_size_is_replaced_at_once(cache: Cache, folder: Path) -> None:
    cache.put(DIGEST, PHOTO)
    copies(folder)[DIGEST].write_bytes(b"")

    cache.put(DIGEST, PHOTO)

    assert cache.read(DIGEST) == PHOTO


def test_a_file_is_kept_as_a_link_and_its_times_stay(cache: Cache, tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(PHOTO)
    modified_at = source.stat().st_mtime_ns

    assert cache.put_file(DIGEST, source)

    path = cache.get(DIGEST)
    assert path is not None
    assert path.samefile(source)
    assert source.stat().st_mtime_ns == modified_at
    assert leftovers(cache.folder) == []


def test_a_file_that_is_replaced_or_deleted_leaves_its_copy(cache: Cache, tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(PHOTO)
    cache.put_file(DIGEST, source)

    source.unlink()
    source.write_bytes(OTHER)

    assert cache.read(DIGEST) == PHOTO


def test_a_file_that_is_changed_in_place_is_noticed(cache: Cache, tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(PHOTO)
    cache.put_file(DIGEST, source)

    source.write_bytes(OTHER)

    assert cache.read(DIGEST) is None
    assert source.read_bytes() == OTHER


def test_the_file_behind_a_link_is_kept_and_not_the_link(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    (tmp_path / "link").symlink_to("photo.jpg")

    cache.put_file(DIGEST, tmp_path / "link")

    path = cache.get(DIGEST)
    assert path is not None
    assert not path.is_symlink()


def test_a_file_on_another_file_system_is_copied(cache: Cache) -> None:
    shared_memory = Path("/dev/shm")  # noqa: S108  a file system of its own, on every Linux
    source = shared_memory / f"media-assets-test-{os.getpid()}"
    source.write_bytes(PHOTO)
    try:
        assert cache.put_file(DIGEST, source)
    finally:
        source.unlink()

    assert cache.read(DIGEST) == PHOTO


def test_only_files_are_kept(cache: Cache, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()

    for name in ("pipe", "loop", "nothing", "", "file/below"):
        assert not cache.put_file(DIGEST, tmp_path / name)
    assert cache.get(DIGEST) is None


def test_an_open_copy_outlives_its_removal(cache: Cache, folder: Path) -> None:
    cache.put(DIGEST, PHOTO)
    path = cache.get(DIGEST)
    assert path is not None

    with path.open("rb") as file:
        shutil.rmtree(folder)

        assert file.read() == PHOTO


@pytest.mark.parametrize("vanishing", ["", "files", "urls", "incoming", "added", "removed"])
def test_the_cache_survives_the_loss_of_any_file(
    cache: Cache, folder: Path, vanishing: str
) -> None:
    cache.put(DIGEST, PHOTO)
    cache.remember("https://host/a", "v1", DIGEST)
    gone = folder / vanishing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()

    assert cache.read(DIGEST) in (None, PHOTO)
    assert cache.digest_of("https://host/a", "v1") in (None, DIGEST)
    assert cache.put(DIGEST, PHOTO)
    assert cache.remember("https://host/a", "v1", DIGEST)
    assert cache.read(DIGEST) == PHOTO
    assert cache.digest_of("https://host/a", "v1") == DIGEST


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "cache", 100 * BLOCK)

    assert not cache.put(DIGEST, PHOTO)
    assert not cache.put_file(DIGEST, tmp_path / "file")
    assert not cache.remember("https://host/a", "v1", DIGEST)
    assert cache.get(DIGEST) is None
    assert cache.digest_of("https://host/a", "v1") is None


def put_where_files_end_at_two_blocks(folder: Path) -> list[bool]:
    cache = Cache(folder, 100 * BLOCK)
    cache.put(digest_of(b"before"), b"before")
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * BLOCK, 2 * BLOCK))
    return [cache.put(DIGEST, PHOTO), cache.put(digest_of(b"after"), b"after")]


def test_what_the_disk_does_not_take_is_not_kept_and_leaves_nothing_behind(folder: Path) -> None:
    assert run(put_where_files_end_at_two_blocks, folder) == [False, True]

    assert set(copies(folder)) == {digest_of(b"before"), digest_of(b"after")}
    assert counted(folder) == 2
    assert leftovers(folder) == []


def test_a_fifth_of_the_free_disk_is_the_bound_by_default(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free

    max_bytes = Cache(tmp_path / "not" / "yet" / "there").max_bytes

    assert free * 0.15 < max_bytes < free * 0.25


def test_what_a_url_held_is_remembered_for_each_version(cache: Cache) -> None:
    other = digest_of(OTHER)
    cache.remember("https://host/a?key=x", '"v1"', DIGEST)
    cache.remember("https://host/a?key=x", '"v2"', other)
    cache.remember("https://host/b", '"v1"', other)
    cache.remember("https://host/", "a", other)

    assert cache.digest_of("https://host/a?key=x", '"v1"') == DIGEST
    assert cache.digest_of("https://host/a?key=x", '"v2"') == other
    assert cache.digest_of("https://host/a?key=x", '"v3"') is None
    assert cache.digest_of("https://host/a", "") is None
    assert cache.digest_of("\ud800", "é") is None


def test_the_last_remembered_digest_counts(cache: Cache) -> None:
    cache.remember("https://host/a", "v1", DIGEST)
    cache.remember("https://host/a", "v1", digest_of(OTHER))

    assert cache.digest_of("https://host/a", "v1") == digest_of(OTHER)


def test_no_url_is_written_to_the_disk(cache: Cache, folder: Path) -> None:
    cache.remember("https://host/photo.jpg?key=opensesame", "v1", DIGEST)

    for path in folder.rglob("*"):
        assert "opensesame" not in str(path)
        assert path.is_dir() or b"opensesame" not in path.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xff" * 64, DIGEST.encode() + b"\n"])
def test_a_damaged_memory_is_forgotten(cache: Cache, folder: Path, damage: bytes) -> None:
    cache.remember("https://host/a", "v1", DIGEST)
    (path,) = (folder / "urls").glob("*/*")
    path.write_bytes(damage)

    assert cache.digest_of("https://host/a", "v1") is None

    assert not path.exists()
    assert blocks_in(folder) == 0
