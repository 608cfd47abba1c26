"""The arguments of one row's functions, and their independence from each other."""

import gc
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from weakref import ReferenceType, ref

import pytest
from PIL import Image, ImageStat

from media_assets.file_keys import partition_prefix
from media_assets.pipeline import RowPlan
from media_assets.pipeline.budget import MemoryRoom
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.row import RowWalk, Shared
from media_assets.pipeline.writing import FileWriter
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import SIZE, picture, save_photo
from media_assets_tests.pipeline.plans import (
    PARTITION,
    content,
    jpeg_bytes,
    plan_for,
    records_of,
    rows_of,
    run,
)


@pytest.mark.parametrize("mutating_first", [True, False])
def test_a_function_that_changes_its_image_changes_no_other_column(
    tmp_path: Path, *, mutating_first: bool
) -> None:
    def ruined(source_image: Image.Image) -> Image.Image:
        source_image.paste((0, 0, 0), (0, 0, *source_image.size))
        source_image.info["icc_profile"] = b"nonsense"
        return source_image

    def as_it_was(source_image: Image.Image) -> Image.Image:
        return source_image

    table = MediaTable("photos")
    for function in (ruined, as_it_was) if mutating_first else (as_it_was, ruined):
        table.computed_column(format="png")(function)

    path = save_photo(tmp_path / "a.png")
    records = run(plan_for(table, tmp_path / "out"), rows_of([path]))["a.png"].records

    assert Image.open(BytesIO(content(records["as_it_was"]))).tobytes() == picture().tobytes()
    black = Image.new("RGB", SIZE)
    assert Image.open(BytesIO(content(records["ruined"]))).tobytes() == black.tobytes()


