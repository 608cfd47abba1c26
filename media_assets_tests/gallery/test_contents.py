"""The contents of a table's gallery."""

from media_assets.arrays import encode_numbers
from media_assets.gallery.contents import Failure, File, read_contents
from media_assets.records.manifests import Record
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    delete_rows,
    failure,
    header,
    image,
    memory_root,
    record_rows,
    value,
)


def test_rows_come_by_name_with_files_values_errors_and_gaps() -> None:
    root = memory_root()
    record_rows(root, "p1", ["b.jpg", "a.jpg", "c.jpg"])
    facts = {"size_bytes": 9, "width": 4, "height": 3, "format": "JPEG"}
    commit(root, header("flipped"), [image("a.jpg", "file:///a", **facts), failure("b.jpg")])
    brightness = header("brightness", type=ColumnType.FLOAT, position=1)
    commit(root, brightness, [value("a.jpg", "0.12345678901"), value("c.jpg", None)])

    contents = read_contents(catalog_of(root), "photos")

    assert contents.columns == {"flipped": ColumnType.IMAGE, "brightness": ColumnType.FLOAT}
    a, b, c = contents.rows
    assert [row.name for row in contents.rows] == ["a.jpg", "b.jpg", "c.jpg"]
    flipped = a.cells["flipped"]
    assert isinstance(flipped, File)
    assert (flipped.fileurl, flipped.width, flipped.height) == ("file:///a", 4, 3)
    assert a.cells["brightness"] == "0.123457"
    assert b.cells == {"flipped": Failure("DarkError", "too dark")}
    assert c.cells == {}
    assert [row.has_error for row in contents.rows] == [False, True, False]
    assert list(contents.files) == [flipped]


def test_rows_that_are_gone_are_not_shown() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b"])
    commit(root, header(), [image("a", "file:///a"), failure("b")])
    delete_rows(root, ["b"])

    assert [row.name for row in read_contents(catalog_of(root), "photos").rows] == ["a"]


def test_values_of_every_type_are_text() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    texts = {
        "count": (ColumnType.INT, "9007199254740993"),
        "is_dark": (ColumnType.BOOL, "true"),
        "labels": (ColumnType.LIST, '["sky","sea"]'),
        "caption": (ColumnType.STR, "</td>"),
    }
    for position, (column, (kind, text)) in enumerate(texts.items()):
        commit(root, header(column, type=kind, position=position), [value("a", text)])

    (row,) = read_contents(catalog_of(root), "photos").rows

    assert row.cells == {column: text for column, (_, text) in texts.items()}


def test_bytes_are_shown_by_their_size_and_arrays_by_their_first_numbers() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    vector, numbers = ColumnType("float[8]"), ColumnType("list[int]")
    cells = {
        "data": (ColumnType.BYTES, b"abc"),
        "byte": (ColumnType.BYTES, b"a"),
        "vector": (vector, encode_numbers([0.5] * 8, vector)),
        "few": (numbers, encode_numbers([1, 2], numbers)),
    }
    for position, (column, (kind, data)) in enumerate(cells.items()):
        record = Record("a", value_bytes=data, digest="a")
        commit(root, header(column, type=kind, position=position), [record])

    (row,) = read_contents(catalog_of(root), "photos").rows

    assert row.cells == {
        "data": "3 bytes",
        "byte": "1 byte",
        "vector": "[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, … 8 numbers]",
        "few": "[1, 2]",
    }


def test_a_long_value_is_cut() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    commit(root, header("vector", type=ColumnType.STR), [value("a", "0123456789" * 100)])

    (row,) = read_contents(catalog_of(root), "photos").rows

    assert row.cells["vector"] == "0123456789" * 50 + "…"


def test_a_table_of_which_nothing_was_recorded_is_empty() -> None:
    contents = read_contents(catalog_of(memory_root()), "photos")

    assert (contents.columns, contents.rows) == ({}, ())
