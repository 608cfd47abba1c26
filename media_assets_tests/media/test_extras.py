"""A kind of media whose packages are missing fails the step, and no row, when it is used."""

import sys
from pathlib import Path

import pytest

import media_assets as ma
from media_assets.errors import MissingExtraError
from media_assets.tables.table import MediaTable
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step


def test_a_table_of_videos_without_the_extra(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    table = MediaTable("videos", media=ma.Video)
    (partition,) = insert(table, tmp_path / "a.mp4")
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed

    with pytest.raises(MissingExtraError, match=r"Videos .*pip install \"media-assets\[video\]\""):
        run_step(table, partition)

    assert ma.Catalog.open().sql("from media_assets.errors").empty


def test_a_table_of_documents_without_the_extra(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf())
    table = MediaTable("papers", media=ma.Document)
    (partition,) = insert(table, tmp_path / "a.pdf")
    monkeypatch.setitem(sys.modules, "pypdfium2", None)

    with pytest.raises(MissingExtraError, match=r"Documents .*media-assets\[pdf\]"):
        run_step(table, partition)


def test_a_column_of_audio_needs_it_and_the_others_of_its_table_do_not(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column(format="wav")
    def spoken(source_image: ma.Image) -> ma.Audio | None:
        return None

    @table.computed_column()
    def width(source_image: ma.Image) -> int:
        return source_image.width

    (partition,) = insert(table, save_photo(tmp_path / "a.png"))
    monkeypatch.setitem(sys.modules, "av", None)

    run_step(table, partition, ("source_image", "width"))
    with pytest.raises(MissingExtraError, match="Audio files"):
        run_step(table, partition, ("spoken",))
