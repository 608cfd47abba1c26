"""Values of every type through a whole run: the same come back wherever they are asked for."""

import datetime as dt
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

import dagster as dg
import numpy as np
import pytest
from PIL import Image

import media_assets as ma
from media_assets.catalog import Catalog
from media_assets.code_versions import source_version
from media_assets.io_manager import MediaIOManager
from media_assets_tests.photos import save_photo
from media_assets_tests.pipeline import process_functions
from media_assets_tests.pipeline.plans import plan_for, records_of, rows_of, run
from media_assets_tests.runs import insert, inserted, materialize, shown
from media_assets_tests.steps import run_step

NOON = dt.datetime(2026, 11, 22, 12, 0, 0, 500, tzinfo=dt.UTC)
Vector = Annotated[list[float], ma.Length(4)]
VectorArray = Annotated[np.ndarray, ma.Length(4)]


class Box(TypedDict):
    x: float
    label: NotRequired[str]


class Found(TypedDict):
    boxes: list[Box]
    at: dt.datetime


def taken(source_image: Image.Image) -> dt.datetime:
    return NOON.astimezone(dt.timezone(dt.timedelta(hours=2)))


def day(source_image: Image.Image) -> dt.date:
    return NOON.date()


def raw(source_image: Image.Image) -> bytes:
    return b"\x00\xff"


def floats(source_image: Image.Image) -> list[float]:
    return [1, 2.5]


def ints(source_image: Image.Image) -> list[int]:
    return [1, 2**60]


def texts(source_image: Image.Image) -> list[str]:
    return ["a", "ü"]


def vector(source_image: Image.Image) -> Vector:
    return np.arange(4, dtype="f2")  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def found(source_image: Image.Image) -> Found:
    return {"boxes": [{"x": 1}, {"x": 2, "label": "b"}], "at": NOON}


def anything(source_image: Image.Image) -> dict[str, object]:
    return {"a": [1, None]}


def things(source_image: Image.Image) -> list[object]:
    return [1, {"b": "c"}]


FOUND = {"boxes": [{"x": 1.0, "label": None}, {"x": 2.0, "label": "b"}], "at": NOON}
EXPECTED: dict[Callable[..., object], tuple[object, str]] = {
    taken: (NOON, "TIMESTAMP WITH TIME ZONE"),
    day: (NOON.date(), "DATE"),
    raw: (b"\x00\xff", "BLOB"),
    floats: ([1.0, 2.5], "DOUBLE[]"),
    ints: ([1, 2**60], "BIGINT[]"),
    texts: (["a", "ü"], "VARCHAR[]"),
    vector: ([0.0, 1.0, 2.0, 3.0], "FLOAT[4]"),
    found: (
        FOUND,
        'STRUCT(boxes STRUCT(x DOUBLE, "label" VARCHAR)[], "at" TIMESTAMP WITH TIME ZONE)',
    ),
    anything: ({"a": [1, None]}, "JSON"),
    things: ([1, {"b": "c"}], "JSON"),
}


@pytest.fixture
def catalog(home: Path) -> Catalog:
    return Catalog(MediaIOManager().installation.catalog)


def made(table: ma.MediaTable, tmp_path: Path) -> dict[str, Any]:
    """The records of one row, by column."""
    plan = plan_for(table, tmp_path / "out")
    return records_of(run(plan, rows_of([save_photo(tmp_path / "a.png")])))["a.png"]


def plain(value: Any) -> object:  # noqa: ANN401
    return value.tolist() if isinstance(value, np.ndarray) else value


def test_the_same_values_come_back_from_sql_tables_columns_and_answers(
    instance: dg.DagsterInstance, tmp_path: Path, catalog: Catalog
) -> None:
    table = ma.MediaTable("photos")
    for function in EXPECTED:
        table.computed_column()(function)

    @table.computed_column()
    def nothing(source_image: Image.Image) -> Vector | None:
        return None

    partition = inserted(instance, table, save_photo(tmp_path / "a.png"))
    result = materialize(instance, table, partition)
    frame, whole = catalog.sql("from photos"), catalog.table("photos")
    answer = catalog.answer("from photos")

    assert result.success
    for function, (expected, sql_type) in EXPECTED.items():
        name = function.__name__
        found = catalog.column("photos", name).value["a.png"]
        cell = answer.rows[0][list(answer.columns).index(name)]
        assert [plain(frame[name][0]), plain(whole[name][0]), plain(found), cell] == [expected] * 4
        typed = catalog.answer(f"select typeof({name}) from photos")  # noqa: S608  a name
        assert typed.rows == [(sql_type,)]
    of_column: Any = catalog.column("photos", "vector").value["a.png"]
    arrays: list[Any] = [frame["vector"][0], whole["vector"][0], of_column]
    for array in arrays:
        assert (array.dtype, array.flags.writeable) == (np.float32, True)
    assert frame["nothing"].to_list() == whole["nothing"].to_list() == [None]
    assert catalog.column("photos", "nothing").value == {"a.png": None}


