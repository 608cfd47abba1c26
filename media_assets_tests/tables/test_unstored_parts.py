"""Parts that are kept in their parents' files: no file is theirs, and everything reads them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import media_assets as ma
from media_assets.catalog import Catalog
from media_assets.catalog.asked_file import AskedFile
from media_assets.errors import CorruptFileError, DeclarationError
from media_assets.gallery import read_contents, write_gallery
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.verification import verify
from media_assets.uploads.folders import Found
from media_assets.uploads.upload import Upload
from media_assets_tests.media.videos import make_video
from media_assets_tests.opened import opens_of
from media_assets_tests.steps import made, run_step
from media_assets_tests.tables.derived_rows import (
    collected,
    errors_in,
    insert,
    rows,
    run,
    save,
    shown,
    stale,
    stored,
)


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    del home
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def scans() -> MediaTable:
    return MediaTable("scans")


@pytest.fixture
def cut(scans: MediaTable) -> MediaTable:
    return with_shade(scans.derived_table("tiles", ma.split.tiles(4), stored=False))


def size(frame: Image.Image) -> str:
    return str(frame.size)


def with_shade(cut: MediaTable) -> MediaTable:
    @cut.computed_column(code_version="1")
    def shade(tile: Image.Image) -> int:
        assert tile.format == "PNG", "as any other reader gets it"
        pixel = tile.getpixel((0, 0))
        assert isinstance(pixel, int)
        return pixel

    return cut


def test_parts_that_are_not_stored_are_addresses_within_their_parents(
    folder: Path, home: Path, scans: MediaTable, cut: MediaTable
) -> None:
    path = save(folder, "a.png", 7, height=8)
    partition = insert(scans, path)

    assert run(scans, cut, partition=partition) == [1, 4]
    assert AskedFile.named(f"{path.as_uri()}#xywh=0,0,4,4").path == path
    assert shown("scans/tiles", "row, tile, y, shade") == [
        ("a.png/0000x0000", f"{path.as_uri()}#xywh=0,0,4,4", 0, 7),
        ("a.png/0001x0000", f"{path.as_uri()}#xywh=0,4,4,4", 4, 7),
    ]
    assert [path for path in home.rglob("*.png") if "tile" in path.parts] == []
    assert run(scans, cut, partition=partition) == [0, 0]
    assert stale(cut, partition) == {}


def test_everybody_reads_parts_that_are_not_stored(
    folder: Path, tmp_path: Path, scans: MediaTable, cut: MediaTable
) -> None:
    @scans.computed_column(code_version="1")
    def lowest(tiles: ma.Parts) -> Image.Image:
        return tiles[-1].tile

    @cut.computed_column(code_version="1", format="png")
    def copy(tile: Image.Image) -> Image.Image:
        return tile

    whole = Image.linear_gradient("L").resize((4, 8))
    whole.save(folder / "a.png")
    partition = insert(scans, folder / "a.png")
    run_step(scans, partition, ("source_image",))
    run_step(cut, partition)
    run_step(scans, partition)
    part = whole.crop((0, 4, 4, 8))
    row = "a.png/0001x0000"

    column = Catalog.open().column("scans/tiles", "tile")
    assert column.open(row).tobytes() == part.tobytes()
    assert Image.open(column.localpath[row]).tobytes() == part.tobytes()
    assert len(column.localpath) == 2
    (path,) = shown("scans/tiles", "localpath(tile)")[-1]
    assert Image.open(str(path)).tobytes() == part.tobytes()
    dataset = Catalog.open().dataset("scans/tiles", "tile", "y")
    loaded = dataset[1]["tile"]
    assert isinstance(loaded, Image.Image)
    assert loaded.tobytes() == part.tobytes()
    contents = read_contents(Catalog.open(), "scans/tiles")
    reader = MediaIOManager().installation.reader
    write_gallery(contents, tmp_path / "page", reader, expires_in=timedelta(hours=1))
    assert len(list((tmp_path / "page").rglob("*.webp"))) >= 2
    assert Catalog.open().column("scans", "lowest").open("a.png").size == (4, 4)
    assert Catalog.open().column("scans/tiles", "copy").open(row).tobytes() == part.tobytes()
    html = Catalog.open().sql('select tile from "scans/tiles"')._repr_html_()
    assert html.count("<img") == 2


def test_parts_of_modes_that_png_cannot_hold_say_and_have_another_format(
    folder: Path, scans: MediaTable
) -> None:
    cut = scans.derived_table("tiles", ma.split.tiles(4), stored=False)

    @cut.computed_column(code_version="1")
    def seen(tile: Image.Image) -> str:
        return f"{tile.format} {tile.mode} {tile.getpixel((0, 0))}"

    Image.new("CMYK", (4, 4), (1, 2, 3, 4)).save(folder / "a.tif")
    run(scans, cut, partition=insert(scans, folder / "a.tif"))

    column = Catalog.open().column("scans/tiles", "tile")
    (row,) = column.rows
    assert shown("scans/tiles", "seen") == [("TIFF CMYK (1, 2, 3, 4)",)]
    formats = Catalog.open().sql("select format from media_assets.files")["format"]
    assert list(formats) == ["TIFF", "TIFF"]
    assert column.open(row).format == "TIFF"


def test_a_step_opens_a_parent_once_however_many_of_its_parts_are_read(
    folder: Path, scans: MediaTable, cut: MediaTable
) -> None:
    path = save(folder, "a.png", 7, height=40)
    partition = insert(scans, path)
    run(scans, partition=partition)

    with opens_of(path) as first:
        assert run(cut, partition=partition) == [20]

    @cut.computed_column(code_version="1")
    def wide(tile: Image.Image) -> int:
        return tile.width

    with opens_of(path) as new_column:
        assert run(cut, partition=partition) == [10]
    with opens_of(path) as nothing_to_do:
        assert run(cut, partition=partition) == [0]
    assert (first, new_column, nothing_to_do) == ([1], [1], [0])


def test_every_frame_is_a_row_that_decodes_nothing_until_a_column_reads_it(folder: Path) -> None:
    videos = MediaTable("videos", media="video")
    frames = videos.derived_table("frames", ma.split.frames(size=(32, 24)), stored=False)
    path, longer = make_video(folder / "a.mp4"), make_video(folder / "b.mp4", seconds=3.0)
    partition = insert(videos, path, longer)
    run(videos, partition=partition)

    (output,) = run_step(frames, partition)
    assert output.committed.made == 40
    column = Catalog.open().column("videos/frames", "frame")
    assert column.fileurl["a.mp4/000000900"] == f"{path.as_uri()}#t=0.900&size=32,24"
    assert column.open("a.mp4/000000900").size == (32, 24)

    @frames.computed_column(code_version="1")
    def red(frame: Image.Image) -> int:
        return int(frame.convert("RGB").resize((1, 1), box=(0, 0, 2, 2)).tobytes()[0]) // 100

    frames.computed_column(code_version="1", processes=True)(size)

    with opens_of(path) as of_ten, opens_of(longer) as of_thirty:
        assert run(frames, partition=partition) == [80]
    assert of_ten == of_thirty, "a video is opened once, for all frames"
    assert set(shown("videos/frames", "red, size")) == {(2, "(32, 24)")}


def test_segments_are_read_as_videos(folder: Path) -> None:
    videos = MediaTable("videos", media="video")
    parts = videos.derived_table("segments", ma.split.segments(0.5), stored=False)

    @parts.computed_column(code_version="1")
    def count(segment: ma.Video) -> int:
        return segment.frame_count

    partition = insert(videos, make_video(folder / "a.mp4"))
    run(videos, parts, partition=partition)

    assert shown("videos/segments", "row, count") == [
        ("a.mp4/000000000", 5),
        ("a.mp4/000000500", 5),
    ]
    opened = Catalog.open().column("videos/segments", "segment").open("a.mp4/000000500")
    assert opened.frame_count == 5


def test_parts_follow_a_parent_that_moved_without_opening_it(
    folder: Path, scans: MediaTable, cut: MediaTable
) -> None:
    partition = insert(scans, save(folder, "a.png", 7))
    run(scans, cut, partition=partition)
    (folder / "new").mkdir()
    moved = (folder / "a.png").rename(folder / "new" / "a.png")
    insert(scans, moved)
    run(scans, partition=partition)

    with opens_of(moved) as counts:
        outputs = run_step(cut, partition)

    assert counts == [0]
    assert [(o.committed.made, o.committed.moved) for o in outputs] == [(0, 3), (0, 0)]
    assert shown("scans/tiles", "tile")[0] == (f"{moved.as_uri()}#xywh=0,0,4,4",)
    assert run(cut, partition=partition) == [0]


def test_a_parent_that_changed_in_place_is_refused_by_whoever_reads_a_part(
    folder: Path, scans: MediaTable, cut: MediaTable
) -> None:
    partition = insert(scans, save(folder, "a.png", 7))
    run(scans, cut, partition=partition)
    save(folder, "a.png", 8)

    with pytest.raises(CorruptFileError):
        Catalog.open().column("scans/tiles", "tile").open("a.png/0000x0000")

    @cut.computed_column(code_version="1")
    def wide(tile: Image.Image) -> int:
        return tile.width

    run(cut, partition=partition)
    assert len(errors_in(cut, "wide", partition)) == 3


def test_parts_own_no_file_to_be_verified_collected_or_dropped(
    folder: Path, scans: MediaTable, cut: MediaTable
) -> None:
    path = save(folder, "a.png", 7)
    partition = insert(scans, path, save(folder, "b.png", 8))
    run(scans, cut, partition=partition)
    reader = MediaIOManager().installation.reader

    (found,) = verify(stored(cut), reader, ["tile"], [partition], sample=9)
    assert (found.rows, found.files, found.problems) == (6, 0, [])

    delete_rows(stored(scans), "source_image", ["a.png"])
    assert len(rows("scans/tiles")) == 3
    assert not {file for file in collected(cut) if ".png" in file}
    assert path.exists()


def test_parts_are_made_again_when_they_are_stored_and_when_they_no_longer_are(
    folder: Path, scans: MediaTable, cut: MediaTable
) -> None:
    partition = insert(scans, save(folder, "a.png", 7))
    run(scans, cut, partition=partition)

    with_files = with_shade(MediaTable("scans").derived_table("tiles", ma.split.tiles(4)))
    assert made(run_step(with_files, partition, ("tile",))) == 3
    urls = {str(url) for (url,) in shown("scans/tiles", "tile")}
    assert not {url for url in urls if "#" in url}
    assert made(run_step(cut, partition)) == 3, "the shade was made from these before"
    assert collected(cut) >= urls, "their files are garbage then"


def test_a_stored_table_may_be_made_from_parts_that_are_not(
    folder: Path, scans: MediaTable, cut: MediaTable
) -> None:
    tips = cut.derived_table("tips", ma.split.tiles(2), source="tip")
    partition = insert(scans, save(folder, "a.png", 7, height=4))

    run(scans, cut, tips, partition=partition)

    assert len(rows("scans/tiles/tips")) == 4
    with pytest.raises(DeclarationError, match="that it is made of"):
        cut.derived_table("more", ma.split.tiles(2), source="tip", stored=False)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("destination", "s3://bucket/"),
        ("format", "webp"),
        ("save_options", {"quality": 3}),
        ("object_options", {"cache_control": "no-store"}),
        ("publish", "{row}.png"),
    ],
)
def test_options_of_files_are_refused_for_parts_without_files(
    scans: MediaTable, option: str, value: object
) -> None:
    options: Any = {option: value}

    with pytest.raises(DeclarationError, match=f"stored=False and {option}="):
        scans.derived_table("tiles", ma.split.tiles(4), stored=False, **options)


def test_parts_without_an_address_are_stored(scans: MediaTable) -> None:
    with pytest.raises(DeclarationError, match="no address says which part"):
        scans.derived_table("sizes", ma.split.renditions(widths=[4]), stored=False)


def test_whether_every_frame_is_stored_has_to_be_said() -> None:
    videos = MediaTable("videos", media="video")

    with pytest.raises(DeclarationError, match="takes every frame"):
        videos.derived_table("frames", ma.split.frames())
    assert videos.derived_table("frames", ma.split.frames(), stored=True).splitting is not None


def test_an_upload_that_is_named_like_a_part_of_another_is_an_error_and_not_that_part(
    folder: Path, scans: MediaTable
) -> None:
    installation = MediaIOManager().installation
    store, key = installation.storage.store_of("memory://uploads/a.png")
    store.put(key, save(folder, "a.png", 7).read_bytes())
    odd = Upload("b.png", "memory://uploads/a.png#xywh=0,0,4,4", 9, "1")
    partition = record(installation, scans, Found((odd,)), is_named=True).partitions[0]

    run(scans, partition=partition)

    (error,) = errors_in(scans, "source_image", partition)
    assert "rename the file" in (error.error_message or "")
