"""Damaged and foreign files in the catalog, and notes: refused by their name, or read right."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from media_assets.destinations import parse_destination
from media_assets.errors import ManifestFormatError
from media_assets.home import Home
from media_assets.records.claims import Claim
from media_assets.records.file_headers import FORMAT_VERSION
from media_assets.records.known_destinations import NotedDestinations, note_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import SCHEMA, Record, from_parquet, read_header, to_parquet
from media_assets.records.parquet import (
    ADDED_LATER,
    RowGroups,
    Schema,
    table_of,
    write_parquet,
)
from media_assets.records.publications import Publications
from media_assets.storage_sources import note_name
from media_assets.stores import Storage
from media_assets.trials.noted import TrialNote, find_trial, note_trials, trials_folder
from media_assets.uploads import entries
from media_assets_tests.catalogs import failure, header, image, memory_root, value

Damage = Callable[[bytes], bytes]

FORMATS = range(1, FORMAT_VERSION + 1)
KEY = "photos/flipped/p1/00000001.parquet"
RECORDS = [
    *(image(f"{n}.jpg", f"/a/{n}.jpg", width=n) for n in range(40)),
    failure("x"),
    value("y", "1"),
]
MANIFEST = to_parquet(asdict(header()), RECORDS)
READ = from_parquet(MANIFEST, key=KEY)[1]

WRONG: list[Any] = [
    pa.array([1, 2], pa.int8()),
    pa.array([1.5, None], pa.float64()),
    pa.array([b"\xff", b""], pa.binary()),
    pa.array([["a"], []], pa.list_(pa.string())),
    pa.array([{"a": 1}, None], pa.struct([("a", pa.int64())])),
    pa.array([None, None], pa.null()),
    pa.array([True, False], pa.bool_()),
    pa.array([0, 2**60], pa.timestamp("ns")),
    pa.array([datetime(1, 1, 1, tzinfo=UTC), None], pa.timestamp("ms", tz="America/Lima")),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """One thing that happens to a file: bits flip, a piece is lost, overwritten or put in."""
    place = draw(st.integers(0, len(MANIFEST) - 1))
    length = draw(st.integers(1, 64))
    noise = draw(st.binary(min_size=length, max_size=length))
    kind = draw(st.sampled_from(["flip", "cut", "lose", "overwrite", "insert", "zeros", "begin"]))
    return lambda data: {
        "flip": data[:place] + bytes([data[place] ^ 1 << length % 8]) + data[place + 1 :],
        "cut": data[:place],
        "begin": data[place:],
        "lose": data[:place] + data[place + length :],
        "overwrite": data[:place] + noise + data[place + length :],
        "insert": data[:place] + noise + data[place:],
        "zeros": data[:place] + bytes(length) + data[place + length :],
    }[kind]


def refused(read: Callable[[], object], key: str = KEY) -> bool:
    """Whether a file was refused by its name; everything else that is raised is a crash."""
    try:
        read()
    except ManifestFormatError as error:
        assert key in str(error)  # noqa: PT017
        return True
    return False


def flipped(data: bytes, bit: int) -> bytes:
    place = bit // 8
    return data[:place] + bytes([data[place] ^ 1 << bit % 8]) + data[place + 1 :]


def test_every_bit_that_flips_in_a_manifest_is_noticed() -> None:
    for bit in range(8 * len(MANIFEST)):
        assert refused(partial(from_parquet, flipped(MANIFEST, bit), key=KEY)), bit


def test_a_header_read_alone_is_refused_or_right_whichever_bit_flips() -> None:
    text = MANIFEST.rindex(b'{"format_version"')
    ends = range(8 * (text - 20), 8 * len(MANIFEST))  # with the length of the text

    for bit in ends:
        read = partial(read_header, flipped(MANIFEST, bit), key=KEY)
        assert refused(read) or read() == header(), bit


@pytest.mark.parametrize("count", [300, pytest.param(5_000, marks=pytest.mark.faults)])
def test_a_damaged_manifest_is_refused_by_name_or_read_right(count: int) -> None:
    @settings(max_examples=count, deadline=None, database=None)
    @given(damages())
    def damage_it(damage: Damage) -> None:
        data = damage(MANIFEST)
        if not refused(lambda: from_parquet(data, key=KEY)):
            assert from_parquet(data, key=KEY)[1] == READ
        if not refused(lambda: read_header(data, key=KEY)):
            assert read_header(data, key=KEY) == header()

    damage_it()


@given(st.binary(max_size=300) | st.binary(max_size=99).map(lambda data: b"PAR1" + data + b"PAR1"))
def test_what_is_no_parquet_is_refused_by_name(data: bytes) -> None:
    assert refused(lambda: from_parquet(data, key=KEY))
    assert refused(lambda: read_header(data, key=KEY))


def written(columns: Mapping[str, Any], head: object) -> bytes:
    """A Parquet file as another program might write it."""
    table = pa.table(list(columns.values()), names=list(columns))
    sink = BytesIO()
    pq.write_table(table.replace_schema_metadata({b"media_assets": json.dumps(head)}), sink)
    return sink.getvalue()


@pytest.mark.parametrize("schema", [SCHEMA, entries.SCHEMA], ids=["manifest", "uploads"])
@settings(deadline=None)
@given(st.data())
def test_a_column_of_another_type_or_none_at_all_is_refused_by_name(
    schema: Schema, data: st.DataObject
) -> None:
    right = table_of(schema, {name: [None, None] for name in schema})
    columns = {name: right.column(name) for name in schema}
    for name in data.draw(st.sets(st.sampled_from(list(schema)), min_size=1), label="wrong"):
        wrong = [array for array in WRONG if array.type != right.column(name).type]
        absent = [] if name in ADDED_LATER else [None]
        columns[name] = data.draw(st.sampled_from([*wrong, *absent]), label=name)
    columns = {name: column for name, column in columns.items() if column is not None}
    content = written(columns or {"other": WRONG[0]}, {"format_version": FORMAT_VERSION})

    assert refused(lambda: RowGroups(content, key=KEY, schema=schema))


def test_a_file_from_before_a_column_was_added_reads_as_nulls() -> None:
    cells: dict[str, list[object]] = {name: [None] for name in SCHEMA if name not in ADDED_LATER}
    older = table_of({name: SCHEMA[name] for name in cells}, {**cells, "row": ["a.jpg"]})
    data = write_parquet(asdict(header()), older)

    assert SCHEMA.keys() - cells.keys() == ADDED_LATER
    assert list(from_parquet(data, key=KEY)[1].values()) == [Record("a.jpg")]


@pytest.mark.parametrize("rows", [["a", "a"], ["a", None]])
def test_a_manifest_with_a_row_twice_or_without_a_name_is_refused(rows: list[str | None]) -> None:
    cells: dict[str, list[object]] = {name: [None, None] for name in SCHEMA}
    data = write_parquet(asdict(header()), table_of(SCHEMA, {**cells, "row": rows}))

    assert refused(lambda: from_parquet(data, key=KEY))


def test_a_time_that_python_cannot_hold_is_refused() -> None:
    right = table_of(SCHEMA, {name: ["a"] if name == "row" else [None] for name in SCHEMA})
    columns = {name: right.column(name) for name in SCHEMA}
    columns["written_at"] = pa.array([2**62], pa.timestamp("us", tz="UTC"))
    data = written(columns, {"format_version": FORMAT_VERSION})

    assert refused(lambda: from_parquet(data, key=KEY)[1]["a"])


@given(
    JSON.filter(
        lambda version: (
            not isinstance(version, int) or isinstance(version, bool) or version not in FORMATS
        )
    )
)
def test_any_other_format_version_is_refused(version: object) -> None:
    data = to_parquet({**asdict(header()), "format_version": version}, [])

    assert refused(lambda: from_parquet(data, key=KEY))


@given(JSON)
def test_any_other_header_is_refused(head: object) -> None:
    columns = table_of(SCHEMA, {name: [] for name in SCHEMA})
    data = written({name: columns.column(name) for name in SCHEMA}, head)

    assert refused(lambda: read_header(data, key=KEY))


def a_claim(root: CatalogRoot) -> tuple[str, Callable[[], object]]:
    root.store.put(KEY, Claim(KEY, "a.jpg", "file:///web/a.jpg").to_json())
    return KEY, lambda: Claim.from_json(root.store.get(KEY), key=KEY)


def a_destination(root: CatalogRoot) -> tuple[str, Callable[[], object]]:
    destination = parse_destination("s3://bucket/photos/")
    note_destination(root, "photos", "flipped", "p1", destination)
    key = root.note_prefix("photos", "flipped", "p1") + note_name(destination)
    return key, lambda: NotedDestinations(root.store).read([key])


def an_unpublished_partition(root: CatalogRoot) -> tuple[str, Callable[[], object]]:
    published = Publications(root, Storage(), "photos", "flipped")
    key = published.begin("2026-11-22/caf\u00e9")
    return key, lambda: published.partition_of(key)


@pytest.mark.parametrize("note", [a_claim, a_destination, an_unpublished_partition])
def test_a_note_is_refused_by_name_or_read_right_whichever_bit_flips_and_wherever_it_ends(
    note: Callable[[CatalogRoot], tuple[str, Callable[[], object]]],
) -> None:
    root = memory_root()
    key, read = note(root)
    whole, right = root.store.get(key), read()
    damaged = [flipped(whole, bit) for bit in range(8 * len(whole))]
    damaged += [whole[:length] for length in range(len(whole))]

    for data in damaged:
        root.store.put(key, data)
        assert refused(read, key) or read() == right


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"photos/flipped": 1}', b'{"photos/flipped": {}}']
)
def test_damaged_notes_of_trials_are_as_none(tmp_path: Path, content: bytes) -> None:
    home = Home(tmp_path)
    note_trials(home, "photos", {"flipped": TrialNote("v1", "as before")})
    (file,) = trials_folder(home).iterdir()
    assert find_trial(home, "photos", "flipped", "v1") is not None

    file.write_bytes(content)

    assert find_trial(home, "photos", "flipped", "v1") is None
