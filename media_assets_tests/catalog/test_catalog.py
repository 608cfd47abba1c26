"""The catalog: one wide view per table, and overviews over all of them."""

import math
from datetime import date
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from media_assets.catalog import Catalog
from media_assets.errors import (
    DestinationError,
    ManifestFormatError,
    QueryError,
    UnknownNameError,
)
from media_assets.home import CATALOG_VARIABLE
from media_assets.records.ledger import CatalogRoot
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


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    # A path that is hard to quote, and looks like a pattern and like a partition.
    folder = tmp_path / 'it\'s [a] "catalog"' / "partition=x"
    return CatalogRoot.open(str(folder)) if request.param == "local" else memory_root()


@pytest.fixture
def catalog(root: CatalogRoot) -> Catalog:
    return catalog_of(root)


def cells(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """A frame's rows as plain tuples, in which nothing is None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [tuple(row) for row in plain.itertuples(index=False)]


def add(
    root: CatalogRoot,
    partition: str,
    *records: Record,
    column: str = "flipped",
    table: str = "photos",
    type: ColumnType = ColumnType.IMAGE,  # noqa: A002  the header's own word
    position: int = 0,
) -> None:
    """Commits cells of a column, and records their rows where they are new."""
    commit(root, header(column, partition, table=table, type=type, position=position), records)


def two_batches(root: CatalogRoot, *, table: str = "photos") -> None:
    """Rows a, b in batch p1 and c in p2, an image column and a value column; b is dark."""
    record_rows(root, "p1", ["a", "b"], table=table)
    record_rows(root, "p2", ["c"], table=table)
    for partition, row in (("p1", "a"), ("p1", "b"), ("p2", "c")):
        cell = failure(row) if row == "b" else image(row, f"/flipped/{row}.jpg", size_bytes=10)
        add(root, partition, cell, table=table, position=1)
    for partition, rows in (("p1", "ab"), ("p2", "c")):
        values = [value(row, f"{ord(row)}.5") for row in rows]
        add(
            root,
            partition,
            *values,
            column="brightness",
            table=table,
            type=ColumnType.FLOAT,
            position=2,
        )


def test_an_empty_catalog_answers_and_has_no_tables(catalog: Catalog) -> None:
    assert catalog.tables() == []
    assert cells(catalog.sql("select 1 as one")) == [(1,)]
    for view in ("files", "errors", "materializations"):
        assert catalog.sql(f"from media_assets.{view}").empty


def test_a_view_has_a_row_per_upload_and_a_column_per_column(
    root: CatalogRoot, catalog: Catalog
) -> None:
    two_batches(root)

    frame = catalog.sql("select * from photos order by row")

    assert list(frame.columns) == ["row", "partition", "flipped", "brightness"]
    assert cells(frame) == [
        ("a", "p1", "/flipped/a.jpg", 97.5),
        ("b", "p1", None, 98.5),
        ("c", "p2", "/flipped/c.jpg", 99.5),
    ]


def test_a_table_without_materializations_has_its_rows(root: CatalogRoot, catalog: Catalog) -> None:
    record_rows(root, "p1", ["b", "a"])

    assert cells(catalog.sql("from photos order by row")) == [("a", "p1"), ("b", "p1")]
    assert catalog.columns("photos") == {}
    assert cells(catalog.fileurls("photos")) == [("a",), ("b",)]
    assert cells(catalog.rows("photos", ["b"])) == [("b", "p1")]


def test_rows_that_are_not_materialized_yet_have_nothing_in_the_column(
    root: CatalogRoot, catalog: Catalog
) -> None:
    record_rows(root, "p1", ["a", "b"])
    record_rows(root, "p2", ["c"])
    add(root, "p1", image("a", "/a.jpg"))

    assert cells(catalog.sql("select row, flipped from photos order by row")) == [
        ("a", "/a.jpg"),
        ("b", None),
        ("c", None),
    ]


@pytest.mark.parametrize(
    ("column_type", "text", "expected", "sql_type"),
    [
        (ColumnType.FLOAT, "0.25", 0.25, "DOUBLE"),
        (ColumnType.FLOAT, "inf", math.inf, "DOUBLE"),
        (ColumnType.FLOAT, "-inf", -math.inf, "DOUBLE"),
        (ColumnType.FLOAT, "1e300", 1e300, "DOUBLE"),
        (ColumnType.INT, "9223372036854775807", 2**63 - 1, "BIGINT"),
        (ColumnType.STR, "Zürich's \0 'best'", "Zürich's \0 'best'", "VARCHAR"),
        (ColumnType.STR, "", "", "VARCHAR"),
        (ColumnType.BOOL, "true", True, "BOOLEAN"),
        (ColumnType.BOOL, "false", False, "BOOLEAN"),
        (ColumnType.DICT, '{"a": [1, null]}', {"a": [1, None]}, "JSON"),
        (ColumnType.LIST, "[1, 2]", [1, 2], "JSON"),
        (ColumnType.DATE, "2026-11-22", date(2026, 11, 22), "DATE"),
        (ColumnType("list[str]"), '["a", "b"]', ["a", "b"], "VARCHAR[]"),
    ],
)
def test_values_have_the_type_of_their_column(
    column_type: ColumnType, text: str, expected: object, sql_type: str
) -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b"])
    add(root, "p1", value("a", text), value("b", None), column="v", type=column_type)
    catalog = catalog_of(root)

    query = "select v, typeof(v), v is null from photos order by row"

    assert cells(catalog.sql(query)) == [
        (expected, sql_type, False),
        (None, sql_type, True),
    ]


def test_nan_is_not_a_missing_value() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b"])
    add(root, "p1", value("a", "nan"), value("b", None), column="v", type=ColumnType.FLOAT)

    found = catalog_of(root).sql("select isnan(v) as n, v is null as m from photos order by row")

    assert cells(found) == [(True, False), (None, True)]


def test_json_can_be_looked_into(root: CatalogRoot, catalog: Catalog) -> None:
    record_rows(root, "p1", ["a"])
    add(root, "p1", value("a", '{"faces": 3}'), column="found", type=ColumnType.DICT)

    assert cells(catalog.sql("select (found->'faces')::int from photos")) == [(3,)]


def test_a_replaced_row_appears_once_and_newest(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    record_rows(root, "p2", ["a"])
    add(root, "p2", image("a", "/flipped/newer.jpg"))

    assert cells(catalog.sql("select row, partition, flipped from photos where row = 'a'")) == [
        ("a", "p2", "/flipped/newer.jpg")
    ]
    assert cells(catalog.sql("select count(*) from photos")) == [(3,)]
    files = "select partition from media_assets.files where row = 'a'"
    assert cells(catalog.sql(files)) == [("p2",)]


def test_the_newest_manifest_of_a_partition_counts(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    for number in range(12):
        add(root, "p1", image("b", f"/flipped/b{number}.jpg"))

    assert cells(catalog.sql("select flipped from photos where row = 'b'")) == [
        ("/flipped/b11.jpg",)
    ]
    assert cells(catalog.rows("photos", ["b"], ["flipped"])) == [("b", "p1", "/flipped/b11.jpg")]


def test_deleted_rows_are_in_no_view(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    delete_rows(root, ["b", "c"])

    assert cells(catalog.sql("select row from photos")) == [("a",)]
    assert cells(catalog.fileurls("photos")) == [("a", "/flipped/a.jpg")]
    assert catalog.rows("photos", ["b", "c"]).empty
    assert cells(catalog.sql("select row from media_assets.files")) == [("a",)]
    assert catalog.sql("from media_assets.errors").empty
    assert catalog.error_rows("photos") == 0


def test_a_catalog_that_was_opened_before_sees_what_came_after(
    root: CatalogRoot, catalog: Catalog
) -> None:
    two_batches(root)
    before = cells(catalog.sql("select row, flipped from photos where row >= 'c' order by row"))
    record_rows(root, "p2", ["d"])
    add(root, "p2", image("d", "/flipped/d.jpg"))
    add(root, "p2", image("c", "/turned/c.jpg"), column="turned")

    after = cells(
        catalog.sql("select row, flipped, turned from photos where row >= 'c' order by row")
    )

    assert before == [("c", "/flipped/c.jpg")]
    assert after == [("c", "/flipped/c.jpg", "/turned/c.jpg"), ("d", "/flipped/d.jpg", None)]
    assert set(catalog.columns("photos")) == {"flipped", "brightness", "turned"}


def test_error_rows_are_listed_and_counted(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    add(root, "p1", failure("b", "still too dark"), column="turned")

    found = catalog.sql(
        'select "table", "column", partition, row, error_class, error_message '
        "from media_assets.errors order by all"
    )

    assert cells(found) == [
        ("photos", "flipped", "p1", "b", "DarkError", "too dark"),
        ("photos", "turned", "p1", "b", "DarkError", "still too dark"),
    ]
    assert catalog.error_rows("photos") == 1
    assert catalog.error_rows("photos", ["a", "b"]) == 1
    assert catalog.error_rows("photos", ["a"]) == 0
    assert catalog.error_rows("other") == 0


def test_overviews_are_over_all_tables(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    two_batches(root, table="team/scans")

    files = catalog.sql('select "table", row, fileurl from media_assets.files order by all')
    made = catalog.sql(
        'select "table", "column", partition, rows, errors, size_bytes '
        "from media_assets.materializations where \"table\" = 'team/scans' order by all"
    )

    assert cells(files) == [
        (table, row, f"/flipped/{row}.jpg") for table in ("photos", "team/scans") for row in "ac"
    ]
    assert cells(made) == [
        ("team/scans", "brightness", "p1", 2, 0, None),
        ("team/scans", "brightness", "p2", 1, 0, None),
        ("team/scans", "flipped", "p1", 2, 1, 10),
        ("team/scans", "flipped", "p2", 1, 0, 10),
    ]


def test_a_query_may_join_a_table_with_an_overview(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)

    found = catalog.sql(
        "select p.row, p.brightness, e.error_message from photos p "
        "join media_assets.errors e using (row)"
    )

    assert cells(found) == [("b", 98.5, "too dark")]


def test_tables_may_be_paths_and_lie_within_each_other(root: CatalogRoot, catalog: Catalog) -> None:
    for number, table in enumerate(("team", "team/photos", "team/photos/flipped", "teams")):
        record_rows(root, "p1", [f"r{number}"], table=table)
        add(root, "p1", image(f"r{number}", f"/{number}.jpg"), column="photos", table=table)
        add(root, "p1", image(f"r{number}", f"/{number}.png"), column="flipped", table=table)

    assert catalog.tables() == ["team", "team/photos", "team/photos/flipped", "teams"]
    for number, table in enumerate(catalog.tables()):
        expected = [(f"r{number}", "p1", f"/{number}.png", f"/{number}.jpg")]
        assert cells(catalog.sql(f'from "{table}"')) == expected
        assert cells(catalog.rows(table, [f"r{number}"])) == expected
        assert list(catalog.columns(table)) == ["flipped", "photos"]


def test_names_are_found_in_any_case(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)

    assert cells(catalog.sql("SELECT FLIPPED FROM PHOTOS WHERE ROW = 'a'")) == [("/flipped/a.jpg",)]
    assert cells(catalog.sql("SELECT COUNT(*) FROM MEDIA_ASSETS.FILES")) == [(2,)]


def test_rows_of_any_name_come_back(root: CatalogRoot, catalog: Catalog) -> None:
    names = ["it's.jpg", 'say "x".jpg', "a\nb", "日本 😀", "%_?", "\\", " ", "'; drop table photos"]
    record_rows(root, "p1", names)
    add(root, "p1", *[image(name, f"/{number}.jpg") for number, name in enumerate(names)])

    for number, name in enumerate(names):
        expected = [(name, "p1", f"/{number}.jpg")]
        assert cells(catalog.sql("select * from photos where row = ?", [name])) == expected
        assert cells(catalog.rows("photos", [name])) == expected
    assert sorted(catalog.sql("select row from photos")["row"]) == sorted(names)


def test_partitions_of_any_key_come_back(root: CatalogRoot, catalog: Catalog) -> None:
    keys = ["2026-11-22", "us|2026", "Zürich", "_", "a/b", "P1", "p1", "x=1"]
    for key in keys:
        record_rows(root, key, [key])
        add(root, key, image(key, f"/{key}.jpg"))

    found = [(key, key, f"/{key}.jpg") for key in sorted(keys)]

    assert cells(catalog.sql("select * from photos order by row")) == found
    assert cells(catalog.rows("photos", keys)) == found


def test_few_rows_are_read_by_name_sorted_and_without_strangers(
    root: CatalogRoot, catalog: Catalog
) -> None:
    two_batches(root)

    found = catalog.rows("photos", ["c", "zzz", "a", "c"])

    assert cells(found) == [
        ("a", "p1", "/flipped/a.jpg", 97.5),
        ("c", "p2", "/flipped/c.jpg", 99.5),
    ]
    assert cells(catalog.rows("photos", ["a"], ["brightness"])) == [("a", "p1", 97.5)]
    assert catalog.rows("photos", []).empty


def test_a_column_that_the_newest_partition_lacks_keeps_its_type(
    root: CatalogRoot, catalog: Catalog
) -> None:
    record_rows(root, "p1", ["a"])
    record_rows(root, "p2", ["b"])
    add(root, "p1", value("a", "3"), column="faces", type=ColumnType.INT)
    add(root, "p2", image("b", "/b.jpg"), position=1)

    assert [head.type for head in catalog.columns("photos").values()] == ["int", "image"]
    assert cells(catalog.rows("photos", ["a"])) == [("a", "p1", 3, None)]
    assert cells(catalog.rows("photos", ["b"])) == [("b", "p2", None, "/b.jpg")]


def test_fileurls_come_in_pages_sorted_by_row(root: CatalogRoot, catalog: Catalog) -> None:
    for number in range(9, -1, -1):
        row = f"row-{number}"
        record_rows(root, f"p{number % 3}", [row])
        add(root, f"p{number % 3}", image(row, f"/f/{number}.jpg"))
        add(root, f"p{number % 3}", image(row, f"/t/{number}.jpg"), column="turned", position=1)

    pages = [catalog.fileurls("photos", offset=offset, limit=4) for offset in (0, 4, 8, 12)]

    assert cells(pd.concat(pages)) == cells(catalog.fileurls("photos"))
    assert [len(page) for page in pages] == [4, 4, 2, 0]
    assert cells(pages[2]) == [(f"row-{n}", f"/f/{n}.jpg", f"/t/{n}.jpg") for n in (8, 9)]


def test_fileurls_of_chosen_columns_come_in_the_order_asked_for(
    root: CatalogRoot, catalog: Catalog
) -> None:
    two_batches(root)
    add(root, "p2", image("c", "/turned/c.jpg"), column="turned")

    frame = catalog.fileurls("photos", ["turned", "flipped"], offset=2)

    assert list(frame.columns) == ["row", "turned", "flipped"]
    assert cells(frame) == [("c", "/turned/c.jpg", "/flipped/c.jpg")]


@pytest.mark.parametrize("column", ["flippd", "brightness", "row"])
def test_fileurls_of_a_column_without_files_are_refused(
    root: CatalogRoot, catalog: Catalog, column: str
) -> None:
    two_batches(root)

    with pytest.raises(UnknownNameError, match=f"'{column}' .among the materialized .*'photos'"):
        catalog.fileurls("photos", [column])


def test_a_table_that_does_not_exist_is_refused_with_those_that_do(
    root: CatalogRoot, catalog: Catalog
) -> None:
    two_batches(root)

    for ask in (catalog.columns, catalog.fileurls, lambda name: catalog.rows(name, ["a"])):
        with pytest.raises(UnknownNameError, match=r"no table 'photo' .*Did you mean 'photos'"):
            ask("photo")
    with pytest.raises(QueryError, match=r"over photos, media_assets.files"):
        catalog.sql("select * from photo")


def test_a_column_that_does_not_exist_is_refused(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)

    with pytest.raises(UnknownNameError, match=r"no column 'flippd' .*Did you mean 'flipped'"):
        catalog.rows("photos", ["a"], ["flippd"])
    with pytest.raises(QueryError, match=r"flippd(?s:.*)\n *\^+\nDuckDB's SQL"):
        catalog.sql("select flippd from photos")


@pytest.mark.parametrize("query", ["select 'a", "selec 1", "", "select 1 where row = ?"])
def test_a_query_that_is_none_is_refused(catalog: Catalog, query: str) -> None:
    with pytest.raises(QueryError, match=r"(?s)failed: .*Fix the query"):
        catalog.sql(query)


def test_a_damaged_manifest_makes_no_wrong_answer(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    ledger = root.ledger("photos", "flipped", "p1")
    ledger.claim(ledger.latest() + 1, b"PAR1 and no more PAR1")

    with pytest.raises(ManifestFormatError, match=r"flipped/p1/00000003\.parquet"):
        catalog.sql("select flipped from photos")
    with pytest.raises(ManifestFormatError, match=r"flipped/p1/00000003\.parquet"):
        catalog.rows("photos", ["a"])
    assert cells(catalog.sql("select sum(brightness) from photos")) == [(295.5,)]


@pytest.mark.parametrize("damage", [b"\xff", b"\x00"])
def test_an_upload_log_with_damaged_names_is_refused_by_its_file(
    root: CatalogRoot, catalog: Catalog, damage: bytes
) -> None:
    two_batches(root)
    key = root.upload_ledger("photos").key(1)
    data = bytearray(root.store.get(key))
    names = parquet.ParquetFile(BytesIO(data)).metadata.row_group(0).column(2)
    start, size = names.dictionary_page_offset or names.data_page_offset, 20
    assert names.path_in_schema == "row"
    end = start + names.total_compressed_size
    data[end - size : end] = damage * size
    root.store.put(key, bytes(data))

    for ask in (
        lambda: catalog.sql("select row from photos"),
        lambda: catalog.sql("select row from media_assets.files"),
        lambda: catalog.rows("photos", ["a"]),
        lambda: catalog.describe("photos"),
    ):
        with pytest.raises(ManifestFormatError, match=r"00000001\.parquet"):
            ask()


def test_a_table_whose_first_insert_was_killed_is_none(tmp_path: Path) -> None:
    root = CatalogRoot.open(str(tmp_path))
    (tmp_path / "photos" / "_uploads" / "_").mkdir(parents=True)

    assert Catalog(root).tables() == []
    with pytest.raises(QueryError, match="photos does not exist"):
        Catalog(root).sql("from photos")


def test_a_name_in_a_query_is_never_a_variable_of_the_program(catalog: Catalog) -> None:
    frame = pd.DataFrame({"a": [1]})

    with pytest.raises(QueryError, match="frame"):
        catalog.sql("select * from frame")

    assert len(frame) == 1


def test_an_asset_outside_tables_shows_all_that_it_wrote(
    root: CatalogRoot, catalog: Catalog
) -> None:
    for partition in ("p1", "p2"):
        cell = image(f"poster-{partition}", f"/{partition}.jpg")
        add(root, partition, cell, table="team/posters", column="image")

    expected = [("poster-p1", "p1", "/p1.jpg"), ("poster-p2", "p2", "/p2.jpg")]

    assert catalog.tables() == ["team/posters"]
    assert cells(catalog.sql('select * from "team/posters" order by row')) == expected
    assert cells(catalog.rows("team/posters", ["poster-p2"])) == expected[1:]
    assert cells(catalog.fileurls("team/posters", limit=1)) == [("poster-p1", "/p1.jpg")]
    assert cells(catalog.sql("select count(*) from media_assets.files")) == [(2,)]


def test_work_records_and_strange_files_are_no_tables(root: CatalogRoot, catalog: Catalog) -> None:
    two_batches(root)
    for key in ("_work/photos/flipped/p1/00000001.parquet", "note.txt", "photos/readme.md"):
        root.store.put(root.destination.key(*key.split("/")), b"")
    root.store.put(root.destination.key("photos", "flipped", "p1", "note.txt"), b"")

    assert catalog.tables() == ["photos"]
    assert list(catalog.columns("photos")) == ["flipped", "brightness"]
    assert cells(catalog.sql("select count(flipped) from photos")) == [(2,)]


def test_a_catalog_is_opened_by_its_place_or_by_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.delenv(CATALOG_VARIABLE, raising=False)
    root = CatalogRoot.open(str(tmp_path / "media" / "catalog"))
    two_batches(root)

    assert Catalog.open().tables() == Catalog.open(root.destination.uri).tables() == ["photos"]


def test_a_place_that_cannot_be_understood_is_refused() -> None:
    with pytest.raises(DestinationError, match="from the catalog's location is a relative path"):
        Catalog.open("media/catalog")
