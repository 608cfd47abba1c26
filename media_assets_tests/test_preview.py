"""The contact sheet of a materialization."""

import random
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.io_manager import MediaIOManager
from media_assets.metadata import PREVIEW
from media_assets.preview import MOST_BYTES, contact_sheet
from media_assets.reading import Reader
from media_assets.records.manifests import Manifest, Record
from media_assets.tables.table import MediaTable
from media_assets_tests.catalogs import header, image
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize, shown

COLOURS = ["red", "lime", "blue", "yellow", "cyan", "magenta", "white", "black", "gray", "orange"]


@pytest.fixture
def photos() -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    return table


def one_colour_each(folder: Path) -> dict[str, Record]:
    """Ten files of one colour, as records by row."""
    records: dict[str, Record] = {}
    for number, colour in enumerate(COLOURS):
        path = folder / f"{number}.png"
        Image.new("RGB", (300, 300), colour).save(path)
        records[path.name] = image(path.name, path.as_uri(), digest=None, run_id="earlier")
    return records


def sheet_of(records: dict[str, Record]) -> Image.Image:
    content = contact_sheet(Manifest(header(), records), Reader())
    assert content is not None
    return Image.open(BytesIO(content)).convert("RGBA")


def pixel(colour: str) -> tuple[int, ...]:
    return tuple(Image.new("RGB", (1, 1), colour).tobytes())


def looks_like(sheet: Image.Image, column: int, row: int, colour: str) -> bool:
    """Whether the middle of a square of the sheet has this colour."""
    found = sheet.getpixel((96 + 196 * column, 96 + 196 * row))
    assert isinstance(found, tuple)
    return all(abs(a - b) < 12 for a, b in zip(found, pixel(colour), strict=False))


def test_the_first_six_images_are_in_order_on_two_lines(tmp_path: Path) -> None:
    sheet = sheet_of(one_colour_each(tmp_path))

    assert sheet.size == (3 * 196 - 4, 2 * 196 - 4)
    for place, colour in enumerate(COLOURS[:6]):
        assert looks_like(sheet, place % 3, place // 3, colour), colour


def test_images_made_by_the_run_come_first(tmp_path: Path) -> None:
    records = one_colour_each(tmp_path)
    made = records["9.png"]
    records["9.png"] = image(made.row, made.fileurl or "", digest=None, run_id="run")

    sheet = sheet_of(records)

    assert looks_like(sheet, 0, 0, "orange")
    assert looks_like(sheet, 1, 0, "red")


def test_files_that_cannot_be_read_leave_no_gap(tmp_path: Path) -> None:
    records = one_colour_each(tmp_path)
    (tmp_path / "0.png").unlink()
    (tmp_path / "1.png").write_bytes(b"no image")
    records["2.png"] = Record("2.png", error_class="DarkError", error_message="too dark")

    assert looks_like(sheet_of(records), 0, 0, "yellow")


def test_there_is_no_sheet_without_a_readable_image() -> None:
    gone = {"a": image("a", "file:///nowhere/a.png")}

    assert contact_sheet(Manifest(header(), gone), Reader()) is None
    assert contact_sheet(Manifest(header(), {}), Reader()) is None


@pytest.mark.parametrize("seed", range(3))
def test_no_sheet_is_too_large_for_the_event_log(tmp_path: Path, seed: int) -> None:
    records: dict[str, Record] = {}
    for number in range(6):
        path = tmp_path / f"{number}.png"
        noise = random.Random(seed * 6 + number).randbytes(300 * 300 * 3)  # noqa: S311  pixels
        Image.frombytes("RGB", (300, 300), noise).save(path)
        records[path.name] = image(path.name, path.as_uri(), digest=None)

    content = contact_sheet(Manifest(header(), records), Reader())

    assert content is not None
    assert 1_000 < len(content) <= MOST_BYTES == 32_000


def test_a_materialization_of_images_shows_a_sheet(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 12))

    result = materialize(instance, photos, partition)

    for column in ("source_image", "flipped"):
        markdown = str(shown(result, photos, column)[PREVIEW])
        start, _, content = markdown.partition("base64,")
        assert start == "![The first files](data:image/webp;"
        assert Image.open(BytesIO(b64decode(content.removesuffix(")")))).size == (584, 388)
        assert len(markdown) < 44_000
    assert PREVIEW not in shown(result, photos, "width")


def test_a_run_that_made_nothing_shows_the_existing_images(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))
    first = shown(materialize(instance, photos, partition), photos, "flipped")

    second = shown(materialize(instance, photos, partition), photos, "flipped")

    assert second["media_assets/made"] == 0
    assert second[PREVIEW] == first[PREVIEW]


def test_pictures_stay_out_of_the_event_log_where_that_is_asked_for(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 2))
    in_code = MediaIOManager(preview=False)
    elsewhere = {"output_media_dest": str(tmp_path / "elsewhere")}
    by_run_config = {"resources": {"media_io_manager": {"config": {"preview": False}}}}

    first = materialize(instance, photos, partition, manager=in_code)
    second = materialize(
        instance,
        photos,
        partition,
        manager=in_code,
        run_config={"resources": {"media_io_manager": {"config": elsewhere}}},
    )
    third = materialize(instance, photos, partition, run_config=by_run_config)

    assert shown(second, photos, "flipped")["media_assets/moved"] == 2, "it moved"
    assert shown(third, photos, "flipped")["media_assets/moved"] == 2, "it moved back"
    for result in (first, second, third):
        assert PREVIEW not in shown(result, photos, "flipped")


def test_an_asset_outside_tables_shows_a_sheet_too(instance: dg.DagsterInstance) -> None:
    @dg.asset(io_manager_key="media_io_manager")
    def poster() -> Image.Image:
        return Image.new("RGB", (40, 40), "red")

    result = dg.materialize(
        [poster], instance=instance, resources={"media_io_manager": MediaIOManager()}
    )

    (event,) = result.asset_materializations_for_node("poster")
    assert PREVIEW in event.metadata
