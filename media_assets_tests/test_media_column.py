"""A column for its readers: images are opened one by one, and checked when read."""

import gc
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import ref

import pytest

from media_assets.errors import CorruptFileError, UnknownNameError
from media_assets.media_column import MediaColumn
from media_assets.reading import Reader
from media_assets.records.manifests import Header, Manifest, Record
from media_assets.stores import Storage
from media_assets.values import ColumnType
from media_assets_tests.media.videos import make_video
from media_assets_tests.photos import picture, save_photo

if TYPE_CHECKING:
    from PIL import Image

    from media_assets.video.handle import Video


def manifest(*records: Record, holds: ColumnType = ColumnType.IMAGE) -> Manifest:
    header = Header("photos", "flipped", "p1", holds, code_version="1", run_id="a-run")
    return Manifest(header, {record.row: record for record in records})


def image_cell(path: Path, row: str, seed: int = 0) -> Record:
    save_photo(path, seed)
    digest = sha256(path.read_bytes()).hexdigest()
    return Record(row, path.as_uri(), digest, size_bytes=path.stat().st_size, width=48, height=36)


def failed(row: str) -> Record:
    return Record(row, error_class="ValueError", error_message=f"{row} is broken")


def column(*manifests: Manifest) -> MediaColumn:
    return MediaColumn(list(manifests), Reader())


def test_rows_fileurls_and_errors_are_known_without_opening_a_file(tmp_path: Path) -> None:
    cells = [image_cell(tmp_path / "b.png", "b"), failed("c"), image_cell(tmp_path / "a.png", "a")]
    for path in tmp_path.iterdir():
        path.unlink()

    images = column(manifest(*cells))

    assert images.rows == list(images) == ["a", "b", "c"]
    assert len(images) == 3
    assert images.fileurl == {name: (tmp_path / f"{name}.png").as_uri() for name in ("a", "b")}
    assert images.errormsg == {"c": "c is broken"}
    assert images.value == {}


def test_a_column_prints_as_its_name() -> None:
    assert repr(column(manifest())) == "<column photos/flipped>"
    assert repr(column()) == "<column without rows>"


def test_images_are_opened_one_by_one(tmp_path: Path) -> None:
    cells = [image_cell(tmp_path / f"{n}.png", str(n), seed=n) for n in range(5)]
    images = column(manifest(*cells, failed("x")))
    seen: list[ref[Image.Image]] = []
    contents: list[bytes] = []

    for _, image in images.items():  # noqa: PERF102  no dict
        assert sum(earlier() is not None for earlier in seen) <= 1
        seen.append(ref(image))
        contents.append(image.tobytes())
        del image
        gc.collect()

    assert contents == [picture(n).tobytes() for n in range(5)]
    assert images.open("3").tobytes() == picture(3).tobytes()


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    images = column(manifest(image_cell(tmp_path / "a.png", "a")))
    save_photo(tmp_path / "a.png", seed=1)

    with pytest.raises(CorruptFileError):
        images.open("a")


@pytest.mark.parametrize("row", ["b", "c"])
def test_a_missing_row_is_an_error_that_names_the_existing_ones(tmp_path: Path, row: str) -> None:
    images = column(manifest(image_cell(tmp_path / "a.png", "a"), failed("c")))

    with pytest.raises(UnknownNameError, match=rf"'{row}' \(with a file\).*Known: a\."):
        images.read(row)


@pytest.mark.parametrize(
    ("holds", "texts", "values"),
    [
        (ColumnType.FLOAT, {"a": "0.5", "b": "nan"}, {"a": 0.5}),
        (ColumnType.INT, {"a": "-3", "b": None}, {"a": -3, "b": None}),
        (ColumnType.BOOL, {"a": "true", "b": "false"}, {"a": True, "b": False}),
        (ColumnType.DICT, {"a": '{"x": [1]}', "b": None}, {"a": {"x": [1]}, "b": None}),
        (ColumnType.STR, {"a": "", "b": "ü"}, {"a": "", "b": "ü"}),
    ],
)
def test_values_are_those_of_the_columns_type(
    holds: ColumnType, texts: Mapping[str, str | None], values: Mapping[str, object]
) -> None:
    cells = [Record(row, value=text) for row, text in texts.items()]

    found = column(manifest(*cells, failed("c"), holds=holds))

    assert {row: found.value[row] for row in values} == values
    assert "c" not in found.value
    assert list(found.to_pandas()["row"]) == ["a", "b", "c"]
    assert found.to_pandas()["value"][0] == values["a"]


def test_a_data_frame_has_a_line_per_row_and_says_what_failed(tmp_path: Path) -> None:
    cell = replace(image_cell(tmp_path / "a.png", "a"), frames=1, format="PNG")

    frame = column(manifest(failed("b"), cell)).to_pandas()

    assert frame["row"].to_list() == ["a", "b"]
    assert frame["fileurl"].to_list() == [cell.fileurl, None]
    assert frame["error_class"].to_list() == [None, "ValueError"]
    assert frame.loc[0, ["width", "height", "format"]].to_list() == [48, 36, "PNG"]


def test_rows_of_later_partitions_win_also_with_an_error(tmp_path: Path) -> None:
    older = manifest(image_cell(tmp_path / "a.png", "a"), image_cell(tmp_path / "b.png", "b"))
    newer = manifest(image_cell(tmp_path / "new.png", "a", seed=1), failed("b"))

    images = column(older, newer)

    assert images.fileurl == {"a": (tmp_path / "new.png").as_uri()}
    assert images.errormsg == {"b": "b is broken"}


def test_no_partition_at_all_is_an_empty_column() -> None:
    images = column()

    assert images.rows == []
    assert images.to_pandas().empty
    assert "fileurl" in images.to_pandas()


def test_many_rows_are_read_without_looking_at_all_of_them_each_time(tmp_path: Path) -> None:
    cell = image_cell(tmp_path / "a.png", "a")
    images = column(manifest(*(replace(cell, row=f"{n:05d}") for n in range(20_000))))

    content = [images.read(f"{n:05d}") for n in range(500)]

    assert set(content) == {(tmp_path / "a.png").read_bytes()}


def test_copies_of_remote_files_go_with_what_was_opened(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    cells = [remote_video(tmp_path / f"{name}.mp4", name) for name in names]
    videos = column(manifest(*cells, holds=ColumnType("video")))
    copies = list[Path]()

    for row, video in videos.items():
        copies.append(video.path)
        assert [path.exists() for path in copies] == [False] * (len(copies) - 1) + [True], row


def test_the_copy_of_a_remote_file_stays_for_what_was_made_of_it(tmp_path: Path) -> None:
    cell = remote_video(tmp_path / "a.mp4", "a")
    video: Video = column(manifest(cell, holds=ColumnType("video"))).open("a")
    copy, clip, frames = video.path, video.clip(0, 0.5), video.frames()
    del video

    assert clip.duration == 0.5
    del clip
    assert len(list(frames)) == 10
    del frames
    gc.collect()
    assert not copy.exists()


def remote_video(path: Path, row: str) -> Record:
    """The cell of a video in the store in memory."""
    content = make_video(path).read_bytes()
    fileurl = f"memory://{path.parent.name}/{row}.mp4"
    store, key = Storage().store_of(fileurl)
    store.put(key, content)
    digest = sha256(content).hexdigest()
    return Record(row, fileurl, digest, size_bytes=len(content), format="mp4")