def test_row_functions_get_the_values_in_the_form_that_they_ask_for(tmp_path: Path) -> None:
    table = ma.MediaTable("photos")
    for function in EXPECTED:
        table.computed_column()(function)

    @table.computed_column()
    def alone(
        taken: dt.datetime, day: dt.date, raw: bytes, vector: Vector, found: Found, texts: list[str]
    ) -> bool:
        got = [taken, day, raw, vector, found, texts]
        return got == [NOON, NOON.date(), b"\x00\xff", [0, 1, 2, 3], FOUND, ["a", "ü"]]

    @table.computed_column()
    def loosely(vector: np.ndarray, ints: np.ndarray, floats: list, found: dict) -> bool:  # type: ignore[type-arg]
        kinds = (vector.dtype, ints.dtype) == (np.float32, np.int64)
        return kinds and floats == [1.0, 2.5] and found == FOUND

    @table.computed_column(batch_size=2)
    def together(vector: list[VectorArray], taken: list[dt.datetime]) -> list[VectorArray]:
        assert taken == [NOON] * len(vector)
        return np.stack(vector) * 2  # type: ignore[return-value]  # pyright: ignore[reportReturnType]

    table.computed_column(processes=True)(process_functions.apart)
    records = made(table, tmp_path)

    assert {r.error_message for r in records.values()} == {None}
    assert records["alone"].value == records["loosely"].value == "true"
    assert records["together"].value_bytes == records["apart"].value_bytes
    assert records["together"].value_bytes[8:] == np.array([0, 2, 4, 6], "<f4").tobytes()


def test_none_is_null_in_an_image_column_that_is_annotated_so(tmp_path: Path) -> None:
    table = ma.MediaTable("photos")

    @table.computed_column()
    def changed(source_image: Image.Image) -> Image.Image:
        source_image.putpixel((0, 0), 0)
        return None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]

    @table.computed_column()
    def faces(source_image: Image.Image) -> Image.Image | None:
        return None

    @table.computed_column(batch_size=2)
    def cuts(source_image: list[Image.Image]) -> list[Image.Image | None]:
        return [None for _ in source_image]

    table.computed_column(processes=True)(process_functions.nothing)

    @table.computed_column()
    def are_none(
        faces: Image.Image | None, cuts: Image.Image | None, nothing: Image.Image | None
    ) -> bool:
        return (faces, cuts, nothing) == (None, None, None)

    table.computed_column(processes=True)(process_functions.is_none)
    records = made(table, tmp_path)

    assert {r.error_message for r in records.values()} == {None}
    assert records["changed"].fileurl is not None
    nulls = [records[name] for name in ("faces", "cuts", "nothing")]
    assert {(r.fileurl, r.value, r.size_bytes) for r in nulls} == {(None, None, None)}
    assert records["are_none"].value == records["is_none"].value == "true"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [
        Path(records["changed"].fileurl.removeprefix("file://"))
    ]


def test_a_null_image_is_reused_and_has_no_file_to_miss(
    instance: dg.DagsterInstance, tmp_path: Path, catalog: Catalog
) -> None:
    table = ma.MediaTable("photos")

    @table.computed_column(destination=str(tmp_path / "faces"))
    def faces(source_image: Image.Image) -> Image.Image | None:
        return None

    partition = inserted(instance, table, save_photo(tmp_path / "a.png"))
    materialize(instance, table, partition)
    again = materialize(instance, table, partition)
    checks = {c.check_name: c.passed for c in again.get_asset_check_evaluations()}

    assert again.success
    assert shown(again, table, "faces")["media_assets/reused"] == 1
    assert checks == dict.fromkeys(checks, True)
    assert catalog.answer("select faces from photos").rows == [(None,)]
    assert catalog.sql("from media_assets.errors").empty
    assert (catalog.describe("photos").columns[1].cells, catalog.describe("photos").missing) == (
        1,
        0,
    )


