"""Assets outside tables that return videos, audio, documents, or paths of such files."""

from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

import media_assets as ma
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video
from media_assets_tests.test_standalone_assets import failure_of, images_asset, load, run, shown


def stored(name: str, column: str) -> dict[str, str]:
    rows = ma.Catalog.open().sql(f'select row, {column} from "{name}" order by row')  # noqa: S608
    return dict(rows.itertuples(index=False, name=None))


def test_a_video_is_written_with_its_edits_and_loaded_as_a_video(
    home: Path, tmp_path: Path
) -> None:
    path = make_video(tmp_path / "a.mp4", with_audio=True)
    declared = {
        "destination": str(tmp_path / "own"),
        "format": "mkv",
        "save_options": {"crf": 30},
    }
    clips = images_asset(lambda: ma.Video(path).clip(0, 0.5).mute(), "clip", declared=declared)

    result = run(clips)
    _, (video,) = load(ma.Video, clips)

    assert result.success
    ((row, fileurl),) = stored("clip", "video").items()
    assert row == "clip"
    assert fileurl.startswith(f"file://{tmp_path}/own/")
    assert fileurl.endswith(".mkv")
    with video:
        assert 0.4 < (video.duration or 0) < 0.8
        assert not video.has_audio
    assert shown(result)["media_assets/rows"] == 1


@pytest.mark.parametrize("is_path", [True, False], ids=["paths", "handles"])
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (ma.Audio, lambda path: make_audio(path.with_suffix(".ogg"))),
        (ma.Document, lambda path: path.with_suffix(".pdf")),
        (ma.Video, lambda path: make_video(path.with_suffix(".webm"), codec="vp9")),
    ],
    ids=["audio", "document", "video"],
)
def test_rows_are_handles_or_paths(
    home: Path, tmp_path: Path, kind: type, make: Callable[[Path], Path], *, is_path: bool
) -> None:
    path = make(tmp_path / "source")
    if kind is ma.Document:
        path.write_bytes(make_pdf(2))
    made = path if is_path else kind(path)

    result = run(images_asset(lambda: {"one": made}, "files"))
    _, (column,) = load(ma.MediaColumn, images_asset(dict, "files"))

    assert result.success, failure_of(result)
    name = kind.__name__.lower()
    assert list(stored("files", name)) == ["one"]
    with column.open("one") as opened:
        assert isinstance(opened, kind)


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (lambda video: {"a": video, "b": make_image()}, "returned Image to .* One video, a"),
        (lambda video: {"a": make_image(), "b": video}, "One image, a mapping"),
        (lambda _: {"a": Path(__file__)}, "Path"),
    ],
)
def test_what_is_of_no_kind_or_of_another_is_refused(
    home: Path, tmp_path: Path, returned: Callable[[object], Mapping[str, object]], told: str
) -> None:
    video = ma.Video(make_video(tmp_path / "a.mp4"))

    result = run(images_asset(lambda: returned(video), "mixed"))

    assert not result.success
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(failure_of(result))


def make_image() -> ma.Image:
    return Image.new("RGB", (4, 4))


def test_a_file_that_is_damaged_fails_the_asset_and_says_why(home: Path, tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:300])

    result = run(images_asset(lambda: path, "clip"))

    assert "The mp4 file" in failure_of(result)


def test_an_asset_that_held_images_and_now_holds_videos_is_loaded_as_videos(
    home: Path, tmp_path: Path
) -> None:
    path = make_video(tmp_path / "a.mp4")
    run(images_asset(make_image, "media"))
    upstream = images_asset(lambda: path, "media")
    run(upstream)

    _, (video,) = load(ma.Video, upstream)

    assert video.width == 64


def test_a_format_says_the_kind_of_a_table_without_rows(home: Path) -> None:
    upstream = images_asset(dict[str, dg.AssetKey], "clips", declared={"format": "mp4"})

    assert run(upstream).success
    _, (column,) = load(ma.MediaColumn, upstream)

    assert (column.type, len(column)) == ("video", 0)
