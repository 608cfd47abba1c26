"""Tables of videos, audio and documents, from their uploads to files at their destinations."""

from pathlib import Path

import dagster as dg

import media_assets as ma
from media_assets.tables.table import MediaTable
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video
from media_assets_tests.runs import inserted
from media_assets_tests.steps import run_step


def video_table() -> MediaTable:
    videos = MediaTable("videos", media=ma.Video)

    @videos.computed_column()
    def duration(source_video: ma.Video) -> float | None:
        return source_video.duration

    @videos.computed_column()
    def poster(source_video: ma.Video) -> ma.Image:
        return source_video.frame(0.2)

    @videos.computed_column(format="mp4")
    def clip(source_video: ma.Video) -> ma.Video:
        return source_video.clip(0, 0.5)

    @videos.computed_column(format="m4a")
    def sound(source_video: ma.Video) -> ma.Audio | None:
        return source_video.audio()

    @videos.computed_column()
    def waveform(sound: ma.Audio | None) -> ma.Image | None:
        return None if sound is None else sound.waveform((120, 40))

    return videos


def test_a_table_of_videos(home: Path, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    make_video(folder / "a.mp4", with_audio=True)
    make_video(folder / "b.webm", codec="vp9", rotation=0)
    make_video(folder / "turned.mov", rotation=90)
    (folder / "list.mp4").write_text("ffconcat version 1.0\nfile '/etc/passwd'\n")
    table = video_table()

    partition = inserted(instance, table, folder)
    run_step(table, partition)

    catalog = ma.Catalog.open()
    rows = catalog.table("videos").set_index("row")
    assert rows["duration"].dropna().round(1).to_dict() == {
        "a.mp4": 1.0,
        "b.webm": 1.0,
        "turned.mov": 1.0,
    }
    errors = catalog.sql("from media_assets.errors")
    assert set(errors["row"]) == {"list.mp4"}
    assert catalog.column("videos", "poster").open("turned.mov").size == (48, 64)
    with catalog.column("videos", "clip").open("a.mp4") as clip:
        assert clip.duration is not None
        assert 0.4 < clip.duration < 0.8
    facts = catalog.sql(
        "select row, codec, fps, duration from media_assets.files where \"column\" = 'source_video'"
    )
    assert dict(zip(facts["row"], facts["codec"], strict=True)) == {
        "a.mp4": "h264",
        "b.webm": "vp9",
        "turned.mov": "h264",
    }
    sounds = rows["sound"].dropna()
    assert list(sounds.index) == ["a.mp4"]
    assert str(sounds.iloc[0]).endswith(".m4a")
    assert catalog.column("videos", "waveform").open("a.mp4").size == (120, 40)
    assert {output.committed.made for output in run_step(table, partition)} == {0}


def test_a_table_of_documents(home: Path, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / "two.pdf").write_bytes(make_pdf(2, title="Two"))
    (tmp_path / "cut.pdf").write_bytes(make_pdf(2)[:200])
    table = MediaTable("papers", media=ma.Document)

    @table.computed_column()
    def cover(source_document: ma.Document) -> ma.Image:
        return source_document.page(0, dpi=20)

    @table.computed_column()
    def text(source_document: ma.Document) -> str:
        return source_document.text()

    @table.computed_column(format="pdf")
    def last(source_document: ma.Document) -> ma.Document:
        return source_document.extract(source_document.pages - 1)

    partition = inserted(instance, table, tmp_path / "two.pdf", tmp_path / "cut.pdf")
    run_step(table, partition)

    catalog = ma.Catalog.open()
    shown = catalog.sql("select text, cover, last from papers where row = 'two.pdf'")
    assert "page 1" in str(shown["text"][0])
    assert catalog.column("papers", "cover").open("two.pdf").size == (170, 220)
    with catalog.column("papers", "last").open("two.pdf") as document:
        assert document.pages == 1
    files = catalog.sql('select "column", pages, title from media_assets.files order by pages')
    assert files["pages"].dropna().to_list() == [1, 2]
    assert catalog.sql("select distinct row from media_assets.errors")["row"].to_list() == [
        "cut.pdf"
    ]


def test_a_table_of_audio(home: Path, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    table = MediaTable("sounds", media=ma.Audio)

    @table.computed_column(format="wav")
    def for_speech(source_audio: ma.Audio) -> ma.Audio:
        return source_audio.resample(16_000, channels=1)

    @table.computed_column()
    def waveform(source_audio: ma.Audio) -> ma.Image:
        return source_audio.waveform((100, 30))

    partition = inserted(instance, table, make_audio(tmp_path / "tone.mp3"))
    run_step(table, partition)

    files = (
        ma.Catalog.open()
        .sql('select "column", sample_rate, channels, format, fileurl from media_assets.files')
        .set_index("column")
    )
    assert files["sample_rate"]["for_speech"] == 16_000
    assert files["channels"]["for_speech"] == 1
    assert str(files["fileurl"]["for_speech"]).endswith(".wav")
    assert files["format"]["source_audio"] == "mp3"
