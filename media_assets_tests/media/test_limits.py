"""Limits on videos, audio and documents are set as those on images are."""

from pathlib import Path

import pytest

import media_assets as ma
from media_assets.errors import SettingError
from media_assets.io_manager import MediaIOManager
from media_assets.limits import LIMIT_NAMES
from media_assets.media_types import AUDIO, DOCUMENT, IMAGE, VIDEO
from media_assets.tables.table import MediaTable
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.media.videos import make_video
from media_assets_tests.runs import insert
from media_assets_tests.steps import cells, run_step


def failure(table: MediaTable, path: Path, manager: MediaIOManager | None = None) -> str:
    """The message of the source's error, or nothing."""
    (partition,) = insert(table, path)
    made = cells(run_step(table, partition, (table.source.name,), manager=manager))
    return made[table.source.name][path.name].error_message or ""


def test_every_limit_of_a_kind_is_a_setting() -> None:
    names = {name for kind in (IMAGE, VIDEO, AUDIO, DOCUMENT) for name in kind.limits.names()}

    assert names == set(LIMIT_NAMES)


def test_a_limit_of_another_kind_is_refused_with_those_of_this_one() -> None:
    with pytest.raises(SettingError, match=r"max_pages.*max_pixels, max_bytes, max_seconds"):
        MediaTable("videos", media=ma.Video, limits={"max_pages": 3})


def test_a_video_obeys_the_table_then_the_io_manager_then_the_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = make_video(tmp_path / "a.mp4")

    def table(name: str, limits: dict[str, int] | None = None) -> MediaTable:
        return MediaTable(name, media=ma.Video, limits=limits)

    monkeypatch.setenv("MEDIA_ASSETS_MAX_PIXELS", "3000")
    by_setting = failure(table("first"), path)
    by_manager = failure(table("second"), path, MediaIOManager(limits={"max_pixels": 2000}))
    by_table = failure(table("third", {"max_pixels": 1000}), path)
    by_raised = failure(table("fourth", {"max_pixels": 2**40}), path)

    assert "3,072 pixels. At most 3,000 pixels" in by_setting
    assert "`MEDIA_ASSETS_MAX_PIXELS`" in by_setting
    assert "`max_pixels` in `limits` of the IO manager" in by_manager
    assert "`max_pixels` in `MediaTable('third', limits=...)`" in by_table
    assert by_raised == ""


def test_a_limit_on_uploads_leaves_files_of_other_kinds_alone(home: Path, tmp_path: Path) -> None:
    table = MediaTable("videos", media=ma.Video, limits={"max_bytes": 20_000, "max_samples": 9})

    @table.computed_column(format="bmp")
    def poster(source_video: ma.Video) -> ma.Image:
        return source_video.frame(0, size=(640, 480)).resize((640, 480))

    @table.computed_column()
    def width(poster: ma.Image) -> int:
        return poster.width

    @table.computed_column()
    def samples(source_video: ma.Video) -> int:
        sound = source_video.audio()
        return 0 if sound is None else len(sound.samples())

    (partition,) = insert(table, make_video(tmp_path / "a.mp4", with_audio=True))
    run_step(table, partition, ("source_video", "poster"))
    made = cells(run_step(table, partition))

    assert made["width"]["a.mp4"].value == "640"
    assert "raise `max_samples` in" in (made["samples"]["a.mp4"].error_message or "")


def test_the_limits_of_documents_reach_their_row_functions(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf(2))
    table = MediaTable("papers", media=ma.Document, limits={"max_pixels": 10_000})

    @table.computed_column()
    def cover(source_document: ma.Document) -> ma.Image:
        return source_document.page(0, dpi=72)

    (partition,) = insert(table, tmp_path / "a.pdf")
    made = cells(run_step(table, partition))

    assert made["source_document"]["a.pdf"].error_message is None
    message = made["cover"]["a.pdf"].error_message or ""
    assert "At most 10,000 pixels" in message
    assert "`max_pixels` in `MediaTable('papers', limits=...)`" in message


def test_a_file_of_the_catalog_opens_whatever_the_limits_are(home: Path, tmp_path: Path) -> None:
    table = MediaTable("videos", media=ma.Video, limits={"max_seconds": 10**6})
    (partition,) = insert(table, make_video(tmp_path / "a.mkv"))
    run_step(table, partition)

    with ma.Catalog.open().column("videos", "source_video").open("a.mkv") as video:
        assert video.duration == pytest.approx(1.0, abs=0.1)
