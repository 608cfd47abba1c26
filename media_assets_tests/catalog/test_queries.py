"""What a query reads: never less than it needs, and no more when its names say it all."""

from pathlib import Path

import pytest

from media_assets.catalog import Catalog
from media_assets.catalog.queries import parse_query
from media_assets.records.database import connect
from media_assets.records.ledger import CatalogRoot
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    header,
    image,
    memory_root,
    record_rows,
    value,
)

MAY_MEAN_ALL = [
    "select * from photos",
    "from photos",
    "table photos",
    "select photos.* from photos",
    "select * exclude (row) from photos",
    "select columns('f.*') from photos",
    "select photos from photos",
    "select p from photos p",
    "select unnest(p) from photos p",
    "select main.photos from photos",
    "select #3 from photos",
    "select row from photos order by all",
    "select a.row from photos a natural join photos b",
    "select c from photos as t(a, b, c, d)",
    "describe photos",
    "summarize photos",
    "pivot photos on partition using count(*)",
    "from (pivot photos on partition using count(*))",
    "select flipped from query_table('photos')",
    "create table copy as select * from photos",
]


@pytest.mark.parametrize("query", MAY_MEAN_ALL)
def test_a_query_that_may_mean_any_column_reads_all(query: str) -> None:
    with connect() as connection:
        assert parse_query(connection, query).columns is None


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("select 1", set()),
        ("select count(*) from photos", set()),
        ("select q from query('select flipped as q from photos')", {"q", "flipped"}),
        ("select Row, p.FLIPPED from photos p", {"row", "p", "flipped"}),
        ('select "brightness" * 2 as twice from photos', {"brightness"}),
        ("select 1 from photos a join photos b using (row)", {"row"}),
        ("select 1 from photos where flipped is null order by turned", {"flipped", "turned"}),
        ("select max(a) over (partition by b order by c) from photos", {"a", "b", "c"}),
        ("select (select flipped) from photos", {"flipped"}),
        ("with x as (select flipped as f from photos) select f from x", {"flipped", "f"}),
        ("select found.faces.n from photos", {"found", "faces", "n"}),
        ("select list_transform([1], lambda x: x + n) from photos", {"x", "n"}),
        ("select row from photos union select flipped from photos", {"row", "flipped"}),
        ("select row from photos where brightness > ?", {"row", "brightness"}),
        ("select flipped from photos; select turned from photos", {"flipped", "turned"}),
    ],
)
def test_else_the_names_in_a_query_say_what_it_reads(query: str, names: set[str]) -> None:
    with connect() as connection:
        assert parse_query(connection, query).columns == names


@pytest.mark.parametrize(
    "query",
    [
        *[
            query
            for query in MAY_MEAN_ALL
            if query.startswith(("select", "from")) and "'a" not in query
        ],
        "select count(*), count(flipped), sum(brightness) from photos",
        "select a.flipped, b.brightness from photos a join photos b using (row) order by 1",
        "select flipped from photos union all by name select brightness from photos",
        "select (select max(q.brightness) from photos q where q.row <= p.row) from photos p",
        "with x as (select brightness as f, row from photos) select x.f from x order by row",
    ],
)
def test_what_is_left_out_of_a_view_changes_no_answer(query: str) -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b"])
    commit(root, header(position=1), [image(row, f"/{row}.jpg") for row in "ab"])
    brightness = header("brightness", type=ColumnType.FLOAT, position=2)
    commit(root, brightness, [value("a", "0.5"), value("b", "0.75")])
    catalog = catalog_of(root)

    answer = catalog.sql(query)
    with_all = catalog.sql(f"from photos; {query}")  # whose star reads all columns

    assert list(answer.columns) == list(with_all.columns)
    assert answer.astype(str).equals(with_all.astype(str))


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ('from "photos/derived" d join main.photos on true', {"photos/derived", "main.photos"}),
        ("from 'photos/derived'", {"photos/derived"}),
        ("explain analyze from photos", {"photos"}),
        ("describe photos", {"photos"}),
        ("show photos", {"photos"}),
        ("show tables", set()),
        ("with photos as (select 1) from photos", set()),
        ("with a as (from photos) from a, media_assets.files", {"photos", "media_assets.files"}),
        ("copy (with a as (select 1 as b) select b from a, photos) to 'c'", {"photos"}),
        ("copy (from \"a AS b\" c, 'd.e', media_assets.files) to 'f'", None),
        ("create table a as select b from photos", {"a", "photos"}),
        ("set threads = 1; from photos", {"photos"}),
    ],
)
def test_the_tables_of_a_query_are_those_that_it_names(query: str, tables: set[str] | None) -> None:
    expected = {"a AS b", "d.e", "media_assets.files"} if tables is None else tables
    with connect() as connection:
        meant = parse_query(connection, query, external_access=True)

    assert {".".join(filter(None, table)) for table in meant.tables} == expected


@pytest.mark.parametrize(
    ("query", "views"),
    [
        ("copy (select count(*) as photo from photos) to '{file}'", ["photos"]),
        ("create table x as from (pivot PHOTOS on row using count(*))", ["photos"]),
        ("copy (from \"photos/o\") to '{file}' /* photos */", ["photos/o"]),
        ("create table x as select 'photos' as o", []),
    ],
)
def test_no_table_is_opened_that_is_not_named(tmp_path: Path, query: str, views: list[str]) -> None:
    location = str(tmp_path / "catalog")
    root = CatalogRoot.open(location)
    for table in ("photos", "photo", "o", "photos/o"):
        record_rows(root, "p1", ["a"], table=table)
    look = "select view_name from duckdb_views() where not internal and view_name[1] <> '_'"

    catalog = Catalog.open(location, external_access=True)
    answer = catalog.sql(f"{query.format(file=tmp_path / 'rows.csv')}; {look}")

    assert answer["view_name"].to_list() == views
