"""Rows in files in memory: found by name, merged in order, and few of them objects at a time."""

import gc
import subprocess
import sys
from collections.abc import Iterable

import pytest

from media_assets.errors import ManifestFormatError
from media_assets.records.manifests import SCHEMA, Record, Records, to_parquet
from media_assets.records.parquet import (
    ROWS_AT_ONCE,
    ArrowTable,
    RowGroups,
    write_parquet_parts,
)
from media_assets.records.rows import rows_of_all
from media_assets.records.work_records import FinishedCells
from media_assets_tests.catalogs import NOON, image, without_checksum

MANY = 2 * ROWS_AT_ONCE + 500


def name(number: int) -> str:
    return f"row-{number:04d}"


def numbered(numbers: Iterable[int], **values: object) -> list[Record]:
    return [image(name(n), f"/{n}.jpg", **values) for n in numbers]


def file_of(records: Iterable[Record]) -> RowGroups:
    return RowGroups(to_parquet({}, records), key="k")


def merge(*parts: RowGroups, without: Iterable[str] = ()) -> Records:
    tables = rows_of_all(parts, SCHEMA, without=set(without))
    return Records(RowGroups(write_parquet_parts({}, SCHEMA, tables), key="merged"))


def test_rows_of_many_groups_are_found_by_their_names() -> None:
    records = numbered(range(MANY))

    rows = Records(file_of(reversed(records)))

    assert len(rows.file) == 3
    assert len(rows) == MANY
    assert list(rows) == [record.row for record in records]
    assert list(rows.values()) == records
    assert rows[name(MANY - 1)] == records[-1]
    assert [row in rows for row in ("", "row-0999x", "z", name(0))] == [False, False, False, True]


def test_columns_are_read_without_the_others() -> None:
    rows = Records(file_of(numbered(range(MANY), format="PNG")))

    found = list(rows.select("row", "format"))

    assert (found[0], found[-1]) == ((name(0), "PNG"), (name(MANY - 1), "PNG"))
    assert len(found) == MANY


class CountingGroups(RowGroups):
    """A file that counts how often a group of it is read, and how often with all columns."""

    reads = whole = 0

    def read(self, group: int) -> ArrowTable:
        self.whole += 1
        return super().read(group)

    def values(self, group: int, *columns: str) -> list[list[object]]:
        self.reads += 1
        return super().values(group, *columns)


def test_look_ups_in_order_read_each_group_once() -> None:
    records = numbered(range(MANY))
    file = CountingGroups(to_parquet({}, records), key="k")
    rows = Records(file)
    others = {name(n) for n in range(0, 2 * MANY, 2)}
    file.reads = 0

    assert others - rows.keys() == {name(n) for n in range(MANY, 2 * MANY, 2)}
    assert file.reads == len(file)
    assert [rows[record.row] for record in records] == records
    assert file.reads == 2 * len(file)


def test_only_a_file_without_a_checksum_is_read_whole_before_anything_is_made_of_it() -> None:
    data = to_parquet({}, numbered(range(MANY)))
    file, older = (CountingGroups(each, key="k") for each in (data, without_checksum(data, {})))

    assert [*Records(file)] == [*Records(older)]
    assert (file.whole, older.whole) == (0, len(older))


def test_a_file_without_rows_is_an_empty_mapping() -> None:
    assert dict(Records(file_of([]))) == {}
    assert list(merge()) == []


def test_damage_in_any_group_shows_before_anything_is_made_of_the_rows() -> None:
    data = to_parquet({}, numbered(range(MANY)))
    place = len(data) // 2

    with pytest.raises(ManifestFormatError, match="'k' is damaged"):
        Records(RowGroups(bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]]), key="k"))


def test_parts_are_merged_by_name_and_the_last_one_counts() -> None:
    standing = numbered(range(MANY), run_id="old", code_version="v1", frames=1)
    newer = numbered(range(1, MANY + 700, 3), run_id="new", written_at=NOON, error_class="Bad")
    newest = numbered([4, 5, MANY + 9_000], run_id="newest")

    rows = merge(*map(file_of, (standing, newer, newest)), without=[name(0), name(7), "never"])

    expected = {record.row: record for record in [*standing, *newer, *newest]}
    del expected[name(0)], expected[name(7)]
    assert rows == expected
    assert list(rows) == sorted(expected)
    assert max(len(rows.file.read(group)) for group in range(len(rows.file))) == ROWS_AT_ONCE


def test_finished_cells_are_objects_for_a_thousand_rows_at_most() -> None:
    gc.collect()
    before = records_alive()
    cells = FinishedCells("p1")

    for record in (image(name(n), f"/{n}.jpg") for n in range(MANY)):
        cells.add(record)
    held = records_alive() - before
    files = cells.take()

    assert held <= ROWS_AT_ONCE
    assert list(merge(*files)) == [name(n) for n in range(MANY)]
    assert {p for file in files for p in file.values(0, "partition")[0]} == {"p1"}
    assert cells.take() == []


def records_alive() -> int:
    return sum(isinstance(thing, Record) for thing in gc.get_objects())


def test_few_records_are_merged_and_read_without_pandas_and_functions_on_arrays() -> None:
    code = (
        "import sys; from datetime import UTC, datetime;"
        "from media_assets.records.manifests import SCHEMA, Record, Records, to_parquet;"
        "from media_assets.records.parquet import RowGroups, write_parquet_parts;"
        "from media_assets.records.rows import rows_of_all;"
        "old = {row: Record(row, frames=1, written_at=datetime.now(UTC)) for row in 'ac'};"
        "new = {row: Record(row, format='JPEG') for row in 'bc'};"
        "files = [RowGroups(to_parquet({}, each.values()), key='k') for each in (old, new)];"
        "merged = write_parquet_parts({}, SCHEMA, rows_of_all(files, SCHEMA, without=()));"
        "assert Records(RowGroups(merged, key='k')) == {**old, **new};"
        "assert not {'pandas', 'pyarrow.compute'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
