"""What a reader opens on this machine, and how it makes local copies of remote files."""

import os
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from media_assets.errors import (
    CorruptFileError,
    ImageTooLargeError,
    LinkChangedError,
    StoredFileMissingError,
)
from media_assets.reading import Reader
from media_assets.stores.local_version import local_version
from media_assets.stores.memory import MemoryStore
from media_assets_tests.fetch.site import LIMITS, answer, cut, site


def read(path: Path, version: str) -> bytes:
    return Reader().read(path.as_uri(), max_bytes=100, version=version)


def test_a_file_that_became_a_link_to_another_since_it_was_found_is_not_read(
    tmp_path: Path,
) -> None:
    secret, photo = tmp_path / "secret", tmp_path / "photo.jpg"
    secret.write_bytes(b"root:x:0:0")
    photo.write_bytes(b"a photo")
    version = local_version(photo.stat())
    photo.unlink()
    photo.symlink_to(secret)

    with pytest.raises(LinkChangedError, match="leads through a link") as caught:
        read(photo, version)

    assert "x:0:0" not in str(caught.value)


def test_a_folder_that_became_a_link_is_noticed_too(tmp_path: Path) -> None:
    for name in ("real", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(name.encode())
    version = local_version((tmp_path / "real/a.jpg").stat())
    (tmp_path / "real").rename(tmp_path / "away")
    (tmp_path / "real").symlink_to(tmp_path / "elsewhere")
    os.utime(tmp_path / "elsewhere/a.jpg", ns=(0, 1))

    with pytest.raises(LinkChangedError):
        read(tmp_path / "real/a.jpg", version)


def test_a_link_that_leads_where_it_did_is_read_and_so_is_a_file_that_changed(
    tmp_path: Path,
) -> None:
    photo, link = tmp_path / "photo.jpg", tmp_path / "link.jpg"
    photo.write_bytes(b"a photo")
    link.symlink_to(photo)
    version = local_version(photo.stat())

    through_link = read(link, version)
    photo.write_bytes(b"another photo")

    assert through_link == b"a photo"
    assert read(photo, version) == b"another photo"


def test_a_pipe_is_not_a_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")

    with pytest.raises(StoredFileMissingError):
        read(tmp_path / "a.jpg", "1")


def test_a_file_past_the_limit_is_refused_by_its_real_size_and_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(20_000_000_000)  # a sparse file: nothing of it stands on the disk
    tracemalloc.start()

    with pytest.raises(ImageTooLargeError, match="has 20,000,000,000 bytes"):
        Reader().read(huge.as_uri(), max_bytes=256 * 1024**2)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_an_object_past_the_limit_is_refused_by_its_real_size() -> None:
    store = MemoryStore("sizes")
    store.put("a.png", bytes(5_000_000))

    with pytest.raises(ImageTooLargeError, match=r"has 5,000,000 bytes\. At most 1,000 bytes"):
        Reader().read(store.fileurl("a.png"), max_bytes=1_000)


@pytest.fixture
def cached(tmp_path: Path) -> Reader:
    return Reader(cache_folder=tmp_path / "cache", fetch_limits=LIMITS)


def test_a_copy_is_made_once_and_comes_from_the_cache_after_that(
    cached: Reader, tmp_path: Path
) -> None:
    content, store = os.urandom(100_000), MemoryStore("copies")
    digest = sha256(content).hexdigest()
    store.put("clip.mp4", content)
    fileurl, target = store.fileurl("clip.mp4"), tmp_path / "copy"

    found = cached.download(fileurl, target, max_bytes=100_000, version="1")
    store.delete(["clip.mp4"])
    again = cached.download(fileurl, target, max_bytes=100_000, version="1")

    assert found == again == digest
    assert target.read_bytes() == content


def test_a_damaged_copy_in_the_cache_is_fetched_again(cached: Reader, tmp_path: Path) -> None:
    content, store = b"as it was recorded", MemoryStore("damaged")
    digest = sha256(content).hexdigest()
    store.put("a", content)
    cached.download(store.fileurl("a"), tmp_path / "first", max_bytes=100, digest=digest)
    copy = cached.copy(digest)
    assert copy is not None
    copy.unlink()
    copy.write_bytes(b"something else")

    cached.download(store.fileurl("a"), tmp_path / "second", max_bytes=100, digest=digest)

    assert (tmp_path / "second").read_bytes() == content


def test_a_copy_of_other_bytes_than_those_recorded_is_refused(tmp_path: Path) -> None:
    store = MemoryStore("other")
    store.put("a", b"other bytes")
    digest = sha256(b"those recorded").hexdigest()

    with pytest.raises(CorruptFileError):
        Reader().download(store.fileurl("a"), tmp_path / "copy", max_bytes=100, digest=digest)


def test_a_copy_from_the_web_that_was_cut_begins_anew(cached: Reader, tmp_path: Path) -> None:
    content = os.urandom(5_000)
    with site(cut(content, 1_000), answer(content)) as served:
        found = cached.download(served.url(), tmp_path / "copy", max_bytes=5_000)

    assert (tmp_path / "copy").read_bytes() == content
    assert found == sha256(content).hexdigest()


def test_a_copy_past_the_limit_is_refused_before_it_is_whole(
    cached: Reader, tmp_path: Path
) -> None:
    with (
        site(answer(bytes(5_000))) as served,
        pytest.raises(ImageTooLargeError, match=r"At most 1,000 bytes"),
    ):
        cached.download(served.url(), tmp_path / "copy", max_bytes=1_000)
