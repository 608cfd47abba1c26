"""Columns of animations: all frames in and out, beside columns that read the first one."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import media_assets as ma
from media_assets.components.media_table import ColumnModel, MediaTableComponent
from media_assets.errors import DeclarationError, OutputFormatError
from media_assets.images.animations import animation_of
from media_assets.images.decode import ImageLimits, open_image
from media_assets.images.source_file import SourceFile
from media_assets.records.manifests import Record
from media_assets.tables.image_reading import describe_reading
from media_assets.tables.table import MediaTable
from media_assets_tests.images.exif_files import exif_of
from media_assets_tests.images.pictures import saved, scene
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.pipeline.plans import (
    content,
    jpeg_bytes,
    plan_for,
    records_of,
    rows_of,
    run,
)

TIMES = (0.1, 0.3, 0.2)


@pytest.fixture
def gif(tmp_path: Path) -> Path:
    first, *others = (scene().rotate(90 * turn) for turn in range(3))
    path = tmp_path / "a.gif"
    times = [round(seconds * 1000) for seconds in TIMES]
    first.save(path, save_all=True, append_images=others, duration=times, loop=0)
    return path


def table_of(media_format: str | None = None) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column(animated=True, format=media_format)
    def small(source_image: ma.Animation) -> ma.Animation:
        return ma.transforms.thumbnail(source_image, (32, 32))

    @table.computed_column()
    def still(source_image: ma.Image) -> ma.Image:
        return ma.transforms.thumbnail(source_image, (32, 32))

    @table.computed_column()
    def seconds(small: ma.Animation) -> float:
        return round(small.duration, 2)

    return table


def animation(record: Record) -> ma.Animation:
    return animation_of(open_image(content(record), ImageLimits()), ImageLimits())


@pytest.mark.parametrize("media_format", [None, "webp", "gif", "png"])
def test_all_frames_are_read_and_written_and_others_read_the_first(
    gif: Path, tmp_path: Path, media_format: str | None
) -> None:
    made = run(plan_for(table_of(media_format), tmp_path), rows_of([gif]))["a.gif"].records

    small = made["small"]
    assert (small.format, small.frames) == ((media_format or "webp").upper(), 3)
    assert (small.width, small.height) == (32, 24)
    assert animation(small).durations == pytest.approx(TIMES)
    assert json.loads(small.facts or "") == {"duration": pytest.approx(0.6)}
    assert made["seconds"].value == "0.6"
    assert (made["still"].format, made["still"].frames) == ("JPEG", 1)


def test_a_still_photo_is_an_animation_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    scene().save(path)

    made = run(plan_for(table_of(), tmp_path), rows_of([path]))["a.png"].records

    assert (made["small"].format, made["small"].frames) == ("JPEG", 1)
    assert content(made["small"]) == content(made["still"])
    assert made["small"].facts is None
    assert made["seconds"].value == "0.0"


def test_columns_that_read_the_first_frame_make_what_they_made_before(
    gif: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column(code_version="1")
    def still(source_image: ma.Image) -> ma.Image:
        return source_image

    made = run(plan_for(table, tmp_path), rows_of([gif]))["a.gif"]

    with Image.open(gif) as first:
        assert content(made.records["still"]) == jpeg_bytes(first.convert("RGB"))
    assert made.records["still"].code_version == "1"
    assert made.decodes == 1


def test_each_iteration_decodes_once_and_only_where_frames_are_read(
    gif: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column(name="count")
    def frames_of(source_image: ma.Animation) -> int:
        return len(source_image)

    counted = run(plan_for(table, tmp_path, columns=["count"]), rows_of([gif]))["a.gif"]
    whole = run(plan_for(table_of(), tmp_path, columns=["small"]), rows_of([gif]))["a.gif"]

    assert (counted.records["count"].value, counted.decodes) == ("3", 0)
    assert whole.decodes == 1


def test_damage_in_a_later_frame_is_an_error_of_the_animated_column_alone(
    gif: Path, tmp_path: Path
) -> None:
    gif.write_bytes(gif.read_bytes()[:-100])

    made = run(plan_for(table_of(), tmp_path), rows_of([gif]))["a.gif"].records

    assert made["source_image"].error_class is made["still"].error_class is None
    assert made["small"].error_class == "UndecodableImageError"
    assert "frame 3 of 3 is damaged" in (made["small"].error_message or "")


def test_limits_bound_all_frames_of_the_animated_column_alone(gif: Path, tmp_path: Path) -> None:
    limits = ImageLimits(max_animation_pixels=5_000)

    made = run(plan_for(table_of(), tmp_path, limits=limits), rows_of([gif]))["a.gif"].records

    assert made["still"].error_class is None
    assert "9,216 pixels in all frames" in (made["small"].error_message or "")


def test_processes_batches_and_one_animation_from_an_image(gif: Path, tmp_path: Path) -> None:
    table = MediaTable("photos")
    table.computed_column(name="apart", processes=True)(functions.all_smaller)
    table.computed_column(name="within")(functions.all_smaller)

    @table.computed_column(batch_size=4)
    def counts(source_image: list[ma.Animation]) -> list[int]:
        return [len(list(each)) for each in source_image]

    @table.computed_column(format="gif")
    def blinking(source_image: ma.Image) -> ma.Animation | None:
        return ma.Animation([source_image, ma.transforms.grayscale(source_image)], 0.5, loop=2)

    @table.computed_column()
    def last(blinking: ma.Animation | None) -> ma.Image | None:
        return None if blinking is None else list(blinking)[-1]

    made = run(plan_for(table, tmp_path), rows_of([gif]))["a.gif"].records

    assert {name: record.error_message for name, record in made.items() if record.error_class} == {}
    assert made["apart"].digest == made["within"].digest
    assert (made["apart"].frames, made["counts"].value) == (3, "3")
    assert (made["blinking"].frames, animation(made["blinking"]).loop) == (2, 2)
    with Image.open(BytesIO(content(made["last"]))) as image:
        assert image.size == (64, 48)


def test_an_unchanged_animation_is_not_made_again(gif: Path, tmp_path: Path) -> None:
    first = records_of(run(plan_for(table_of(), tmp_path), rows_of([gif])))

    again = run(plan_for(table_of(), tmp_path), rows_of([gif], first))["a.gif"]

    assert again.reused == {"source_image", "small", "still", "seconds"}
    assert again.decodes == 0


def test_the_first_frame_and_all_frames_have_different_code_versions() -> None:
    one, every = MediaTable("photos"), MediaTable("photos")
    one.computed_column(name="small", code_version="1")(functions.smaller_source)
    every.computed_column(name="small", code_version="1")(functions.all_smaller)

    assert one.computed_columns[0].code_version == "1"
    assert every.computed_columns[0].code_version != "1"


def test_plan_and_describe_say_which_frames_a_column_reads() -> None:
    table = table_of()

    told = {column.name: describe_reading(table, column) for column in table.columns}

    assert told == {
        "source_image": "truncated: error",
        "small": "all frames",
        "still": "first frame",
        "seconds": "all frames",
    }


def test_what_cannot_be_animated_is_refused_when_it_is_declared() -> None:
    table = MediaTable("photos")

    with pytest.raises(DeclarationError, match=r"animated=True.*ma.Animation"):
        table.computed_column(animated=True)(functions.smaller_source)
    with pytest.raises(OutputFormatError, match=r"'jpeg'.*WEBP, GIF, PNG"):
        table.computed_column(format="jpeg")(functions.all_smaller)
    with pytest.raises(DeclarationError, match="decode_size"):
        table.computed_column(decode_size=(8, 8))(functions.all_smaller)


def test_a_transform_in_yaml_is_applied_to_every_frame(gif: Path, tmp_path: Path) -> None:
    flipped = ColumnModel(transform="flip", animated=True, format="png")
    table = MediaTableComponent(name="photos", columns=[flipped]).table()

    made = run(plan_for(table, tmp_path), rows_of([gif]))["a.gif"].records

    assert (made["flip"].format, made["flip"].frames) == ("PNG", 3)
    assert table.computed_columns[0].description == "Returns the image mirrored."
    with pytest.raises(DeclarationError, match="sharpness makes no image"):
        MediaTableComponent(
            name="photos", columns=[ColumnModel(transform="sharpness", animated=True)]
        ).table()


def test_a_damaged_list_of_frames_is_an_error_of_the_animated_column_alone(tmp_path: Path) -> None:
    first, *others = (scene().rotate(90 * turn) for turn in range(3))
    whole = saved(first, "PNG", save_all=True, append_images=others, duration=100)
    path = tmp_path / "a.png"
    path.write_bytes(whole.replace(b"fcTL", b"fcTX"))

    made = run(plan_for(table_of(), tmp_path), rows_of([path]))["a.png"].records

    assert "its list of frames is damaged" in (made["small"].error_message or "")
    assert made["still"].error_class is made["source_image"].error_class is None


def test_results_keep_metadata_in_animations_too(gif: Path, tmp_path: Path) -> None:
    block = exif_of({0x8298: "(c) Ann"})
    first, *others = (scene().rotate(90 * turn) for turn in range(3))
    path = tmp_path / "b.webp"
    first.save(path, save_all=True, append_images=others, exif=block)
    for media_format in ("webp", "png"):
        table = MediaTable("photos")
        keep = table.computed_column(name="all", format=media_format, keep_metadata=["copyright"])
        keep(functions.all_smaller)

        made = run(plan_for(table, tmp_path), rows_of([path, gif]))

        kept = SourceFile.of(content(made["b.webp"].records["all"]), "/b")
        assert kept.copyright == "(c) Ann"
        assert made["b.webp"].records["all"].frames == made["a.gif"].records["all"].frames == 3
