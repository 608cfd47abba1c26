"""Queries of a closed session: they read the catalog, and nothing else is read or written."""

import hashlib
from pathlib import Path

import duckdb
import pytest

from media_assets.catalog import Catalog
from media_assets.errors import QueryError, QueryRefusedError
from media_assets.records.database import quote_text
from media_assets.records.ledger import CatalogRoot
from media_assets_tests.catalogs import commit, header, image, record_rows

SECRET = "canary-5d41402a"


@pytest.fixture
def root(tmp_path: Path) -> CatalogRoot:
    root = CatalogRoot.open(str(tmp_path / "catalog"))
    record_rows(root, "p1", ["a", "b"])
    commit(root, header(position=1), [image(row, f"/{row}.jpg") for row in "ab"])
    return root


@pytest.fixture
def catalog(root: CatalogRoot) -> Catalog:
    return Catalog(root)


@pytest.fixture
def manifest(root: CatalogRoot, tmp_path: Path) -> Path:
    return next((tmp_path / "catalog" / "photos" / "flipped").rglob("*.parquet"))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.csv"
    path.write_text(f"name\n{SECRET}\n")
    return path


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def serialized(query: str) -> str:
    with duckdb.connect() as connection:
        found = connection.execute("select json_serialize_sql(?)", [query]).fetchall()
    return str(found[0][0]).replace("'", "''")


WRITING = [
    "copy (select 1 as a) to '{file}'",
    "copy photos to '{file}' (format csv, use_tmp_file false)",
    "copy photos from '{secret}'",
    "explain analyze copy (select 1 as a) to '{file}' (use_tmp_file false)",
    "explain (analyze) copy (select 1 as a) to '{file}' (use_tmp_file false)",
    "explain analyze /* select 1 -- */ copy (select 1) to '{file}' (use_tmp_file false)",
    "with a as (copy (select 1) to '{file}' (use_tmp_file false)) from a",
    "explain analyze with a as (copy (select 1) to '{file}' (use_tmp_file false)) from a",
    "with a as (copy (select 1) to '{file}' (use_tmp_file false)) pivot a on Count using count(*)",
    "copy (pivot photos on partition using count(*)) to '{file}' (use_tmp_file false)",
    "create table x as pivot photos on partition using count(*)",
    "pivot (from json_execute_serialized_sql('{serialized}')) on Count using count(*)",
    "from json_execute_serialized_sql('{serialized}')",
    "from query('from json_execute_serialized_sql(''{twice}'')')",
    "from query(reverse(reverse('select 1')))",
    "select 1; copy (select 1) to '{file}' (use_tmp_file false)",
    "select 1); copy (select 1) to '{file}'; select (2",
    "attach '{new}' as other",
    "attach ':memory:' as other",
    "install httpfs",
    "load '{new}'",
    "force install httpfs from 'http://127.0.0.1:1'",
    "export database '{new}'",
    "import database '{new}'",
    "create table x as select 1",
    "create view x as select 1",
    "create macro x() as 1",
    "create persistent secret (type http, bearer_token 'x')",
    "create temp table x as select 1",
    "insert into photos values ('x', 'y', 'z')",
    "with a as (insert into photos values ('x', 'y', 'z') returning *) from a",
    "delete from photos",
    "update photos set row = 'x'",
    "drop view photos",
    "set enable_external_access = true",
    "set temp_directory = '{new}'",
    "reset allowed_paths",
    "pragma enable_profiling",
    "pragma profiling_output = '{new}'",
    "call enable_logging(storage = 'file', storage_config = {{'path': '{new}'}})",
    "from enable_logging('FileSystem', storage = 'file', storage_config = {{'path': '{new}'}})",
    "prepare x as copy (select 1) to '{new}'",
    "begin",
    "checkpoint",
    "vacuum",
    "use memory",
]

READING = [
    "from read_csv('{secret}')",
    "from read_csv_auto('{secret}')",
    "from read_text('{secret}')",
    "from read_blob('{secret}')",
    "from read_json('{secret}')",
    "from read_parquet('{manifest}')",
    "from parquet_metadata('{manifest}')",
    "from sniff_csv('{secret}')",
    "from glob('{folder}/*')",
    "from '{secret}'",
    "from query_table('{secret}')",
    "from query('from ''{secret}''')",
    "describe '{secret}'",
    "summarize '{secret}'",
    "explain from read_csv('{secret}')",
    "explain analyze from '{secret}'",
    "select (select content from read_text('{secret}')) from photos",
    "with a as materialized (from read_text('{secret}')) from a",
    "from read_text('/proc/self/environ')",
    "from read_csv('http://127.0.0.1:1/x.csv')",
    "from arrow_scan(1, 2, 3)",
    "from python_map_function(1)",
    "from duckdb_secrets()",
    "from duckdb_extensions()",
]


