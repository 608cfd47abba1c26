"""What a query answers, as a file; and queries that are cancelled."""

import json
from pathlib import Path
from threading import Event, Thread

import pandas as pd
import pytest

from media_assets.catalog import Catalog
from media_assets.errors import ExportFormatError, QueryError
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

ENDLESS = "select count(*) from range(10000000) a, range(10000000) b where a.range + b.range = 3"


@pytest.fixture
def catalog() -> Catalog:
    root = memory_root()
    record_rows(root, "p1", ["a,b", 'ä"c'])
    commit(root, header(position=1), [image("a,b", "/ab.jpg")])
    tags = [value("a,b", '{"tags": [1, null]}'), value('ä"c', None)]
    commit(root, header("facts", type=ColumnType.DICT, position=2), tags)
    return catalog_of(root)


def test_rows_are_written_as_csv_as_parquet_and_as_json_lines(
    catalog: Catalog, tmp_path: Path
) -> None:
    query = "select row, flipped, facts from photos order by row  -- by name;"

    counts = [catalog.export(query, tmp_path / f"x.{e}") for e in ("csv", "parquet", "jsonl")]

    expected = [["a,b", "/ab.jpg"], ['ä"c', None]]
    lines = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    csv, parquet = pd.read_csv(tmp_path / "x.csv"), pd.read_parquet(tmp_path / "x.parquet")
    assert counts == [2, 2, 2]
    assert [[line["row"], line["flipped"]] for line in lines] == expected
    assert lines[0]["facts"] == {"tags": [1, None]}
    for frame in (csv, parquet):
        plain = frame.astype(object).where(frame.notna(), None)
        assert plain[["row", "flipped"]].to_numpy().tolist() == expected


def test_parameters_and_quotes_in_paths_are_taken_as_they_are(
    catalog: Catalog, tmp_path: Path
) -> None:
    path = tmp_path / "it's.jsonl"

    assert catalog.export("select row from photos where row = ?;", path, ["a,b"]) == 1
    assert path.read_text() == '{"row":"a,b"}\n'


def test_a_file_whose_name_says_no_format_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ExportFormatError, match=r"\.csv, \.parquet, \.jsonl"):
        catalog.export("from photos", tmp_path / "photos.xlsx")


def test_a_query_that_fails_leaves_no_file(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="too dark"):
        catalog.export(
            "select error('too dark') from range(100000) where range = 99999", tmp_path / "x.csv"
        )
    with pytest.raises(QueryError, match="nowhere"):
        catalog.export("from photos", tmp_path / "nowhere" / "x.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_query_in_another_thread_is_cancelled(catalog: Catalog) -> None:
    found: list[QueryError] = []
    ended = Event()

    def ask() -> None:
        with pytest.raises(QueryError) as raised:
            catalog.sql(ENDLESS)
        found.append(raised.value)
        ended.set()

    thread = Thread(target=ask)
    thread.start()
    while not ended.wait(0.05):
        catalog.interrupt()
    thread.join()

    assert "Interrupted" in str(found[0])
