"""Manifests: they come back as written, merge when they race, and refuse what is not theirs."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from threading import Barrier

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st
from hypothesis.strategies import SearchStrategy

from media_assets.column_types import SQL_TYPES
from media_assets.errors import ManifestFormatError
from media_assets.records.file_headers import FORMAT_VERSION
from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.manifests import (
    SCHEMA,
    Header,
    Manifest,
    Record,
    commit_manifest,
    from_parquet,
    newest_manifest,
    read_header,
    read_manifest,
    to_parquet,
)
from media_assets.values import ColumnType
from media_assets_tests.catalogs import failure, header, image, memory_root

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
INTS = {"size_bytes": 2**63, "width": 2**31, "height": 2**31, "frames": 2**31}
HEADERS = st.builds(
    Header,
    table=TEXTS,
    column=TEXTS,
    partition=TEXTS,
    type=st.sampled_from([ColumnType(name) for name in SQL_TYPES]),
    code_version=TEXTS,
    run_id=TEXTS,
    position=st.integers(0, 2**40),
    destination=st.none() | TEXTS,
    decided_by=st.none() | TEXTS,
    inputs=st.lists(TEXTS).map(tuple),
)


def any_of(name: str) -> SearchStrategy[object]:
    if name == "row":
        return TEXTS
    if name == "written_at":
        return st.none() | st.datetimes(timezones=st.just(UTC))
    if name == "value_bytes":
        return st.none() | st.binary()
    if name in INTS:
        return st.none() | st.integers(0, INTS[name] - 1)
    return st.none() | TEXTS


RECORDS = st.builds(Record, **{field.name: any_of(field.name) for field in fields(Record)})
MANIFESTS = st.tuples(HEADERS, st.lists(RECORDS, unique_by=lambda record: record.row, max_size=8))


@pytest.fixture
def ledger() -> Ledger:
    return memory_root().ledger("photos", "flipped", "p1")


def by_row(*records: Record) -> dict[str, Record]:
    return {record.row: record for record in records}


def first_commit(ledger: Ledger, *records: Record) -> Manifest:
    return commit_manifest(ledger, header(), by_row(*records), base=None)


@given(MANIFESTS)
def test_every_manifest_comes_back(manifest: tuple[Header, list[Record]]) -> None:
    head, records = manifest
    data = to_parquet(asdict(head), records)

    raw, found = from_parquet(data, key="k")

    assert raw == {"format_version": FORMAT_VERSION, **asdict(head), "inputs": list(head.inputs)}
    assert found == by_row(*records)
    assert list(found) == sorted(found)
    assert read_header(data, key="k") == head


def test_a_time_with_another_zone_is_the_same_time() -> None:
    zone = timezone(timedelta(hours=-7))
    written_at = datetime(2026, 11, 22, 5, 0, tzinfo=zone)

    _, found = from_parquet(to_parquet({}, [Record("a", written_at=written_at)]), key="k")

    assert found["a"].written_at == written_at


def test_an_empty_manifest_has_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"

    path.write_bytes(to_parquet(asdict(header()), []))

    assert pq.read_schema(path).names == list(SCHEMA)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 0, "1", None])
def test_a_format_version_that_is_not_known_is_refused_before_its_content(version: object) -> None:
    data = to_parquet({**asdict(header()), "format_version": version}, [image("a", "/a.jpg")])

    for read in (from_parquet, read_header):
        with pytest.raises(
            ManifestFormatError, match=f"'k' has format version {version!r}"
        ) as caught:
            read(data, key="k")
        assert "Upgrade media-assets" in caught.value.fix


def parquet_of_somebody_else() -> bytes:
    sink = BytesIO()
    pq.write_table(pa.table({"row": ["a"]}), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1",
        b"no parquet at all",
        to_parquet(asdict(header()), [image("a", "/a.jpg")])[:-5],
        b"PAR1" + b"\0" * 200 + b"PAR1",
        parquet_of_somebody_else(),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(data: bytes) -> None:
    for read in (from_parquet, read_header):
        with pytest.raises(ManifestFormatError, match=r"'catalog/x.parquet' is damaged"):
            read(data, key="catalog/x.parquet")


def test_a_file_that_lost_its_beginning_is_refused() -> None:
    data = to_parquet(asdict(header()), [image("a", "/a.jpg")])

    with pytest.raises(ManifestFormatError, match="damaged"):
        from_parquet(data[20:], key="k")


def test_a_byte_that_changed_in_the_rows_is_noticed() -> None:
    data = bytearray(to_parquet(asdict(header()), [image(f"row-{n}", "/a.jpg") for n in range(99)]))
    damaged = bytes([*data[:600], data[600] ^ 1, *data[601:]])

    with pytest.raises(ManifestFormatError, match="damaged"):
        from_parquet(damaged, key="k")


@pytest.mark.parametrize("lost", ["table", "column", "type", "position"])
def test_a_header_that_lacks_something_is_refused(lost: str) -> None:
    head = {key: value for key, value in asdict(header()).items() if key != lost}

    with pytest.raises(ManifestFormatError, match="damaged"):
        read_header(to_parquet(head, []), key="k")


def test_a_header_that_says_more_than_this_version_knows_is_read() -> None:
    data = to_parquet({**asdict(header()), "later": 1}, [])

    assert read_header(data, key="k") == header()


def test_the_first_commit_is_number_one(ledger: Ledger) -> None:
    made = first_commit(ledger, image("a", "/a.jpg"))

    assert made == newest_manifest(ledger) == read_manifest(ledger, 1)
    assert made.number == 1
    assert json.dumps(asdict(made.header), default=str)


def test_there_is_no_manifest_before_the_first_commit(ledger: Ledger) -> None:
    assert newest_manifest(ledger) is None


def test_a_commit_keeps_existing_cells_and_adds_computed_ones(ledger: Ledger) -> None:
    base = first_commit(ledger, image("a", "/a1.jpg"), image("b", "/b1.jpg"))

    made = commit_manifest(
        ledger, header(), by_row(image("b", "/b2.jpg"), image("c", "/c.jpg")), base=base
    )

    assert made.number == 2
    assert {row: record.fileurl for row, record in made.records.items()} == {
        "a": "/a1.jpg",
        "b": "/b2.jpg",
        "c": "/c.jpg",
    }
    assert read_manifest(ledger, 1) == base


def test_rows_that_are_gone_leave_the_manifest(ledger: Ledger) -> None:
    base = first_commit(ledger, image("a", "/a.jpg"), image("b", "/b.jpg"))

    made = commit_manifest(ledger, header(), {}, base=base, gone={"a", "never there"})

    assert (made.number, list(made.records)) == (2, ["b"])


def test_a_commit_without_news_makes_no_number(ledger: Ledger) -> None:
    base = first_commit(ledger, image("a", "/a.jpg"))

    again = commit_manifest(ledger, header(), {}, base=base, gone={"never there"})

    assert again is base
    assert ledger.numbers() == [1]


def test_a_partition_without_rows_has_a_manifest_all_the_same(ledger: Ledger) -> None:
    made = commit_manifest(ledger, header(), {}, base=None)

    assert (made.number, made.records) == (1, {})


def test_the_loser_of_a_race_merges_what_the_winner_wrote(ledger: Ledger) -> None:
    base = first_commit(ledger, image("a", "/a1.jpg"), image("b", "/b1.jpg"))
    commit_manifest(
        ledger, header(), by_row(image("a", "/a2.jpg"), image("c", "/c2.jpg")), base=base
    )

    made = commit_manifest(ledger, header(), by_row(image("b", "/b3.jpg")), base=base)

    assert made.number == 3
    assert {row: record.fileurl for row, record in made.records.items()} == {
        "a": "/a2.jpg",
        "b": "/b3.jpg",
        "c": "/c2.jpg",
    }


def test_the_loser_of_a_first_race_merges_too(ledger: Ledger) -> None:
    first_commit(ledger, image("a", "/a.jpg"))

    made = commit_manifest(ledger, header(), by_row(image("b", "/b.jpg")), base=None)

    assert (made.number, list(made.records)) == (2, ["a", "b"])


def test_of_a_row_that_two_runs_computed_the_last_commit_wins(ledger: Ledger) -> None:
    first_commit(ledger, image("a", "/first.jpg"))

    made = commit_manifest(ledger, header(), by_row(image("a", "/second.jpg")), base=None)

    assert made.records["a"].fileurl == "/second.jpg"


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_no_row_is_lost_in_concurrent_commits(kind: str, tmp_path: Path) -> None:
    root = CatalogRoot.open(str(tmp_path)) if kind == "local" else memory_root()
    ledger = root.ledger("photos", "flipped", "p1")
    barrier = Barrier(8)

    def commit(name: str) -> int:
        barrier.wait(timeout=240)
        return commit_manifest(ledger, header(), by_row(image(name, "/f")), base=None).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(commit, "abcdefgh"))

    newest = newest_manifest(ledger)
    assert sorted(numbers) == list(range(1, 9))
    assert newest is not None
    assert sorted(newest.records) == list("abcdefgh")


def test_the_data_version_depends_on_the_content() -> None:
    cells = by_row(image("a", "/a.jpg"), image("b", "/b.jpg"))
    manifest = Manifest(header(), cells)
    others = [
        by_row(image("a", "/a.jpg")),
        by_row(image("a", "/b.jpg"), image("b", "/a.jpg")),
        by_row(image("a", "/a.jpg"), failure("b")),
        by_row(image("a", "/a.jpg"), image("c", "/b.jpg")),
    ]

    versions = {Manifest(header(), other).data_version for other in others}

    assert len(versions | {manifest.data_version}) == 5


def test_the_data_version_is_blind_for_order_place_time_and_message() -> None:
    a, b = image("a", "/a.jpg"), failure("b")
    moved = replace(a, fileurl="s3://bucket/a.jpg", written_at=None, run_id="other")
    manifest = Manifest(header(), by_row(a, b))

    other = Manifest(header(partition="p2"), by_row(failure("b", "other words"), moved), 7)

    assert other.data_version == manifest.data_version


def test_errors_are_listed_by_row() -> None:
    manifest = Manifest(header(), by_row(failure("c"), image("b", "/b.jpg"), failure("a")))

    assert [record.row for record in manifest.errors] == ["a", "c"]
