"""One row: what its functions see, what its cells hold, and what is made again."""

import gc
import hashlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from weakref import ReferenceType, ref

import pytest
from PIL import Image, ImageStat

from media_assets import transforms
from media_assets.errors import StoreFullError
from media_assets.images import ImageLimits
from media_assets.pipeline import RowPlan
from media_assets.pipeline.budget import PixelBudget
from media_assets.pipeline.processes import Processes
from media_assets.pipeline.row import RowWalk, Shared
from media_assets.pipeline.writing import FileWriter
from media_assets.table import MediaTable
from media_assets_tests.photos import SIZE, picture, save_photo
from media_assets_tests.pipeline.plans import content, plan_for, records_of, rows_of, run


@pytest.fixture
def calls() -> list[str]:
    """The names of the functions that were called."""
    return []


@pytest.fixture
def photos(calls: list[str]) -> MediaTable:
    """A chain of columns: two read the source, one reads one of them, one reads a value."""
    table = MediaTable("photos")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        calls.append("flipped")
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(format="png")
    def small(source_image: Image.Image) -> Image.Image:
        calls.append("small")
        return transforms.thumbnail(source_image, (16, 16))

    @table.computed_column()
    def red(flipped: Image.Image) -> float:
        calls.append("red")
        return ImageStat.Stat(flipped).mean[0]

    @table.computed_column()
    def is_red(red: float, small: Image.Image) -> bool:
        calls.append("is_red")
        return red > small.width

    return table


def jpeg_bytes(image: Image.Image) -> bytes:
    """What Pillow itself writes."""
    file = BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


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


def test_a_row_is_fetched_once_so_a_source_that_vanishes_meanwhile_does_no_harm(
    tmp_path: Path,
) -> None:
    table, path = MediaTable("photos"), save_photo(tmp_path / "a.jpg")

    @table.computed_column()
    def first(source_image: Image.Image) -> Image.Image:
        path.unlink()
        return source_image

    @table.computed_column(reads_at=(8, 8))
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


def test_a_function_that_returns_none_after_changing_its_image_means_that_image(
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


def test_a_column_that_reads_at_a_size_gets_the_same_image_whatever_runs_beside_it(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def whole(source_image: Image.Image) -> str:
        return str(source_image.size)

    @table.computed_column(reads_at=(50, 50), format="png")
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
    assert "no RGB today" in (records["after"].error_message or "")
    assert records["source_image"].error_class is None
    assert result["a.jpg"].raised == {"broken": True}


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda path: path.unlink(), "StoredFileMissingError"),
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


def test_a_function_that_returns_something_else_than_its_annotation_is_an_error_row(
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


def test_a_cell_that_is_right_is_reused_without_touching_the_source(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    path = save_photo(tmp_path / "a.jpg")
    first = run(plan_for(photos, tmp_path / "out"), rows_of([path]))["a.jpg"]
    known = {name: record for name, record in first.records.items() if name != "red"}
    again = rows_of([path], {"a.jpg": known})
    path.unlink()
    calls.clear()

    second = run(plan_for(photos, tmp_path / "out"), again)["a.jpg"]

    assert calls == ["red"]
    assert second.reused == {"source_image", "flipped", "small", "is_red"}
    assert second.decodes == 0
    assert second.records["red"].value == first.records["red"].value


def test_force_makes_every_cell_anew(photos: MediaTable, tmp_path: Path, calls: list[str]) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    calls.clear()

    rows = rows_of(paths, records_of(first))
    forced = run(plan_for(photos, tmp_path / "out", force=True), rows)["a.jpg"]

    assert calls == ["flipped", "small", "red", "is_red"]
    assert forced.reused == set()
    assert forced.decodes == 1


def test_a_forced_column_reads_the_source_where_the_manifest_says_it_is(
    photos: MediaTable, tmp_path: Path
) -> None:
    upload, kept = save_photo(tmp_path / "a.jpg"), save_photo(tmp_path / "kept" / "a.jpg")
    rows = rows_of([upload])
    first = run(plan_for(photos, tmp_path / "out"), rows)["a.jpg"].records
    known = {**first, "source_image": replace(first["source_image"], fileurl=kept.as_uri())}
    upload.unlink()

    plan = plan_for(photos, tmp_path / "out", columns=["flipped"], force=True)
    forced = run(plan, [RowPlan("a.jpg", rows[0].upload, known)])["a.jpg"].records["flipped"]

    assert forced.error_message is None
    assert forced.digest == first["flipped"].digest


def test_a_cell_of_other_code_is_made_anew_and_what_reads_it_only_if_it_changed(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = records_of(run(plan_for(photos, tmp_path / "out"), rows_of(paths)))
    first["a.jpg"]["flipped"] = replace(first["a.jpg"]["flipped"], code_version="older code")
    calls.clear()

    again = run(plan_for(photos, tmp_path / "out"), rows_of(paths, first))["a.jpg"]

    assert calls == ["flipped"]
    assert again.reused == {"source_image", "small", "red", "is_red"}


@pytest.mark.parametrize("new_place", ["{tmp_path}/elsewhere", "memory://moved/elsewhere"])
def test_a_cell_whose_destination_alone_changed_is_copied_and_not_computed(
    photos: MediaTable, tmp_path: Path, calls: list[str], new_place: str
) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    rows = rows_of(paths, records_of(first))
    calls.clear()
    paths[0].unlink()

    moved = run(plan_for(photos, new_place.format(tmp_path=tmp_path)), rows)["a.jpg"]

    assert calls == []
    assert moved.reused == {"source_image", "red", "is_red"}
    for name in ("flipped", "small"):
        before, after = first["a.jpg"].records[name], moved.records[name]
        assert before.fileurl != after.fileurl
        assert "elsewhere" in (after.fileurl or "")
        assert content(before) == content(after)


def test_a_cell_whose_old_file_is_gone_is_made_anew_at_the_new_destination(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    old = first["a.jpg"].records["flipped"]
    Path((old.fileurl or "").removeprefix("file://")).unlink()
    calls.clear()

    rows = rows_of(paths, records_of(first))
    moved = run(plan_for(photos, tmp_path / "new", columns=["flipped"]), rows)["a.jpg"]

    assert calls == ["flipped"]
    assert moved.records["flipped"].digest == old.digest


def test_a_stored_file_whose_bytes_changed_is_never_read_as_if_it_were_right(
    photos: MediaTable, tmp_path: Path
) -> None:
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

    with FileWriter(plan) as writer, Processes(1) as processes:
        shared = Shared(PixelBudget(), writer, processes)
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


def test_a_fault_of_the_storage_ends_the_run_wherever_it_shows(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def stores_elsewhere(source_image: Image.Image) -> int:
        fileurl = f"s3://bucket/{source_image.mode}"
        raise StoreFullError(fileurl, action="write", reason="no room")

    rows = rows_of([save_photo(tmp_path / "a.jpg")])

    with pytest.raises(StoreFullError, match="s3://bucket/RGB"):
        run(plan_for(table, tmp_path / "out"), rows)
