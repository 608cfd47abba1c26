"""Conditions of columns: null where they do not hold, made when they begin to."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import pytest
from PIL import Image

from media_assets.columns.where import check_where, parse_where
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.tables.reads import readers_of
from media_assets.tables.table import MediaTable
from media_assets.values import ColumnType, encode_value
from media_assets_tests.photos import save_photo
from media_assets_tests.pipeline.plans import plan_for, records_of, rows_of, run

WIDE = "width > 20"


class Place(TypedDict):
    city: str


def table_where(where: str) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column()
    def width(source_image: Image.Image) -> int | None:
        return None if source_image.width == 13 else source_image.width

    @table.computed_column(where=where, format="png")
    def small(source_image: Image.Image) -> Image.Image | None:
        return source_image.resize((4, 4))

    @table.computed_column(where=where)
    async def height(source_image: Image.Image) -> int:
        return source_image.height

    @table.computed_column(where=where, batch_size=2)
    def area(source_image: list[Image.Image], width: list[int]) -> list[int]:
        return [i.height * w for i, w in zip(source_image, width, strict=True)]

    return table


def test_a_cell_is_null_where_the_condition_is_not_true(tmp_path: Path) -> None:
    paths = [save_photo(tmp_path / f"{w}.png", size=(w, 9)) for w in (13, 20, 30)]

    records = records_of(run(plan_for(table_where(WIDE), tmp_path / "out"), rows_of(paths)))

    for row in ("13.png", "20.png"):
        for column in ("small", "height", "area"):
            cell = records[row][column]
            assert (cell.value, cell.fileurl, cell.error_class) == (None, None, None)
    made = records["30.png"]
    assert (made["small"].width, made["height"].value, made["area"].value) == (4, "9", "270")


def test_nothing_is_called_or_decoded_where_it_does_not_hold(tmp_path: Path) -> None:
    table, paths = table_where(WIDE), [save_photo(tmp_path / "20.png", size=(20, 9))]
    known = records_of(
        run(plan_for(table, tmp_path / "out", columns=["source_image", "width"]), rows_of(paths))
    )

    plan = plan_for(table, tmp_path / "out", columns=["small", "height", "area"])
    (result,) = run(plan, rows_of(paths, known)).values()

    assert result.decodes == 0
    assert result.raised == {}


def test_a_cell_that_is_null_by_its_condition_is_right_until_what_it_names_changes(
    tmp_path: Path,
) -> None:
    table, path = table_where(WIDE), save_photo(tmp_path / "20.png", size=(20, 9))
    plan = plan_for(table, tmp_path / "out")
    known = records_of(run(plan, rows_of([path])))

    again = run(plan, rows_of([path], known))["20.png"]
    save_photo(path, size=(30, 9))
    changed = run(plan, rows_of([path], known))["20.png"]

    assert again.reused == {"source_image", "width", "small", "height", "area"}
    assert changed.records["height"].value == "9"


def test_a_condition_is_part_of_the_code_version_and_its_columns_are_inputs() -> None:
    versions = {
        where: [c.code_version for c in table_where(where).computed_columns]
        for where in (WIDE, "width > 21")
    }
    (_, small, *_) = table_where(WIDE).computed_columns

    width, *others = zip(*versions.values(), strict=True)
    assert len(set(width)) == 1
    assert all(len(set(other)) == 2 for other in others)
    assert small.reads == ("source_image", "width")
    assert tuple(small.input_types) == ("source_image",)


def test_row_values_may_be_named_too(tmp_path: Path) -> None:
    table = MediaTable("photos", values={"label": str})

    @table.computed_column(where="label in ('cat', 'dog')")
    def height(source_image: Image.Image) -> int:
        return source_image.height

    (column,) = table.computed_columns
    assert column.inputs == ("source_image",)
    assert column.reads == ("source_image", "label")
    assert table.values_with([column]) == tuple(table.values.values())
    assert [c.name for c in readers_of(table, {"label"})] == ["source_image", "height"]


def test_a_condition_that_cannot_be_evaluated_for_a_row_is_its_error(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def text(source_image: Image.Image) -> str:
        return str(source_image.width) if source_image.width != 13 else "thirteen"

    @table.computed_column(where="text::int > 20")
    def height(source_image: Image.Image) -> int:
        return source_image.height

    paths = [save_photo(tmp_path / f"{w}.png", size=(w, 9)) for w in (13, 30)]
    records = records_of(run(plan_for(table, tmp_path / "out"), rows_of(paths)))

    error = records["13.png"]["height"]
    assert error.error_class == "WhereError"
    assert "where='text::int > 20' cannot be evaluated for row '13.png'" in (
        error.error_message or ""
    )
    assert records["30.png"]["height"].value == "9"


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("", "it is empty"),
        ("width >", "syntax error"),
        ("width > 1), (width > 2", "more than one expression"),
        ("width > 1) from x where (true", "syntax error"),
        ("width > (select 1)", "a subquery"),
        ("row_number() over () > width", "a window function"),
        ("max(width) > 1", "max is a function of several rows"),
        ("random() > width", r"random\(\) may differ"),
        ("now() > taken", r"now\(\) may differ"),
        ("count(*) > width", "contains `\\*`|several rows"),
        ("width > ?", "a parameter"),
        ("1 = 1", "it names no column"),
        (5, "it is no SQL"),
    ],
)
def test_a_text_that_is_not_a_condition_is_refused_when_it_is_declared(
    where: str, problem: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"Column 'small' has where=.*(?s:.)*{problem}"):
        table_where(where)


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("source_image = 'a.jpg'", "'source_image' holds files, not values"),
        ("width", "its result is of type BIGINT, not BOOLEAN"),
        ("width > 1, width > 2", "its result is of type "),
        ("list_sum(width) = 1", "Binder Error"),
        ("nothing_like_it(width)", "nothing_like_it"),
    ],
)
def test_a_condition_that_does_not_fit_its_columns_is_refused_with_the_table(
    where: str, problem: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"(?s)where=.*({problem})"):
        _ = table_where(where).columns


@pytest.mark.parametrize("where", ["widht > 20", "small > 20", "row = 'a.jpg'"])
def test_a_condition_on_a_column_that_does_not_exist_lists_those_that_do(where: str) -> None:
    with pytest.raises(UnknownNameError, match=r"(?s)in where=.* of column 'small'.*width"):
        _ = table_where(where).columns


TIME = datetime(2024, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "holds", "fails"),
    [
        (ColumnType.FLOAT, 0.5, "X > 0.4", "x > 0.6"),
        (ColumnType.FLOAT, None, "x is null", "x > 0.6"),
        (ColumnType.BOOL, True, "x", "not x"),
        (ColumnType.STR, "it's", "x like 'it%' -- a comment", "x = ''"),
        (ColumnType.DICT, {"a": 1}, "x->>'a' = '1'", "x->>'b' = '1'"),
        (ColumnType.DATETIME, TIME, "hour(x) = 12", "x > timestamptz '2025-01-01'"),
        (ColumnType.DATE, TIME.date(), "x = date '2024-05-06'", "x is null"),
        (ColumnType.BYTES, b"\xff\x00", "octet_length(x) = 2", "x is null"),
        (ColumnType("list[float]"), [0.5, 1.5], "x[2] = 1.5", "len(x) = 3"),
        (ColumnType("list[str]"), ["a"], "list_contains(x, 'a')", "list_contains(x, 'b')"),
        (ColumnType("list[int]"), [1, 2], "len(list_filter(x, lambda i: i > 1)) = 1", "x = []"),
        (ColumnType("float[2]"), [3.0, 4.0], "array_inner_product(x, x) = 25", "x[1] = 4"),
        (ColumnType("{'city': str}"), {"city": "Ulm"}, "x.city = 'Ulm'", "x.city is null"),
    ],
)
def test_values_of_every_type_are_what_they_are_in_queries(
    kind: ColumnType, value: object, holds: str, fails: str
) -> None:
    found = [
        check_where(parse_where(text, column="c"), {"x": kind}, column="c").holds(
            "a.jpg", {"x": encode_value(value, kind)}
        )
        for text in (holds, fails)
    ]

    assert found == [True, False]
