"""Rows from data: CSV, Parquet and JSON files, DataFrames and records."""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from PIL import Image

from media_assets.errors import (
    RowDataError,
    RowValueError,
    SourceError,
    UnknownRowsError,
    UploadConflictError,
)
from media_assets.home import NETWORKS_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.tables.table import MediaTable
from media_assets.uploads.frames import ROWS_AT_ONCE
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import Upload
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.fetch.site import answer, site
from media_assets_tests.photos import save_photo
from media_assets_tests.rows_of_data import insert_rows, update_from
from media_assets_tests.steps import cells, run_step


@pytest.fixture
def table(home: Path) -> MediaTable:
    del home
    table = MediaTable("photos", values={"label": str, "stars": int | None})

    @table.computed_column(code_version="1")
    def shout(source_image: Image.Image, label: str) -> str:
        return f"{label.upper()} {source_image.width}"

    return table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n, name in enumerate("abc"):
        save_photo(tmp_path / "data" / "images" / f"{name}.jpg", seed=n)
    return tmp_path / "data"


def uploads(*rows: str) -> dict[str, Upload]:
    log = UploadLog(MediaIOManager().installation.catalog, "photos")
    log.refresh()
    return log.newest_of(rows)


def kept(row: str) -> str:
    """The values of a row, as the upload log has them."""
    return uploads(row)[row].values or ""  # noqa: PD011  no DataFrame


def lines(*names: str) -> list[dict[str, object]]:
    return [
        {"row": name, "source": f"images/{name}.jpg", "label": f"l{name}", "stars": n or None}
        for n, name in enumerate(names)
    ]


def write(folder: Path, kind: str, rows: Sequence[dict[str, object]]) -> Path:
    path = folder / f"rows.{kind}"
    if kind in {"json", "jsonl"}:
        text = "\n".join(map(json.dumps, rows)) if kind == "jsonl" else json.dumps(rows)
        path.write_text(text)
        return path
    frame = pd.DataFrame(rows).astype({"stars": "Int64"})
    duckdb.from_df(frame).write_parquet(str(path)) if kind == "parquet" else frame.to_csv(
        path, index=False
    )
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "json"])
def test_a_file_gives_rows_with_their_files_and_values(
    table: MediaTable, folder: Path, kind: str
) -> None:
    path = write(folder, kind, lines("a", "b", "c"))

    recorded = insert_rows(MediaIOManager().installation, table, path)

    assert recorded.new == 3
    found = uploads("a", "b", "c")
    assert {row: kept(row) for row in found} == {
        "a": '{"label": "la", "stars": null}',
        "b": '{"label": "lb", "stars": "1"}',
        "c": '{"label": "lc", "stars": "2"}',
    }
    assert found["b"].uri == (folder / "images" / "b.jpg").as_uri()
    made = cells(run_step(table, recorded.partitions[0]))
    assert made["shout"]["b"].value == "LB 48"