@pytest.mark.parametrize("processes", [False, True])
def test_the_error_names_row_column_value_type_and_what_is_accepted(
    tmp_path: Path, *, processes: bool
) -> None:
    table = ma.MediaTable("photos")
    table.computed_column(processes=processes)(process_functions.too_short)

    record = made(table, tmp_path)["too_short"]

    assert record.error_class == "ValueTypeError"
    for said in ("'too_short'", "'a.png'", "ndarray array", "it has 3 numbers", "A list of 4 num"):
        assert said in (record.error_message or "")


def test_types_that_were_there_before_leave_code_versions_and_digests_as_they_were(
    tmp_path: Path,
) -> None:
    table = ma.MediaTable("photos")
    before = [anything, things, floats, ints, texts]
    for function in [*before, vector, taken]:
        table.computed_column()(function)

    versions = {column.name: column.code_version for column in table.columns}
    records = made(table, tmp_path)

    for function in before:
        name = function.__name__
        assert versions[name] == source_version(function, column=name)
    assert "+" in versions["vector"]
    assert "+" in versions["taken"]
    assert (records["anything"].value, records["things"].value) == (
        '{"a": [1, null]}',
        '[1, {"b": "c"}]',
    )
    for record in (records["anything"], records["things"]):
        assert record.digest == sha256((record.value or "").encode()).hexdigest()
    assert records["things"].value_bytes is records["anything"].value_bytes is None


def test_no_bytes_have_the_digest_of_null_or_of_a_text(tmp_path: Path) -> None:
    table = ma.MediaTable("photos")

    @table.computed_column()
    def ff(source_image: Image.Image) -> bytes:
        return b"\xff"

    @table.computed_column()
    def null(source_image: Image.Image) -> bytes | None:
        return None

    @table.computed_column()
    def a(source_image: Image.Image) -> bytes:
        return b"a"

    @table.computed_column()
    def a_text(source_image: Image.Image) -> str:
        return "a"

    records = made(table, tmp_path)

    digests = [records[name].digest for name in ("ff", "null", "a", "a_text")]
    assert len(set(digests)) == len(digests)


def test_a_check_gets_the_values_of_every_type(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = ma.MediaTable("photos")
    for function in (vector, taken, found):
        table.computed_column()(function)

    @table.check()
    def are_right(vector: Vector, taken: dt.datetime, found: dict[str, object]) -> bool:
        return (vector, taken, found) == ([0, 1, 2, 3], NOON, FOUND)

    partition = inserted(instance, table, save_photo(tmp_path / "a.png"))
    result = materialize(instance, table, partition)

    passed = {c.check_name: c.passed for c in result.get_asset_check_evaluations()}
    assert passed["are_right"]


def test_dagster_shows_sizes_and_first_numbers(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = ma.MediaTable("photos")

    @table.computed_column()
    def long(source_image: Image.Image) -> list[float]:
        return [0.1] * 512

    table.computed_column()(raw)
    partition = inserted(instance, table, save_photo(tmp_path / "a.png"))
    result = materialize(instance, table, partition)

    values = {
        name: str(shown(result, table, name)["media_assets/first_files"])
        for name in ("long", "raw")
    }
    assert "0.1, … 512 numbers]" in values["long"]
    assert "2 bytes" in values["raw"]
    specs = ma.build_defs([table]).resolve_all_asset_specs()
    assert {spec.key.path[-1]: spec.kinds for spec in specs}["long"] == {"list"}


def test_the_most_similar_image_is_found_by_sql(tmp_path: Path, catalog: Catalog) -> None:
    table = ma.MediaTable("photos")

    @table.computed_column()
    def embedding(source_image: Image.Image) -> Annotated[np.ndarray, ma.Length(64)]:
        colours = np.asarray(source_image.convert("RGB")) // 64
        return np.bincount((colours @ [16, 4, 1]).ravel(), minlength=64).astype("f4")

    for name, colours in {"red": "red", "reddish": "#d01010", "blue": "blue"}.items():
        image = Image.new("RGB", (32, 32), colours)
        image.paste("white", (0, 0, 8, 8))
        (tmp_path / "uploads").mkdir(exist_ok=True)
        image.save(tmp_path / "uploads" / f"{name}.png")
    (partition,) = insert(table, tmp_path / "uploads")
    run_step(table, partition)

    found = catalog.answer(
        "with asked as (select embedding as vector from photos where row = 'red.png') "
        "select row, array_cosine_similarity(embedding, vector) as similarity "
        "from photos, asked order by similarity desc"
    )

    assert [row for row, _ in found.rows] == ["red.png", "reddish.png", "blue.png"]
    assert found.rows[0][1] == pytest.approx(1)
