"""Row values: given with rows, read by columns, kept in the upload log."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, TypedDict

import dagster as dg
import numpy as np
import pytest
from PIL import Image

from media_assets.build import build_defs
from media_assets.columns import Length, encode_values
from media_assets.errors import DeclarationError, RowValueError, UnknownNameError, UnknownRowsError
from media_assets.gallery.contents import read_contents
from media_assets.io_manager import MediaIOManager
from media_assets.tables.row_check_results import row_check_result
from media_assets.tables.row_values import update_values
from media_assets.tables.scanning import record
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.folders import Found, find_files
from media_assets.uploads.log import UploadLog
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.row_values import pack_values
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.automation.sensors import Ticker
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog, insert, materialize
from media_assets_tests.steps import NO_VERSIONS, cells, made, run_step


class Place(TypedDict):
    x: float
    seen: list[date]


def make_table() -> MediaTable:
    table = MediaTable("photos", values={"label": str, "taken": datetime | None})

    @table.computed_column(code_version="1")
    def shout(source_image: Image.Image, label: str) -> str:
        return f"{label.upper()} {source_image.width}"

    @table.computed_column(code_version="1")
    def year(taken: datetime | None) -> int | None:
        return taken.year if taken else None

    @table.computed_column(code_version="1")
    def width(source_image: Image.Image) -> int:
        return source_image.width

    return table


@pytest.fixture
def table(home: Path) -> MediaTable:
    del home
    return make_table()


def insert_with(
    table: MediaTable, *paths: Path, is_named: bool = True, **values: object
) -> RecordingResult:
    """Records files that all have these values."""
    found = find_files(paths)
    uploads = (
        replace(u, values=pack_values(encode_values(table.values, values, table="t", row=u.row)))
        for u in found.uploads
    )
    return record(MediaIOManager().installation, table, Found(tuple(uploads)), is_named=is_named)


def held(table: MediaTable, row: str) -> str | None:
    log = UploadLog(MediaIOManager().installation.catalog, table.name)
    log.refresh()
    return log.newest_of([row])[row].values


def test_columns_read_the_values_of_their_row(table: MediaTable, tmp_path: Path) -> None:
    (partition,) = insert_with(
        table, save_photo(tmp_path / "a.jpg"), label="cat", taken=datetime(2024, 5, 6, tzinfo=UTC)
    ).partitions

    made = cells(run_step(table, partition))

    assert made["shout"]["a.jpg"].value == "CAT 48"
    assert made["year"]["a.jpg"].value == "2024"


def test_sql_has_the_values_as_columns(table: MediaTable, tmp_path: Path) -> None:
    (partition,) = insert_with(
        table, save_photo(tmp_path / "a.jpg"), label="cat", taken=datetime(2024, 5, 6, tzinfo=UTC)
    ).partitions
    run_step(table, partition)
    update_values(MediaIOManager().installation, table, {"a.jpg": {"label": "dog"}})

    found = catalog().answer("select label, taken, year from photos where label = 'dog'").rows

    assert [(label, str(taken), year) for label, taken, year in found] == [
        ("dog", "2024-05-06 00:00:00+00:00", 2024)
    ]
    assert list(catalog().columns("photos"))[:3] == ["source_image", "label", "taken"]
    assert catalog().column("photos", "label").value == {"a.jpg": "dog"}
    described = {c.name: (c.cells, c.missing) for c in catalog().describe("photos").columns}
    assert described["label"] == (1, 0)
    assert catalog().table("photos")["label"].to_list() == ["dog"]


def test_a_value_is_of_any_type_that_text_can_hold(home: Path, tmp_path: Path) -> None:
    del home
    box, tags = [0.5, 1.0], ["a", "b"]
    types = {
        "box": list[float],
        "place": Place | None,
        "tags": list[str],
        "vector": Annotated[list[float], Length(2)],
    }
    table = MediaTable("photos", values=types)

    @table.computed_column()
    def read(
        box: list[float],
        place: Place | None,
        tags: list[str],
        vector: Annotated[np.ndarray, Length(2)],
    ) -> list[str]:
        return [str(box), str(place), str(tags), type(vector).__name__]

    place = {"x": 1.5, "seen": [date(2024, 5, 6)]}
    (partition,) = insert_with(
        table, save_photo(tmp_path / "a.jpg"), box=box, place=place, tags=tags, vector=box
    ).partitions
    run_step(table, partition)

    found = catalog().answer("select box, place, tags, vector, read from photos").rows
    assert found == [(box, place, tags, box, [str(box), str(place), str(tags), "ndarray"])]
    assert catalog().column("photos", "place").value == {"a.jpg": place}
    for kind in (bytes, np.ndarray, Image.Image):
        with pytest.raises(DeclarationError, match="A type for each name"):
            MediaTable("others", values={"content": kind})


def test_another_value_makes_one_cell_of_the_column_that_reads_it(
    table: MediaTable, tmp_path: Path
) -> None:
    (partition,) = insert_with(table, *save_photos(tmp_path, 5), label="cat", taken=None).partitions
    run_step(table, partition)

    updated = update_values(
        MediaIOManager().installation, table, {"photo-003.jpg": {"label": "dog"}}
    )
    assert (updated.rows, updated.partitions) == (1, (partition,))

    stored = StoredTable(MediaIOManager().installation.catalog, "photos")
    found = {c.column: dict(c.stale) for c in stale_columns(table, stored, NO_VERSIONS, partition)}
    assert {name: rows for name, rows in found.items() if rows} == {
        "shout": {Reason.INPUTS: ["photo-003.jpg"]}
    }
    outputs = run_step(table, partition)
    assert made(outputs) == 1
    assert cells(outputs)["shout"]["photo-003.jpg"].value == "DOG 48"
    assert stored.partitions() == [partition]


def test_a_row_keeps_its_values_when_its_file_changes_moves_or_comes_back(
    table: MediaTable, tmp_path: Path
) -> None:
    path = save_photo(tmp_path / "a.jpg")
    insert_with(table, path, label="cat", taken=None)
    before = held(table, "a.jpg")

    save_photo(path, seed=7)
    replaced = insert_with(table, path)
    assert replaced.replaced == 1
    assert held(table, "a.jpg") == before
    run_step(table, replaced.partitions[0])
    moved = path.rename(save_photo(tmp_path / "other" / "b.jpg").with_name("a.jpg"))
    assert insert_with(table, moved).moved == 1
    assert held(table, "a.jpg") == before
    delete_rows(
        StoredTable(MediaIOManager().installation.catalog, "photos"), "source_image", ["a.jpg"]
    )
    assert insert_with(table, moved).new == 1
    assert held(table, "a.jpg") == before


def test_a_row_that_is_inserted_again_has_the_values_that_are_named(
    table: MediaTable, tmp_path: Path
) -> None:
    path = save_photo(tmp_path / "a.jpg")
    first = insert_with(table, path, label="cat", taken=datetime(2024, 1, 1, tzinfo=UTC))

    again = insert_with(table, path, label="dog")

    assert (again.updated, again.replaced, again.unchanged) == (1, 0, 0)
    assert again.partitions == first.partitions
    assert held(table, "a.jpg") == '{"label": "dog", "taken": "2024-01-01T00:00:00.000000+00:00"}'


def test_a_named_row_needs_all_values(table: MediaTable, tmp_path: Path) -> None:
    with pytest.raises(RowValueError, match=r"row 'a.jpg', label: is not given"):
        insert_with(table, save_photo(tmp_path / "a.jpg"), taken=None)


def test_null_has_to_be_declared(table: MediaTable, tmp_path: Path) -> None:
    with pytest.raises(RowValueError, match=r"row 'a.jpg', label: is null"):
        insert_with(table, save_photo(tmp_path / "a.jpg"), label=None, taken=None)


def test_a_scanned_row_without_values_is_an_error_row_until_it_gets_them(
    table: MediaTable, tmp_path: Path
) -> None:
    (partition,) = insert(table, save_photo(tmp_path / "a.jpg"))
    first = cells(run_step(table, partition))
    update_values(MediaIOManager().installation, table, {"a.jpg": {"label": "cat"}})
    second = cells(run_step(table, partition))

    assert "media-assets update" in (first["shout"]["a.jpg"].error_message or "")
    assert first["width"]["a.jpg"].value == "48"
    assert second["shout"]["a.jpg"].value == "CAT 48"


def test_an_unknown_row_or_value_is_refused(table: MediaTable, tmp_path: Path) -> None:
    insert_with(table, save_photo(tmp_path / "a.jpg"), label="cat", taken=None)

    with pytest.raises(UnknownRowsError, match=r"b\.jpg"):
        update_values(MediaIOManager().installation, table, {"b.jpg": {"label": "cat"}})
    with pytest.raises(UnknownNameError, match="lable"):
        update_values(MediaIOManager().installation, table, {"a.jpg": {"lable": "cat"}})
    with pytest.raises(RowValueError, match="5 is not of type str"):
        update_values(MediaIOManager().installation, table, {"a.jpg": {"label": 5}})
    with pytest.raises(RowValueError, match="not of type datetime with a time zone"):
        update_values(MediaIOManager().installation, table, {"a.jpg": {"taken": "2024-05-06"}})


def test_a_row_is_found_by_either_form_of_its_name(table: MediaTable, tmp_path: Path) -> None:
    insert_with(table, save_photo(tmp_path / "cafe\u0301.jpg"), label="cat", taken=None)

    update_values(MediaIOManager().installation, table, {"caf\u00e9.jpg": {"label": "dog"}})

    assert '"dog"' in (held(table, "cafe\u0301.jpg") or "")


def test_two_writers_of_two_values_of_a_row_both_count(table: MediaTable, tmp_path: Path) -> None:
    insert_with(table, save_photo(tmp_path / "a.jpg"), label="cat", taken=None)
    changes = [{"label": "dog"}, {"taken": datetime(2020, 1, 1, tzinfo=UTC)}] * 4

    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda c: update_values(MediaIOManager().installation, table, {"a.jpg": c}), changes
            )
        )

    assert held(table, "a.jpg") == '{"label": "dog", "taken": "2020-01-01T00:00:00.000000+00:00"}'


def test_values_are_assets_with_lineage_and_versions_of_their_own(
    table: MediaTable, tmp_path: Path
) -> None:
    (partition,) = insert_with(
        table, save_photo(tmp_path / "a.jpg"), label="cat", taken=None
    ).partitions
    defs = build_defs([table])
    graph = defs.resolve_asset_graph()
    assert graph.get(dg.AssetKey(["photos", "shout"])).parent_keys == {
        dg.AssetKey(["photos", "source_image"]),
        dg.AssetKey(["photos", "label"]),
    }
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("media_assets/photos", [partition])

        def versions() -> dict[str, str]:
            chosen = list(table.asset_names)
            assert materialize(instance, table, partition, columns=chosen).success
            found: dict[str, str] = {}
            for name in chosen:
                event = instance.get_latest_materialization_event(table.asset_key(name))
                assert event is not None
                assert event.asset_materialization is not None
                tags = event.asset_materialization.tags or {}
                found[name] = tags["dagster/data_version"]
            return found

        before = versions()
        update_values(MediaIOManager().installation, table, {"a.jpg": {"label": "dog"}})
        after = versions()

    assert {name for name in before if before[name] != after[name]} == {"label", "shout"}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"label": bytes}, "A type for each name"),
        ({"source": str}, "Any column's name"),
        ({"Label": str}, "lower-case"),
        ({"label": str | int}, "A type for each name"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(DeclarationError, match=text):
        MediaTable("photos", values=values)


def test_the_sensor_makes_up_for_an_update_without_a_run(
    table: MediaTable, home: Path, tmp_path: Path
) -> None:
    (home / "uploads" / "photos").mkdir(parents=True)
    given = insert_with(table, *save_photos(tmp_path, 2), label="cat", taken=None)
    run_step(table, given.partitions[0])
    with dg.DagsterInstance.get() as instance:
        ticker = Ticker(instance, table)
        ticker.tick()
        update_values(MediaIOManager().installation, table, {"photo-001.jpg": {"label": "dog"}})
        requested = [request for _ in range(3) for request in ticker.tick()[1]]
        run_step(table, given.partitions[0])
        update_values(MediaIOManager().installation, table, {"photo-001.jpg": {"label": "dog"}})
        again = [request for _ in range(3) for request in ticker.tick()[1]]

    assert [request.partition_key for request in requested] == list(given.partitions)
    assert again == []


def test_the_gallery_shows_the_values(table: MediaTable, tmp_path: Path) -> None:
    given = insert_with(table, save_photo(tmp_path / "a.jpg"), label="cat", taken=None)
    run_step(table, given.partitions[0])

    contents = read_contents(catalog(), "photos")

    assert list(contents.columns)[:3] == ["source_image", "label", "taken"]
    assert contents.rows[0].cells["label"] == "cat"


def test_a_check_reads_the_values(table: MediaTable, tmp_path: Path) -> None:
    @table.check()
    def is_known(label: str) -> bool:
        return label in {"cat", "dog"}

    insert_with(table, save_photo(tmp_path / "a.jpg"), label="cat", taken=None)
    given = insert_with(table, save_photo(tmp_path / "b.jpg"), label="cup", taken=None)
    run_step(table, given.partitions[0])
    (check,) = table.checks_of("source_image")

    result = row_check_result(
        MediaIOManager().installation, table, check, "source_image", given.partitions[0]
    )

    assert result.description is not None
    assert result.description.startswith("1 of 2 rows")


def test_an_update_leaves_a_table_as_it_was_at_an_earlier_time(
    table: MediaTable, tmp_path: Path
) -> None:
    given = insert_with(table, save_photo(tmp_path / "a.jpg"), label="cat", taken=None)
    run_step(table, given.partitions[0])
    before = datetime.now(UTC)
    update_values(MediaIOManager().installation, table, {"a.jpg": {"label": "dog"}})

    query = "select label from photos"
    assert catalog().answer(query, as_of=before).rows == [("cat",)]
    assert catalog().answer(query).rows == [("dog",)]
