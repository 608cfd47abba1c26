"""One row: the contents of its cells, and the effects of a failure."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import StoreFullError
from media_assets.images.decode import ImageLimits
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import picture, save_photo
from media_assets_tests.pipeline.plans import (
    content,
    jpeg_bytes,
    plan_for,
    records_of,
    rows_of,
    run,
)


def test_a_row_is_decoded_once_whatever_the_number_of_columns(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    row = rows_of([save_photo(tmp_path / "a.jpg")])

    result = run(plan_for(photos, tmp_path / "out"), row)["a.jpg"]

    assert result.decodes == 1
    assert calls == ["flipped", "small", "red", "is_red"]
    assert {name: record.error_class for name, record in result.records.items()} == dict.fromkeys(
        ("source_image", "flipped", "small", "red", "is_red")
    )


def test_a_source_that_is_read_reduced_alone_is_validated_so(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(decode_size=(8, 8))
    def small(source_image: Image.Image) -> Image.Image:
        return source_image

    whole, cut = (save_photo(tmp_path / name, size=(160, 120)) for name in ("a.jpg", "b.jpg"))
    cut.write_bytes(cut.read_bytes()[:-300])
    rows = rows_of([whole, cut])
    made = run(plan_for(table, tmp_path / "out"), rows)
    source = made["a.jpg"].records["source_image"]

    assert made["a.jpg"].decodes == 1
    assert (source.width, source.height) == (160, 120)
    assert (made["a.jpg"].records["small"].width or 0) < 160
    assert "the file is cut short" in (made["b.jpg"].records["source_image"].error_message or "")


def test_a_row_is_fetched_once_so_a_vanished_source_does_no_harm(
    tmp_path: Path,
) -> None:
    table, path = MediaTable("photos"), save_photo(tmp_path / "a.jpg")

    @table.computed_column()
    def first(source_image: Image.Image) -> Image.Image:
        path.unlink()
        return source_image

    @table.computed_column(decode_size=(8, 8))
    def second(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column()
    def third(source_image: Image.Image) -> float:
        return float(source_image.width)

    result = run(plan_for(table, tmp_path / "out"), rows_of([path]))["a.jpg"]

    assert [r.error_message for r in result.records.values()] == [None] * 4


def test_files_are_byte_for_byte_what_plain_pillow_saves(
    photos: MediaTable, tmp_path: Path
) -> None:
    path = save_photo(tmp_path / "a.png")

    records = run(plan_for(photos, tmp_path / "out"), rows_of([path]))["a.png"].records

    flipped = picture().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert content(records["flipped"]) == jpeg_bytes(flipped)
    digest = hashlib.sha256(jpeg_bytes(flipped)).hexdigest()
    assert records["flipped"].digest == digest
    assert (records["flipped"].fileurl or "").endswith(f"/a-{digest[:16]}.jpg")
    assert records["flipped"].size_bytes == len(jpeg_bytes(flipped))
    assert (records["small"].width, records["small"].height) == (16, 12)
    assert records["small"].format == "PNG"


def test_the_error_of_a_function_names_the_function_and_the_row(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def broken(source_image: Image.Image) -> Image.Image:
        message = f"no {source_image.mode} today"
        raise ZeroDivisionError(message)

    @table.computed_column()
    def after(broken: Image.Image) -> float:
        return float(broken.width)

    result = run(plan_for(table, tmp_path / "out"), rows_of([save_photo(tmp_path / "a.jpg")]))
    records = result["a.jpg"].records

    assert records["broken"].error_class == "ZeroDivisionError"
    assert "'broken'" in (records["broken"].error_message or "")
    assert "'a.jpg'" in (records["broken"].error_message or "")
    assert "no RGB today" in (records["broken"].error_message or "")
    assert records["broken"].fileurl is records["broken"].digest is None
    assert records["after"].error_class == "InputFailedError"
    assert "no RGB today" not in (records["after"].error_message or "")
    assert records["source_image"].error_class is None
    assert result["a.jpg"].raised == {"broken": True}


def test_an_error_without_a_message_says_where_it_was_raised(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def wide(source_image: Image.Image) -> int:
        raise TimeoutError

    result = run(plan_for(table, tmp_path / "out"), rows_of([save_photo(tmp_path / "a.jpg")]))

    text = result["a.jpg"].records["wide"].error_message or ""
    assert re.search(
        r"it has no message, and comes from wide\(\) in line \d+ of .*test_row\.py\.", text
    )


def test_columns_behind_a_failed_one_name_it_and_do_not_repeat_its_message(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def toned(source_image: Image.Image) -> Image.Image:
        message = "no tone"
        raise ValueError(message)

    @table.computed_column()
    def small(toned: Image.Image) -> Image.Image:
        return toned

    @table.computed_column()
    def red(small: Image.Image) -> float:
        return float(small.width)

    plan, rows = plan_for(table, tmp_path / "out"), rows_of([save_photo(tmp_path / "a.jpg")])
    at_once = run(plan, rows)
    only = plan_for(table, tmp_path / "out", columns=["red"])
    later = run(only, rows_of([tmp_path / "a.jpg"], records_of(at_once)))["a.jpg"].records["red"]

    records = at_once["a.jpg"].records
    text = records["small"].error_message or ""
    assert text.startswith("Made from 'toned', which failed in this row. ")
    assert text.endswith(" See the error of 'toned'.")
    assert records["red"].error_message == later.error_message == text


def test_a_source_that_cannot_be_read_is_reported_by_the_first_column_that_reads_it(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def small(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    @table.computed_column()
    def red(small: Image.Image) -> float:
        return float(small.width)

    @table.computed_column()
    def area(width: int) -> int:
        return width * width

    rows = rows_of([save_photo(tmp_path / "a.jpg")])
    plan = plan_for(table, tmp_path / "out", columns=["small", "width", "red", "area"])
    (tmp_path / "a.jpg").unlink()

    records = run(plan, rows)["a.jpg"].records

    texts = {name: record.error_message or "" for name, record in records.items()}
    gone = [name for name, text in texts.items() if "is gone" in text]
    assert gone == ["small"]
    assert texts["red"].startswith("Made from 'small', which failed in this row.")
    assert texts["width"].startswith("Made from 'source_image', which cannot be read in this row.")
    assert texts["width"].endswith("See the error of 'small'.")
    assert texts["area"] == texts["width"]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda path: path.unlink(), "UploadGoneError"),
        (lambda path: path.write_bytes(b""), "EmptyImageError"),
        (lambda path: path.write_bytes(path.read_bytes()[:600]), "UndecodableImageError"),
        (lambda path: path.write_bytes(b"%PDF-1.7 and so on"), "UnsupportedImageError"),
        (lambda path: Image.new("L", (400, 400)).save(path), "ImageTooLargeError"),
        (lambda path: path.write_bytes(bytes(200_000)), "ImageTooLargeError"),
    ],
    ids=["missing", "empty", "truncated", "no image", "huge", "too many bytes"],
)
@pytest.mark.parametrize("with_source", [True, False], ids=["with source", "without source"])
def test_a_bad_file_is_an_error_row_and_the_other_rows_go_on(
    photos: MediaTable,
    tmp_path: Path,
    spoil: Callable[[Path], object],
    error: str,
    *,
    with_source: bool,
) -> None:
    names = ["source_image", "flipped", "red"] if with_source else ["flipped", "red"]
    limits = ImageLimits(max_pixels=100_000, max_bytes=100_000)
    paths = [save_photo(tmp_path / f"{name}.jpg", seed=4, size=(96, 72)) for name in "abc"]
    rows = rows_of(paths)
    spoil(paths[1])

    results = run(plan_for(photos, tmp_path / "out", columns=names, limits=limits), rows)

    bad = results["b.jpg"].records
    if with_source:
        assert bad["source_image"].error_class == error
    assert {bad["flipped"].error_class, bad["red"].error_class} == {"InputFailedError"}
    for row in ("a.jpg", "c.jpg"):
        assert {r.error_class for r in results[row].records.values()} == {None}


def test_a_result_of_another_type_than_annotated_is_an_error_row(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def number(source_image: Image.Image) -> float:
        return str(source_image.width)  # pyright: ignore[reportReturnType]

    @table.computed_column()
    def image(source_image: Image.Image) -> Image.Image:
        return source_image.size  # pyright: ignore[reportReturnType]

    @table.computed_column()
    def nothing(source_image: Image.Image) -> float:
        return None  # pyright: ignore[reportReturnType]

    rows = rows_of([save_photo(tmp_path / "a.jpg")])
    records = run(plan_for(table, tmp_path / "out"), rows)["a.jpg"].records

    assert records["number"].error_class == "ValueTypeError"
    assert records["image"].error_class == "ValueTypeError"
    assert (records["nothing"].value, records["nothing"].error_class) == (None, None)


def test_a_column_that_reads_one_without_this_row_is_an_error_row(
    photos: MediaTable, tmp_path: Path
) -> None:
    rows = rows_of([save_photo(tmp_path / "a.jpg")])

    records = run(plan_for(photos, tmp_path / "out", columns=["red"]), rows)["a.jpg"].records

    assert records["red"].error_class == "InputFailedError"
    assert "Materialize 'flipped' first" in (records["red"].error_message or "")


def test_a_fault_of_the_storage_ends_the_run_wherever_it_shows(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def stores_elsewhere(source_image: Image.Image) -> int:
        fileurl = f"s3://bucket/{source_image.mode}"
        raise StoreFullError(fileurl, action="write", reason="no room")

    rows = rows_of([save_photo(tmp_path / "a.jpg")])

    with pytest.raises(StoreFullError, match="s3://bucket/RGB"):
        run(plan_for(table, tmp_path / "out"), rows)
