"""An image cell for its readers: fetched once, decoded once per size, dropped when done."""

import hashlib
import os
from pathlib import Path
from weakref import ref

import pytest

from media_assets.destinations import parse_destination
from media_assets.errors import (
    CorruptFileError,
    ImageTooLargeError,
    StoredFileMissingError,
    UndecodableImageError,
)
from media_assets.images.decode import ImageLimits, OpenedImage
from media_assets.pipeline.budget import MemoryRoom, RowRoom
from media_assets.pipeline.cells import ImageCell
from media_assets.pipeline.timing import Stopwatch
from media_assets.reading import Reader
from media_assets.stores import Storage
from media_assets_tests.photos import SIZE, picture, save_photo


def cell_of(
    fileurl: str, *, limits: ImageLimits | None = None, expected_digest: str | None = None
) -> tuple[ImageCell, list[tuple[int, int]]]:
    """A cell, and the sizes of the images that it requested room for."""
    asked: list[tuple[int, int]] = []

    def needed(opened: OpenedImage) -> int:
        asked.append(opened.size)
        return 1

    cell = ImageCell(
        fileurl,
        reader=Reader(),
        limits=limits or ImageLimits(),
        room=RowRoom(MemoryRoom(), needed),
        watch=Stopwatch(),
        expected_digest=expected_digest,
    )
    return cell, asked


def test_nothing_is_fetched_before_it_is_needed(tmp_path: Path) -> None:
    cell, _ = cell_of((tmp_path / "missing.jpg").as_uri())

    assert not cell.is_fetched
    with pytest.raises(StoredFileMissingError, match=r"missing\.jpg"):
        _ = cell.data


def test_a_file_is_fetched_once_whatever_is_asked_of_it(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a.png")
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    cell, _ = cell_of(path.as_uri())
    assert cell.digest == expected

    path.unlink()

    assert cell.decode().tobytes() == picture().tobytes()
    assert (cell.facts.format, cell.facts.width, cell.facts.height) == ("PNG", *SIZE)


def test_an_image_is_decoded_once_for_each_size(tmp_path: Path) -> None:
    cell, _ = cell_of(save_photo(tmp_path / "a.jpg", size=(800, 600)).as_uri())

    full, again, reduced = cell.decode(), cell.decode(), cell.decode((100, 75))

    assert full is again
    assert full.size == (800, 600)
    assert reduced.size == (100, 75)
    assert cell.decodes == 2


def test_room_is_asked_for_by_the_header_before_the_pixels_are_loaded(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a.jpg", size=(800, 600))
    path.write_bytes(path.read_bytes()[:700])
    cell, asked = cell_of(path.as_uri())

    with pytest.raises(UndecodableImageError):
        cell.decode()

    assert asked == [(800, 600)]


def test_a_dropped_image_is_gone_and_can_be_decoded_again(tmp_path: Path) -> None:
    cell, _ = cell_of(save_photo(tmp_path / "a.jpg").as_uri())
    dropped = ref(cell.decode())

    cell.drop()

    assert dropped() is None
    assert cell.decode().size == SIZE


def test_bytes_that_are_not_those_recorded_are_refused(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a.jpg")
    cell, _ = cell_of(path.as_uri(), expected_digest="0" * 64)

    with pytest.raises(CorruptFileError, match="0000000000000000"):
        _ = cell.data

    assert not cell.is_fetched


@pytest.mark.parametrize("place", ["file", "memory"])
def test_a_file_beyond_the_limit_is_read_no_further(tmp_path: Path, place: str) -> None:
    fileurl = (tmp_path / "a.jpg").as_uri()
    if place == "file":
        (tmp_path / "a.jpg").write_bytes(bytes(50_000))
    else:
        store = Storage().open(parse_destination("memory://cells/"))
        store.put("a.jpg", bytes(50_000))
        fileurl = store.fileurl("a.jpg")
    cell, _ = cell_of(fileurl, limits=ImageLimits(max_bytes=1_000))

    with pytest.raises(ImageTooLargeError, match=r"has 50,000 bytes.*max_bytes"):
        cell.decode()

    assert not cell.is_fetched


def test_a_special_file_is_refused_without_blocking(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    cell, _ = cell_of((tmp_path / "a.jpg").as_uri())

    with pytest.raises(StoredFileMissingError, match=r"a\.jpg"):
        _ = cell.data