def test_none_after_changing_the_image_means_the_changed_image(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def in_place(source_image: Image.Image) -> Image.Image:
        return source_image.thumbnail((16, 16))  # pyright: ignore[reportReturnType]

    path = save_photo(tmp_path / "a.png")
    record = run(plan_for(table, tmp_path / "out"), rows_of([path]))["a.png"].records["in_place"]

    expected = picture()
    expected.thumbnail((16, 16))
    assert content(record) == jpeg_bytes(expected)


def test_what_a_function_sees_does_not_depend_on_the_columns_beside_it(tmp_path: Path) -> None:
    table = MediaTable("photos")

    def seen(source_image: Image.Image) -> str:
        return f"{type(source_image).__name__} {source_image.format} {sorted(source_image.info)}"

    for name in ("first", "second", "third"):
        table.computed_column(name=name)(seen)

    path = save_photo(tmp_path / "a.jpg")
    together = run(plan_for(table, tmp_path), rows_of([path]))["a.jpg"].records
    alone = [
        run(plan_for(table, tmp_path, columns=[name]), rows_of([path]))["a.jpg"].records[name]
        for name in ("first", "second", "third")
    ]

    values = {r.value for r in alone} | {together[n].value for n in ("first", "second", "third")}
    assert len(values) == 1


@pytest.mark.parametrize("destination", ["{tmp_path}/out", "memory://reads-file/out"])
def test_a_column_that_reads_a_column_gets_what_its_file_holds(
    photos: MediaTable, tmp_path: Path, destination: str
) -> None:
    where = destination.format(tmp_path=tmp_path)
    paths = [save_photo(tmp_path / "a.jpg")]

    together = run(plan_for(photos, where), rows_of(paths))
    rows = rows_of(paths, records_of(together))
    alone = run(plan_for(photos, where, columns=["red"], force=True), rows)

    flipped = Image.open(BytesIO(content(together["a.jpg"].records["flipped"])))
    expected = ImageStat.Stat(flipped).mean[0]
    assert float(together["a.jpg"].records["red"].value or "") == expected
    assert float(alone["a.jpg"].records["red"].value or "") == expected
    exact = ImageStat.Stat(Image.open(paths[0])).mean[0]
    assert expected != exact, "the file says the same as the image, so the test proves nothing"


def test_decode_size_gives_the_same_image_whatever_other_columns_run(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def whole(source_image: Image.Image) -> str:
        return str(source_image.size)

    @table.computed_column(decode_size=(50, 50), format="png")
    def reduced(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column()
    def whole_again(source_image: Image.Image) -> str:
        return str(source_image.size)

    rows = rows_of([save_photo(tmp_path / "a.jpg", size=(800, 600))])
    together = run(plan_for(table, tmp_path / "out"), rows)["a.jpg"]
    alone = run(plan_for(table, tmp_path / "out", columns=["reduced"]), rows)["a.jpg"]

    assert together.records["whole"].value == together.records["whole_again"].value == "(800, 600)"
    assert together.records["reduced"].digest == alone.records["reduced"].digest
    reduced_width = alone.records["reduced"].width or 0
    assert 50 <= reduced_width < 800
    assert (together.decodes, alone.decodes) == (2, 1)


def test_a_forced_column_reads_the_source_where_the_manifest_says_it_is(
    photos: MediaTable, tmp_path: Path
) -> None:
    upload = save_photo(tmp_path / "a.jpg")
    kept = save_photo(tmp_path / partition_prefix("photos", "source_image", PARTITION) / "a.jpg")
    rows = rows_of([upload])
    first = run(plan_for(photos, tmp_path / "out"), rows)["a.jpg"].records
    known = {**first, "source_image": replace(first["source_image"], fileurl=kept.as_uri())}
    upload.unlink()

    plan = plan_for(photos, tmp_path / "out", columns=["flipped"], force=True)
    forced = run(plan, [RowPlan("a.jpg", rows[0].upload, known)])["a.jpg"].records["flipped"]

    assert forced.error_message is None
    assert forced.digest == first["flipped"].digest


def test_a_changed_stored_file_is_never_read_as_valid(photos: MediaTable, tmp_path: Path) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    fileurl = first["a.jpg"].records["flipped"].fileurl or ""
    Path(fileurl.removeprefix("file://")).write_bytes(jpeg_bytes(picture(9)))

    plan = plan_for(photos, tmp_path / "out", columns=["red"], force=True)
    red = run(plan, rows_of(paths, records_of(first)))["a.jpg"].records["red"]

    assert red.error_class == "InputFailedError"
    assert fileurl in (red.error_message or "")


def test_an_image_is_let_go_after_its_last_reader(tmp_path: Path) -> None:
    table, seen = MediaTable("photos"), list[ReferenceType[Image.Image]]()
    alive: list[bool] = []

    @table.computed_column()
    def copied(source_image: Image.Image) -> float:
        return float(source_image.width)

    @table.computed_column()
    def last(source_image: Image.Image) -> float:
        seen.append(ref(source_image))
        return 0.0

    @table.computed_column()
    def later(last: float) -> float:
        alive.append(seen[0]() is not None)
        return last

    run(plan_for(table, tmp_path / "out"), rows_of([save_photo(tmp_path / "a.jpg")]), workers=1)

    assert alive == [False]


@pytest.mark.parametrize("columns", [["source_image"], None], ids=["source alone", "all"])
@pytest.mark.parametrize("is_broken", [False, True], ids=["good", "broken"])
def test_nothing_of_a_row_stays_in_memory_once_it_is_made(
    photos: MediaTable, tmp_path: Path, columns: list[str] | None, *, is_broken: bool
) -> None:
    path = save_photo(tmp_path / "a.jpg")
    if is_broken:
        path.write_bytes(path.read_bytes()[:600])
    plan = plan_for(photos, tmp_path / "out", columns=columns)

    with FileWriter(plan) as writer, Processes() as processes:
        shared = Shared(MemoryRoom(), writer, processes)
        gc.collect()
        gc.disable()
        try:
            walk = RowWalk(plan, rows_of([path])[0], shared)
            held = ref(walk)
            with pytest.raises(StopIteration):
                next(walk.walk())
            del walk
            is_alive = held() is not None
        finally:
            gc.enable()

    assert not is_alive, "a reference cycle keeps bytes and pixels until the next collection"