@pytest.mark.parametrize("query", [*WRITING, *READING])
def test_a_query_that_does_more_than_read_the_catalog_does_nothing(
    catalog: Catalog, manifest: Path, secret: Path, tmp_path: Path, query: str
) -> None:
    onto = f"copy (select 1) to '{manifest}' (use_tmp_file false)"
    copy = serialized(f"with a as ({onto}) from a")
    names = {"file": manifest, "secret": secret, "manifest": manifest, "folder": tmp_path}
    text = query.format(
        **names, new=tmp_path / "new", serialized=copy, twice=copy.replace("'", "''")
    )
    before = digests(tmp_path)

    with pytest.raises(QueryError) as raised:
        catalog.sql(text)

    assert SECRET not in str(raised.value).replace(text, "")
    assert digests(tmp_path) == before
    assert not (tmp_path / "new").exists()
    assert len(catalog.sql("from photos")) == 2


@pytest.mark.parametrize(
    "query",
    ["from photos", "copy (from photos) to '{new}'", "from read_text('{secret}')", "explain (x"],
)
def test_an_export_writes_its_own_file_alone(
    catalog: Catalog, secret: Path, tmp_path: Path, query: str
) -> None:
    text = f"{query.format(new=tmp_path / 'new', secret=secret)}) to '{tmp_path}/x'; select (1"

    with pytest.raises(QueryError):
        catalog.export(text, tmp_path / "out.csv")

    assert not {"new", "out.csv", "x"} & {path.name for path in tmp_path.iterdir()}
    assert catalog.export("from photos", tmp_path / "out.csv") == 2


@pytest.mark.parametrize(
    "query",
    [
        "select row from photos",
        "-- a note\nselect row from photos; -- another",
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 2) from n",
        "from photos; from media_assets.files",
        "explain select row from photos",
        "explain analyze select row from photos",
        "explain (analyze, format json) select row from photos",
        "explain (select row from photos)",
        "describe photos",
        "show photos",
        "summarize photos",
        "pivot photos on partition using count(*)",
        "pivot photos on partition in ('p1') using count(*)",
        "unpivot photos on row into name n value v",
        "from query('from photos')",
        "from query_table('photos')",
        "values (1), (2)",
        "from range(3)",
        "select unnest([1, 2])",
        "select now()::timestamptz",
    ],
)
def test_a_query_that_reads_the_catalog_runs(catalog: Catalog, query: str) -> None:
    answer = catalog.sql(query)

    assert len(answer) > 0


def test_one_catalog_goes_on_answering_as_manifests_appear(
    catalog: Catalog, root: CatalogRoot
) -> None:
    for n in range(2, 6):
        record_rows(root, f"p{n}", [f"row-{n}"])
        commit(root, header(partition=f"p{n}", position=1), [image(f"row-{n}", f"/{n}.jpg")])

        assert len(catalog.sql("select row from photos where flipped is not null")) == n + 1
        assert len(catalog.sql("from media_assets.files")) == n + 1


def test_a_query_too_large_for_memory_goes_on_in_its_own_folder(catalog: Catalog) -> None:
    answer = catalog.sql("select count(distinct range::varchar) as n from range(200000)")

    assert answer["n"].to_list() == [200_000]


def test_a_catalog_opened_with_external_access_does_all_that_duckdb_can(
    root: CatalogRoot, secret: Path, tmp_path: Path
) -> None:
    location = str(tmp_path / "catalog")
    catalog = Catalog.open(location, external_access=True)
    target = tmp_path / "rows.csv"

    catalog.sql(f"create table x as from photos; copy x to {quote_text(str(target))} (format csv)")

    assert target.read_text().startswith("row,partition,flipped\na,p1,")
    assert catalog.sql(f"from read_csv('{secret}')")["name"].to_list() == [SECRET]
    with pytest.raises(QueryRefusedError, match="external_access=True"):
        Catalog.open(location).sql(f"from read_csv('{secret}')")


def test_names_defined_by_a_with_are_not_tables(catalog: Catalog) -> None:
    query = (
        "with photos as (select row from photos where row = 'a') select count(*) as n from photos"
    )

    assert catalog.sql(query)["n"].to_list() == [1]
    assert catalog.sql("with files as (select 1 as one) from files")["one"].to_list() == [1]


def test_a_name_inside_a_text_is_not_a_table(catalog: Catalog) -> None:
    answer = catalog.sql("select 'photos', 'media_assets.history' as text")

    assert answer.to_numpy().tolist() == [["photos", "media_assets.history"]]
