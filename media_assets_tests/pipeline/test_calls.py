"""Batch functions: lists of rows in, a list out, and bad rows that fail alone."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import DeclarationError
from media_assets.records.manifests import Record
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline.plans import content, plan_for, records_of, rows_of, run

BATCH = 4
HALVED = [value // 2 for value in range(256)] * 3


@pytest.fixture
def calls() -> list[int]:
    """The number of rows in each call of a batch function."""
    return []


def made(table: MediaTable, destination: str | Path, *paths: Path) -> dict[str, dict[str, Record]]:
    return records_of(run(plan_for(table, destination), rows_of(paths)))


def values(records: dict[str, dict[str, Record]], column: str) -> dict[str, str | None]:
    return {row: cells[column].value for row, cells in sorted(records.items())}


def test_a_function_gets_full_batches_and_at_last_what_is_left(
    tmp_path: Path, calls: list[int]
) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=BATCH)
    def width(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        return [image.width for image in source_image]

    paths = [save_photo(tmp_path / f"{n}.png", size=(20 + n, 10)) for n in range(10)]
    records = made(table, tmp_path / "out", *paths)

    assert calls == [4, 4, 2]
    assert values(records, "width") == {f"{n}.png": str(20 + n) for n in range(10)}


def test_batches_of_one_row_are_batches_too(tmp_path: Path, calls: list[int]) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=1)
    def width(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        return [image.width for image in source_image]

    made(table, tmp_path / "out", *save_photos(tmp_path, 3))

    assert calls == [1, 1, 1]


def test_columns_around_a_batch_column_hold_what_they_hold_without_batches(tmp_path: Path) -> None:
    batched, plain = MediaTable("photos"), MediaTable("photos")
    for table, batch in ((batched, BATCH), (plain, None)):
        declare_chain(table, batch=batch)
    paths = save_photos(tmp_path / "uploads", 7)

    in_batches = made(batched, tmp_path / "batched", *paths)
    one_by_one = made(plain, tmp_path / "plain", *paths)

    for row, cells in one_by_one.items():
        for name, expected in cells.items():
            found = in_batches[row][name]
            assert found.error_message is None
            assert (found.digest, found.value) == (expected.digest, expected.value), (row, name)
            assert found.input_digest == expected.input_digest


def declare_chain(table: MediaTable, *, batch: int | None) -> None:
    """A batch column between others, one of which reads it, an image and a value."""

    def flip(images: list[Image.Image]) -> list[Image.Image]:
        return [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in images]

    def describe(images: list[Image.Image], widths: list[int]) -> list[str]:
        return [f"{i.height}/{w}" for i, w in zip(images, widths, strict=True)]

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    if batch is None:

        @table.computed_column(name="flipped")
        def flipped_one(source_image: Image.Image) -> Image.Image:
            return flip([source_image])[0]

        @table.computed_column(name="text")
        def text_one(flipped: Image.Image, width: int) -> str:
            return describe([flipped], [width])[0]

    else:

        @table.computed_column(batch_size=batch, name="flipped")
        def flipped_many(source_image: list[Image.Image]) -> list[Image.Image]:
            return flip(source_image)

        @table.computed_column(batch_size=batch + 1, name="text")
        def text_many(flipped: list[Image.Image], width: list[int]) -> list[str]:
            return describe(flipped, width)

    @table.computed_column(format="png")
    def small(flipped: Image.Image, text: str) -> Image.Image:
        return flipped.resize((len(text), 5))


def test_when_a_function_raises_only_the_bad_row_fails(tmp_path: Path, calls: list[int]) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=BATCH)
    def ratio(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        if any(image.width == 13 for image in source_image):
            problem = "unlucky"
            raise ValueError(problem)
        return [image.width for image in source_image]

    paths = [save_photo(tmp_path / f"{n}.png", size=(12 + n, 10)) for n in range(4)]
    results = run(plan_for(table, tmp_path / "out"), rows_of(paths))

    records = records_of(results)
    assert calls == [4, 1, 1, 1, 1]
    assert values(records, "ratio") == {"0.png": "12", "1.png": None, "2.png": "14", "3.png": "15"}
    assert records["1.png"]["ratio"].error_class == "ValueError"
    assert "'1.png': unlucky" in (records["1.png"]["ratio"].error_message or "")
    assert {row: r.raised["ratio"] for row, r in results.items()} == {
        path.name: path.name == "1.png" for path in paths
    }


def test_a_row_whose_input_failed_is_in_no_batch(tmp_path: Path, calls: list[int]) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=BATCH)
    def width(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        return [image.width for image in source_image]

    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    records = made(table, tmp_path / "out", broken, *save_photos(tmp_path, 2))

    assert calls == [2]
    assert records["broken.jpg"]["width"].error_class == "InputFailedError"


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda images: images[1:], "got 3 rows and returned 2 results"),
        (lambda images: images + images, "got 3 rows and returned 6 results"),
        (lambda images: None, "returned NoneType"),
        (lambda images: "abc", "returned str"),
        (lambda images: b"abc", "returned bytes"),
    ],
)
def test_another_number_of_results_than_of_rows_fails_all_of_them(
    tmp_path: Path, returned: Callable[[list[Image.Image]], list[Image.Image]], said: str
) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=3)
    def odd(source_image: list[Image.Image]) -> list[Image.Image]:
        return returned(source_image)

    records = made(table, tmp_path / "out", *save_photos(tmp_path, 3))

    assert {cells["odd"].error_class for cells in records.values()} == {"BatchLengthError"}
    assert all(said in (cells["odd"].error_message or "") for cells in records.values())


def test_a_result_of_another_type_fails_its_row_alone(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=3)
    def number(source_image: list[Image.Image]) -> list[int]:
        return [1, "two", None]  # type: ignore[list-item]  # pyright: ignore[reportReturnType]

    records = made(table, tmp_path / "out", *save_photos(tmp_path, 3))

    errors = sorted(cells["number"].error_class or "" for cells in records.values())
    assert errors == ["", "", "ValueTypeError"]


def test_images_that_were_changed_in_place_count_where_none_is_returned(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=2, format="png")
    def small(source_image: list[Image.Image]) -> list[Image.Image]:
        for image in source_image:
            image.thumbnail((8, 8))
        return [None] * len(source_image)  # type: ignore[list-item]  # pyright: ignore[reportReturnType]

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    records = made(table, tmp_path / "out", *save_photos(tmp_path, 2))

    for cells in records.values():
        assert (cells["small"].width, cells["small"].height) == (8, 6)
        assert cells["width"].value == "48", "no other column sees the change"


def test_files_of_batches_reach_destinations_that_are_uploaded_to(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=BATCH)
    def flipped(source_image: list[Image.Image]) -> list[Image.Image]:
        return [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in source_image]

    @table.computed_column(batch_size=2)
    def width(flipped: list[Image.Image]) -> list[int]:
        return [image.width for image in flipped]

    records = made(table, "memory://batches/", *save_photos(tmp_path, 5))

    assert len({content(cells["flipped"]) for cells in records.values()}) == 5
    assert {cells["width"].value for cells in records.values()} == {"48"}


def test_a_batch_larger_than_the_room_for_images_is_still_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[int]
) -> None:
    monkeypatch.setattr("media_assets.pipeline.budget.MemoryRoom.__init__.__defaults__", (1,))
    table = MediaTable("photos")

    @table.computed_column(batch_size=6)
    def width(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        return [image.width for image in source_image]

    made(table, tmp_path / "out", *save_photos(tmp_path, 6))

    assert calls == [6]


@pytest.mark.parametrize("batch", [0, -1])
def test_a_batch_of_no_rows_is_refused_when_it_is_declared(batch: int) -> None:
    table = MediaTable("photos")

    def width(source_image: list[Image.Image]) -> list[int]:
        return [image.width for image in source_image]

    with pytest.raises(DeclarationError, match=r"batch_size=.*1 or more"):
        table.computed_column(batch_size=batch)(width)


def test_annotations_that_are_not_lists_are_refused_when_they_are_declared() -> None:
    table = MediaTable("photos")

    def takes_one(source_image: Image.Image) -> list[int]:
        return [source_image.width]

    def returns_one(source_image: list[Image.Image]) -> int:
        return len(source_image)

    for function in (takes_one, returns_one):
        with pytest.raises(DeclarationError, match=r"list\[Image\.Image\]"):
            table.computed_column(batch_size=2)(function)


def test_what_a_call_changed_before_it_raised_the_next_call_gets_as_it_was(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=3, format="png")
    def darker(source_image: list[Image.Image]) -> list[Image.Image]:
        for image in source_image:
            image.paste(image.point(HALVED))
            if image.width == 13:
                raise ValueError(image.width)
        return [None for _ in source_image]  # pyright: ignore[reportReturnType]

    paths = [save_photo(tmp_path / f"{n}.png", seed=7, size=(width, 10)) for n, width in
             enumerate((11, 12, 13))]  # fmt: skip
    records = made(table, tmp_path / "out", *paths)

    assert records["2.png"]["darker"].error_class == "ValueError"
    for row in ("0.png", "1.png"):
        with Image.open(tmp_path / row) as source, Image.open(stored(records[row])) as halved:
            assert halved.tobytes() == source.point(HALVED).tobytes()


def stored(cells: dict[str, Record]) -> BytesIO:
    return BytesIO(content(cells["darker"]))


def test_waiting_rows_keep_their_room_until_other_rows_need_it(
    tmp_path: Path, calls: list[int]
) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=8)
    def width(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        return [image.width for image in source_image]

    paths = [save_photo(tmp_path / f"{n}.png", size=(100, 100)) for n in range(9)]
    room = 3 * (4 * 100 * 100 + 2 * max(path.stat().st_size for path in paths))
    results = run(plan_for(table, tmp_path / "out"), rows_of(paths), room_bytes=room)

    assert sum(calls) == 9
    assert 3 <= max(calls) < 8
    assert set(values(records_of(results), "width").values()) == {"100"}


@pytest.mark.parametrize("room_bytes", [1, 20_000, 50_000, 10_000_000])
@pytest.mark.parametrize("workers", [1, 3])
def test_batches_in_any_room_come_to_an_end(tmp_path: Path, room_bytes: int, workers: int) -> None:
    table = MediaTable("photos")
    declare_chain(table, batch=BATCH)

    @table.computed_column(batch_size=3, decode_size=(8, 8))
    def tiny(source_image: list[Image.Image], width: list[int]) -> list[Image.Image]:
        return [image.resize((4, 4)) for image, _ in zip(source_image, width, strict=True)]

    @table.computed_column()
    def again(source_image: Image.Image, tiny: Image.Image) -> int:
        return source_image.width * tiny.width

    paths = save_photos(tmp_path / "uploads", 13)
    plan, rows = plan_for(table, tmp_path / "out"), rows_of(paths)
    results = run(plan, rows, workers=workers, room_bytes=room_bytes)

    errors = [cell.error_message for row in results.values() for cell in row.records.values()]
    assert len(results) == 13
    assert not any(errors)