def test_tables_in_memory_give_rows(
    table: MediaTable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    frame = pd.DataFrame(lines("b"))

    assert insert_rows(MediaIOManager().installation, table, lines("a")).new == 1
    assert insert_rows(MediaIOManager().installation, table, frame).new == 1
    arrow = duckdb.from_df(pd.DataFrame(lines("a", "c")[1:])).to_arrow_table()
    assert insert_rows(MediaIOManager().installation, table, arrow).new == 1
    assert set(uploads("a", "b", "c")) == {"a", "b", "c"}


def test_rows_without_a_name_are_named_by_their_place_below_the_data(
    table: MediaTable, folder: Path
) -> None:
    rows = [{k: v for k, v in line.items() if k != "row"} for line in lines("a", "b")]

    insert_rows(MediaIOManager().installation, table, write(folder, "jsonl", rows))

    assert set(uploads("images/a.jpg", "images/b.jpg")) == {"images/a.jpg", "images/b.jpg"}


def test_the_first_three_wrong_values_are_shown_and_nothing_is_recorded(
    table: MediaTable, folder: Path
) -> None:
    path = folder / "rows.csv"
    path.write_text(
        "source,label,stars\nimages/a.jpg,,1\nimages/b.jpg,x,many\nimages/c.jpg,,2.5\nz.jpg,x,1\n"
    )

    with pytest.raises(RowValueError) as caught:
        insert_rows(MediaIOManager().installation, table, path)

    said = str(caught.value)
    assert "5 values of rows" in said
    assert "row 'images/a.jpg', label: is null" in said
    assert "row 'images/b.jpg', stars: 'many' is not of type int" in said
    assert "row 'images/c.jpg', label: is null; and 2 more" in said
    assert uploads("images/a.jpg") == {}


def test_whole_numbers_that_a_dataframe_has_rounded_are_refused(
    table: MediaTable, folder: Path
) -> None:
    source = str(folder / "images/a.jpg")
    rows = pd.DataFrame({"row": "a", "source": source, "label": "x", "stars": [2**53 + 1, None]})

    with pytest.raises(RowValueError, match=r"stars: 9007199254740992 came as a float, which rou"):
        insert_rows(MediaIOManager().installation, table, rows.head(1))

    rows["stars"] = pd.array([2**53 + 1, None], "Int64")
    insert_rows(MediaIOManager().installation, table, rows.head(1))
    assert kept("a") == '{"label": "x", "stars": "9007199254740993"}'


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([{"row": "a", "source": "images/a.jpg", "lable": "x"}], "no row value 'lable'"),
        ([{"row": "a", "label": "x"}], "no column 'source'"),
        (
            [*lines("a"), {**lines("b")[0], "row": "a"}],
            r"1 row name stands in more than one row: 'a' \('.*/a.jpg', '.*/b.jpg'\)",
        ),
        (
            [*lines("a"), {**lines("a")[0], "row": "b"}],
            r"1 file stands in more than one row: '.*/a.jpg' \('a', 'b'\)",
        ),
    ],
)
def test_data_that_does_not_hold_rows_of_the_table_is_refused(
    table: MediaTable, folder: Path, rows: list[dict[str, object]], text: str
) -> None:
    with pytest.raises(RowDataError, match=text):
        insert_rows(MediaIOManager().installation, table, write(folder, "jsonl", rows))
    assert uploads("a", "b") == {}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("z.jpg", "'z.jpg', which is '{folder}/z.jpg': no such file"),
        ("file:///z.jpg", "'file:///z.jpg', which is '/z.jpg': no such file"),
        ("images", "'images' is a folder"),
        ("ftp://host/z.jpg", "Fileurl 'ftp://host/z.jpg' has no supported scheme;"),
        ("http://[::z", "'http://[::z' is not a URL (Invalid IPv6 URL)"),
        ("a\0b", r"'a\x00b' is not a path or URL"),
        (5, "5 is not a path or URL"),
    ],
)
def test_a_source_that_is_not_a_file_is_reported_with_its_row(
    table: MediaTable, folder: Path, monkeypatch: pytest.MonkeyPatch, source: object, text: str
) -> None:
    monkeypatch.chdir(folder)
    rows = [{"row": "x", "source": source, "label": "l", "stars": 1}, {"row": "y", "source": None}]

    with pytest.raises(RowValueError) as caught:
        insert_rows(MediaIOManager().installation, table, rows)

    assert f"row 'x', source: {text.format(folder=folder)}" in str(caught.value)


def test_a_path_and_the_uri_of_a_local_file_are_sources(table: MediaTable, folder: Path) -> None:
    a, b = (folder / "images" / f"{name}.jpg" for name in "ab")
    sources = {"a": a, "b": b.as_uri()}

    rows = [{"source": source, "label": row, "stars": 1} for row, source in sources.items()]

    assert insert_rows(MediaIOManager().installation, table, rows).new == 2
    found = uploads("a.jpg", "b.jpg")
    assert [found[row].uri for row in ("a.jpg", "b.jpg")] == [a.as_uri(), b.as_uri()]


def test_further_columns_are_passed_over_where_that_is_said(
    table: MediaTable, folder: Path
) -> None:
    path = write(folder, "jsonl", [{**line, "licence": "CC0"} for line in lines("a")])

    assert insert_rows(MediaIOManager().installation, table, path, ignores_others=True).new == 1


