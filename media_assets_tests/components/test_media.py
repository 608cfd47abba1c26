"""Tables of videos and audio in YAML."""

from pathlib import Path

import pytest
import yaml

import media_assets as ma
from media_assets.components import MediaTableComponent
from media_assets.components.media_table import ColumnModel
from media_assets.errors import DeclarationError
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video
from media_assets_tests.runs import insert
from media_assets_tests.steps import cells, run_step

VIDEOS = """
name: videos
media: video
limits: {max_seconds: 60}
columns:
  - transform: poster
    options: {at: 0.5, size: [32, 32]}
  - {transform: contact_sheet, options: {columns: 2, rows: 1}}
  - {transform: clip, options: {start: 0, end: 0.5}, format: mp4}
  - {transform: resize, options: {size: [32, 24]}, format: webm}
  - {transform: mute, format: mkv}
  - {transform: extract_audio, format: m4a, name: sound}
  - {transform: resample, reads: sound, options: {rate: 8000}, format: wav}
  - {transform: clip_audio, reads: sound, options: {end: 0.5}, format: flac}
  - {transform: waveform, reads: sound, options: {size: [100, 20]}}
"""


def table_of(text: str) -> MediaTableComponent:
    given = yaml.safe_load(text)
    given["columns"] = [ColumnModel(**column) for column in given["columns"]]
    return MediaTableComponent(**given)


def test_each_transform_of_videos_and_audio_can_be_a_column(home: Path, tmp_path: Path) -> None:
    table = table_of(VIDEOS).table()
    make_video(tmp_path / "sound.mp4", with_audio=True)
    make_video(tmp_path / "silent.mp4")

    (partition,) = insert(table, tmp_path / "sound.mp4", tmp_path / "silent.mp4")
    made = cells(run_step(table, partition))

    assert table.source.name == "source_video"
    formats = {name: records["sound.mp4"].format for name, records in made.items()}
    assert formats == {
        "source_video": "mp4",
        "poster": "JPEG",
        "contact_sheet": "JPEG",
        "clip": "mp4",
        "resize": "webm",
        "mute": "mkv",
        "sound": "m4a",
        "resample": "wav",
        "clip_audio": "flac",
        "waveform": "JPEG",
    }
    silent = {name: records["silent.mp4"] for name, records in made.items()}
    assert {name: record.error_message for name, record in silent.items()} == dict.fromkeys(made)
    assert {name for name, record in silent.items() if record.fileurl is None} == {
        *("sound", "resample", "clip_audio", "waveform")
    }


def test_a_table_of_audio_reads_its_source(home: Path, tmp_path: Path) -> None:
    columns = [ColumnModel(transform="waveform")]
    table = MediaTableComponent(name="sounds", media="audio", columns=columns).table()

    (partition,) = insert(table, make_audio(tmp_path / "tone.ogg"))
    run_step(table, partition)

    assert ma.Catalog.open().column("sounds", "waveform").open("tone.ogg").size == (800, 200)


def test_a_kind_of_media_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(DeclarationError, match="in YAML image, video, audio, document"):
        MediaTableComponent(name="videos", media="film", columns=[]).table()


def test_a_transform_of_another_kind_is_refused() -> None:
    table = MediaTableComponent(
        name="videos", media="video", columns=[ColumnModel(transform="blur")]
    ).table()

    with pytest.raises(DeclarationError, match="annotates 'source_video' as `image`"):
        _ = table.columns
