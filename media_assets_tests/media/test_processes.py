"""A decoder that dies, or never ends, costs a row and not the run."""

from pathlib import Path

import media_assets as ma
from media_assets.tables.table import MediaTable
from media_assets_tests.media import process_functions as functions
from media_assets_tests.media.videos import make_video
from media_assets_tests.runs import insert
from media_assets_tests.steps import cells, run_step


def test_a_decoder_that_dies_or_hangs_is_an_error_row(home: Path, tmp_path: Path) -> None:
    table = MediaTable("videos", media=ma.Video)
    table.computed_column(processes=True)(functions.fatal)
    table.computed_column(processes=True, row_timeout=3)(functions.endless)
    table.computed_column(processes=True, format="mp4")(functions.clip)
    make_video(tmp_path / "fatal.mp4")
    make_video(tmp_path / "sound.mp4", with_audio=True)

    (partition,) = insert(table, tmp_path / "fatal.mp4", tmp_path / "sound.mp4")
    made = cells(run_step(table, partition))

    died, hung = made["fatal"]["fatal.mp4"], made["endless"]["fatal.mp4"]
    assert "died" in (died.error_message or "")
    assert "ran for more than 3 s" in (hung.error_message or "")
    assert made["fatal"]["sound.mp4"].format == "JPEG"
    assert made["endless"]["sound.mp4"].value == "1"
    assert {record.format for record in made["clip"].values()} == {"mp4"}


def test_a_value_of_a_source_that_changes_meanwhile_is_an_error_row(
    home: Path, tmp_path: Path
) -> None:
    table = MediaTable("videos", media=ma.Video)
    table.computed_column(processes=True)(functions.changing)
    (partition,) = insert(table, make_video(tmp_path / "a.mp4"))

    record = cells(run_step(table, partition))["changing"]["a.mp4"]

    assert record.value is None
    assert "has changed since it was recorded" in (record.error_message or "")