def test_a_file_that_is_damaged_or_of_another_kind_is_reported(
    table: MediaTable, folder: Path
) -> None:
    (folder / "rows.parquet").write_bytes(b"no parquet")

    with pytest.raises(RowDataError, match="DuckDB says"):
        insert_rows(MediaIOManager().installation, table, folder / "rows.parquet")
    with pytest.raises(RowDataError, match=r"ends in '\.xlsx'"):
        insert_rows(MediaIOManager().installation, table, folder / "rows.xlsx")
    with pytest.raises(RowDataError, match="no such file"):
        insert_rows(MediaIOManager().installation, table, folder / "other.csv")


def test_the_same_data_again_changes_nothing_and_other_values_alone_update(
    table: MediaTable, folder: Path
) -> None:
    path = write(folder, "csv", lines("a", "b", "c"))
    first = insert_rows(MediaIOManager().installation, table, path)

    again = insert_rows(MediaIOManager().installation, table, path)
    path.write_text(path.read_text().replace("lb", "dog"))
    updated = insert_rows(MediaIOManager().installation, table, path)

    assert (again.unchanged, again.new, again.updated) == (3, 0, 0)
    assert (updated.updated, updated.unchanged, updated.partitions) == (1, 2, first.partitions)


def test_a_path_in_the_other_form_of_unicode_is_found(table: MediaTable, folder: Path) -> None:
    save_photo(folder / "cafe\u0301.jpg")
    path = folder / "rows.csv"
    path.write_text("row,source,label,stars\ncaf\u00e9,caf\u00e9.jpg,x,1\n", encoding="utf-8")

    assert insert_rows(MediaIOManager().installation, table, path).new == 1
    updates = folder / "updates.csv"
    updates.write_text("row,label\ncafe\u0301,y\n", encoding="utf-8")
    assert update_from(MediaIOManager().installation, table, updates).rows == 1
    assert '"y"' in kept("caf\u00e9")


def test_an_update_from_a_file_names_rows_that_are_there(table: MediaTable, folder: Path) -> None:
    insert_rows(MediaIOManager().installation, table, write(folder, "csv", lines("a", "b")))
    path = folder / "updates.csv"
    path.write_text("row,stars\na,5\nz,1\n")

    with pytest.raises(UnknownRowsError, match="'z'"):
        update_from(MediaIOManager().installation, table, path)
    assert '"5"' not in kept("a")


def test_an_address_that_gives_nothing_is_an_error_row_until_it_does(
    table: MediaTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NETWORKS_VARIABLE, "127.0.0.1/32, ::1")
    with site(answer(jpeg(), ETag='"1"')) as sound, site(answer(status=404)) as dead:
        data = [
            {"row": "a", "source": sound.url("/a.jpg"), "label": "x", "stars": 1},
            {"row": "b", "source": dead.url("/b.jpg"), "label": "x", "stars": 1},
        ]
        recorded = insert_rows(MediaIOManager().installation, table, data)
        made = cells(run_step(table, recorded.partitions[0]))
        with pytest.raises(SourceError):
            insert_rows(
                MediaIOManager().installation,
                table,
                [{**data[1], "row": n, "source": dead.url(n)} for n in "xy"],
            )

    assert recorded.new == 2
    assert made["source_image"]["a"].error_class is None
    assert made["source_image"]["b"].error_class == "SourceMissingError"
    assert uploads("x", "y") == {}


def test_a_conflict_after_ten_thousand_rows_tells_how_many_stay_and_a_repeated_insert_goes_on(
    table: MediaTable, folder: Path
) -> None:
    taken, photo = save_photo(folder / "taken.jpg", seed=7), folder / "images" / "a.jpg"
    given = [{"row": "last", "source": str(taken), "label": "l", "stars": 1}]
    insert_rows(MediaIOManager().installation, table, given)
    for n in range(ROWS_AT_ONCE):
        (folder / f"{n}.jpg").hardlink_to(photo)
    rows = [
        {"row": str(n), "source": f"{folder}/{n}.jpg", "label": "l", "stars": n}
        for n in range(ROWS_AT_ONCE)
    ]
    rows.append({"row": "last", "source": str(photo), "label": "l", "stars": 1})

    with pytest.raises(UploadConflictError, match=r"first 10,000 rows of the data are recorded"):
        insert_rows(MediaIOManager().installation, table, rows)
    again = insert_rows(MediaIOManager().installation, table, rows, replaces=True)

    assert (again.unchanged, again.replaced) == (ROWS_AT_ONCE, 1)
