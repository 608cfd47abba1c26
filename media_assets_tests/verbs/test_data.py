"""Rows of data, and values of rows, in the verbs of Python."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import media_assets as ma
from media_assets.errors import (
    DataFileError,
    DeclarationError,
    MediaAssetsError,
    RowDataError,
    RowValueError,
    UnknownNameError,
    UnknownRowsError,
    UpdateError,
)
from media_assets.io_manager import MediaIOManager
from media_assets.uploads.row_values import find_rows
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.rows_of_data import insert_rows


@pytest.fixture
def photos(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ma.MediaTable:
    """A table, and three photos in the working directory."""
    del home
    save_photos(tmp_path / "work", 3)
    monkeypatch.chdir(tmp_path / "work")
    table = ma.MediaTable("photos", values={"label": str, "taken": date | None, "note": str | None})

    @table.computed_column(code_version="1")
    def shout(source_image: ma.Image, label: str) -> str:
        if not label.isalpha():
            raise ValueError(label)
        return f"{label.upper()} {source_image.width}"

    @table.computed_column(code_version="1")
    def width(source_image: ma.Image) -> int:
        return source_image.width

    return table


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": ["a", "b", "c"],
            "source": [f"photo-00{n}.jpg" for n in range(3)],
            "label": ["cat", "dog", "cup"],
            "taken": pd.to_datetime(["2024-05-06", None, "2024-05-07"]),
            "note": None,
        }
    )


def record(photos: ma.MediaTable) -> None:
    """Inserts the rows, and computes nothing."""
    insert_rows(MediaIOManager().installation, photos, frame())


def labels(photos: ma.MediaTable) -> list[tuple[object, ...]]:
    rows = photos.sql("select row, label, shout from photos order by row")
    return list(rows.itertuples(index=False, name=None))


def test_a_changed_label_makes_one_cell_of_one_row(photos: ma.MediaTable) -> None:
    inserted = photos.insert(frame())

    updated = photos.update({"b": {"label": "hen"}})

    assert str(inserted).startswith("Inserted 3 rows with 0 errors")
    assert str(updated) == "Updated 1 row of photos: 1 cell made, 5 reused."
    assert "<b>Updated 1 row of photos: 1 cell made" in updated._repr_html_()
    assert labels(photos) == [
        ("a", "cat", "CAT 48"),
        ("b", "hen", "HEN 48"),
        ("c", "cup", "CUP 48"),
    ]
    assert photos.column("taken").value == {"a": date(2024, 5, 6), "b": None, "c": date(2024, 5, 7)}


def test_rows_are_inserted_and_updated_from_files(photos: ma.MediaTable, tmp_path: Path) -> None:
    (tmp_path / "work" / "data").mkdir()
    given = frame().assign(source="../" + frame().source)
    duckdb.from_df(given).write_parquet("data/rows.parquet")
    (tmp_path / "work" / "changes.csv").write_text("row,label,why\na,hen,wrong\n")

    inserted = photos.insert(data="data/rows.parquet")
    updated = photos.update(data=Path("changes.csv"), ignore_columns=True)

    assert inserted.recorded.new == 3
    assert updated.rows == 1
    assert labels(photos)[0] == ("a", "hen", "HEN 48")


def test_an_update_takes_the_rows_of_a_frame_by_its_index(photos: ma.MediaTable) -> None:
    record(photos)
    changes = pd.DataFrame({"label": ["hen", "owl"]}, index=pd.Index(["a", "c"], name="row"))

    assert photos.update(changes).rows == 2
    assert [label for _, label, _ in labels(photos)] == ["hen", "dog", "owl"]


def test_an_update_that_no_column_reads_runs_nothing(photos: ma.MediaTable) -> None:
    record(photos)

    updated = photos.update({"a": {"note": "x"}, "b": {"note": "y"}})

    assert str(updated) == "Updated 2 rows of photos: no column reads note."
    assert updated.runs == ()


def test_an_update_shows_the_cells_that_fail(photos: ma.MediaTable) -> None:
    record(photos)

    updated = photos.update([{"row": "b", "label": "9"}])

    assert updated.error_rows == 1
    assert "1 of the named rows has an error.\nb, shout: Row function 'shout'" in str(updated)
    assert "<td>b</td><td>shout</td>" in updated._repr_html_()


def test_files_get_the_values_of_the_insert(photos: ma.MediaTable) -> None:
    given = {"label": "cat", "taken": None, "note": None}
    photos.insert("photo-001.jpg", name="a", values=given, columns=())
    photos.insert("photo-001.jpg", name="a", values={"label": "dog"})

    assert labels(photos) == [("a", "dog", "DOG 48")]


def held(photos: ma.MediaTable) -> list[str | None]:
    """The values of the rows, as the upload log has them."""
    stored = StoredTable(MediaIOManager().installation.catalog, photos.name)
    return [upload.values for upload in find_rows(stored, "abc").values()]  # noqa: PD011


Call = Callable[[ma.MediaTable], object]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda t: t.insert(frame().assign(label=["cat", 5, 6])),
            RowValueError,
            "row 'b', label: 5 is not of type str; row 'c', label: 6 is not of type str",
        ),
        (lambda t: t.insert(frame().assign(lable="x")), RowDataError, "no row value 'lable'"),
        (lambda t: t.insert(frame().drop(columns="label")), RowValueError, "label: is not given"),
        (lambda t: t.insert({"row": "a", "label": "x"}), RowDataError, "no column 'source'"),
        (lambda t: t.insert(["a.jpg", {"source": "a.jpg"}]), RowDataError, "1 is 'a.jpg'"),
        (
            lambda t: t.insert("photo-001.jpg", values={"label": 5}),
            RowValueError,
            "row 'photo-001.jpg', label: 5 is not of type str",
        ),
        (lambda t: t.insert("photo-001.jpg"), RowValueError, "label: is not given"),
        (lambda t: t.insert("rows.csv"), DataFileError, r"insert\(data='rows.csv'\)"),
        (lambda t: t.insert(["photo-001.jpg", "R.JSONL"]), DataFileError, "'R.JSONL'"),
        (lambda t: t.insert(data="rows.csv"), RowDataError, "no such file"),
        (lambda t: t.insert(), DeclarationError, "neither files nor data"),
        (lambda t: t.insert("a.jpg", data=frame()), DeclarationError, "both files and data"),
        (lambda t: t.insert(frame(), name="x"), DeclarationError, "data and name="),
        (lambda t: t.insert(frame(), values={"label": "x"}), DeclarationError, "data and values="),
    ],
)
def test_an_insert_that_cannot_be_meant_is_refused_and_records_nothing(
    photos: ma.MediaTable, call: Call, error: type[MediaAssetsError], text: str
) -> None:
    with pytest.raises(error, match=text):
        call(photos)
    assert len(photos.show()) == 0


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"a": {"label": "x"}, "z": {"label": "x"}}, UnknownRowsError, "no row 'z'"),
        ({"a": {"lable": "x"}}, UnknownNameError, "Did you mean 'label'"),
        (
            {"a": {"label": 5}, "b": {"label": None, "taken": "soon"}, "c": {"label": 6}},
            RowValueError,
            "4 values .*row 'a', label: 5 .*row 'b', label: is null; .*row 'b', taken: 'soon'",
        ),
        ({"label": "x"}, UpdateError, "update() got {'label': 'x'}, of type dict"),
        ({5: {"label": "x"}}, UpdateError, "update() got {5: "),
        ("changes.csv", UpdateError, 'update(data="rows.csv")'),
        (5, RowDataError, "it is not a table"),
        ([{"label": "x"}], RowDataError, "no column 'row'"),
        ([{"row": "a"}], RowDataError, "no column of a row value"),
        (pd.DataFrame({"row": ["a", "z"], "label": "x"}), UnknownRowsError, "no row 'z'"),
        (None, DeclarationError, "neither values nor data"),
    ],
)
def test_an_update_that_cannot_be_meant_is_refused_and_changes_nothing(
    photos: ma.MediaTable, changes: object, error: type[MediaAssetsError], text: str
) -> None:
    record(photos)
    before = held(photos)

    with pytest.raises(error, match=text if ".*" in text else re.escape(text)):
        photos.update(changes)  # pyright: ignore[reportArgumentType]
    assert held(photos) == before


def test_both_values_and_data_are_refused(photos: ma.MediaTable) -> None:
    with pytest.raises(DeclarationError, match="both values and data"):
        photos.update({"a": {"label": "x"}}, data="rows.csv")


def test_a_folder_may_be_named_like_data_and_hold_some(photos: ma.MediaTable) -> None:
    save_photo(Path("photos.json") / "d.jpg")
    Path("photos.json", "labels.csv").write_text("row,label\n")

    given = {"label": "cat", "taken": None, "note": None}
    done = photos.insert("photos.json", values=given, columns=())

    assert (done.rows, done.left_alone.total) == (("d.jpg",), 1)
