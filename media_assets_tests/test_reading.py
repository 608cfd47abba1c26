"""What a reader opens on this machine, when a path leads elsewhere than it did."""

import os
import tracemalloc
from pathlib import Path

import pytest

from media_assets.errors import ImageTooLargeError, LinkChangedError, StoredFileMissingError
from media_assets.reading import Reader
from media_assets.stores import MemoryStore
from media_assets.stores.local_version import local_version


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


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
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
