"""Thumbnails of recorded files of every kind."""

import tempfile
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.errors import (
    CorruptFileError,
    RemoteFileTooLargeError,
    StoredFileMissingError,
    UnreadableFileError,
)
from media_assets.images.thumbnails import thumbnail_image, webp_bytes
from media_assets.media_types import AUDIO, DOCUMENT, IMAGE, VIDEO, MediaType
from media_assets.reading import Reader
from media_assets.stores import Storage
from media_assets.thumbnails import PicturedFile, thumbnail_of
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video
from media_assets_tests.photos import save_photo

SIZE = (60, 40)


def recorded(path: Path, medium: MediaType, fileurl: str | None = None) -> PicturedFile:
    data = path.read_bytes()
    digest = sha256(data).hexdigest()
    return PicturedFile(
        fileurl or path.as_uri(), digest, medium.type, path.suffix[1:], size_bytes=len(data)
    )


def test_an_image_has_the_thumbnail_that_its_bytes_have(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a.jpg", 1, (640, 480))

    small = thumbnail_of(recorded(path, IMAGE), SIZE, Reader(), verifies=True)

    assert webp_bytes(small) == webp_bytes(thumbnail_image(path.read_bytes(), SIZE))


def test_a_video_shows_a_poster_audio_its_waveform_and_a_document_its_first_page(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf(2))
    reader = Reader()

    poster = thumbnail_of(recorded(make_video(tmp_path / "a.mp4"), VIDEO), SIZE, reader)
    waveform = thumbnail_of(recorded(make_audio(tmp_path / "a.mp3"), AUDIO), SIZE, reader)
    page = thumbnail_of(recorded(tmp_path / "a.pdf", DOCUMENT), SIZE, reader)

    assert (poster.size, waveform.size, page.size) == ((53, 40), (60, 40), (31, 40))
    red, green, _ = poster.convert("RGB").getpixel((5, 5))  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportAssignmentType]
    assert red > 3 * green


def test_a_short_video_that_does_not_say_how_long_it_is_shows_its_first_picture(
    tmp_path: Path,
) -> None:
    live = {"live": "1"}
    path = make_video(tmp_path / "a.webm", codec="vp9", seconds=0.5, muxer_options=live)

    assert thumbnail_of(recorded(path, VIDEO), SIZE, Reader()).size == (53, 40)


@pytest.mark.parametrize("verifies", [True, False])
def test_a_file_elsewhere_is_copied_only_for_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, verifies: bool
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    path = make_video(tmp_path / "a.mp4")
    storage = Storage()
    fileurl = f"memory://{uuid4().hex}/a.mp4"
    store, key = storage.store_of(fileurl)
    store.put(key, path.read_bytes())
    file = recorded(path, VIDEO, fileurl)

    small = thumbnail_of(file, SIZE, Reader(storage), verifies=verifies)

    assert small.size == (53, 40)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_file_elsewhere_that_is_too_large_to_be_fetched_says_so(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    file = recorded(path, VIDEO, "memory://bucket/a.mp4")

    with pytest.raises(RemoteFileTooLargeError, match="is not on this machine, and has"):
        thumbnail_of(file, SIZE, Reader(), fetched_bytes=100)

    assert thumbnail_of(recorded(path, VIDEO), SIZE, Reader(), fetched_bytes=100)


def test_a_file_that_cannot_be_shown_says_why(tmp_path: Path) -> None:
    file = recorded(make_video(tmp_path / "a.mp4"), VIDEO)

    (tmp_path / "a.mp4").write_bytes(b"ffconcat version 1.0")
    with pytest.raises(CorruptFileError):
        thumbnail_of(file, SIZE, Reader(), verifies=True)
    with pytest.raises(UnreadableFileError, match="ffconcat"):
        thumbnail_of(file, SIZE, Reader())

    (tmp_path / "a.mp4").unlink()
    with pytest.raises(StoredFileMissingError):
        thumbnail_of(file, SIZE, Reader())
