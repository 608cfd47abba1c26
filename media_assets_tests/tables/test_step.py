"""The selected columns of one partition: cells made, cells kept, and the rest of a failed step."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.errors import (
    DestinationError,
    InputNotMaterializedError,
    StoreFullError,
    UnknownNameError,
)
from media_assets.io_manager import MediaIOManager
from media_assets.metadata import ColumnOutput
from media_assets.tables.step import PartitionStep, StepOptions
from media_assets.tables.table import MediaTable
from media_assets.tables.tally import Tally, check_errors
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline.test_writing import files_of_at_most, noise
from media_assets_tests.runs import catalog, insert, manifest
from media_assets_tests.steps import run_step


@pytest.fixture
def calls() -> list[str]:
    """The columns whose functions were called."""
    return []


@pytest.fixture
def photos(home: Path, calls: list[str]) -> MediaTable:
    """Two image columns, and a value column that reads one of them."""
    table = MediaTable("photos")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        calls.append("flipped")
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column()
    def gray(source_image: Image.Image) -> Image.Image:
        calls.append("gray")
        return source_image.convert("L")

    @table.computed_column()
    def width(flipped: Image.Image) -> int:
        calls.append("width")
        return flipped.width

    return table


def step_of(
    table: MediaTable,
    partition: str,
    columns: tuple[str, ...] | None = None,
    *,
    force: bool = False,
    manager: MediaIOManager | None = None,
) -> PartitionStep:
    return PartitionStep(
        (manager or MediaIOManager()).installation,
        table,
        partition,
        table.select(columns),
        run_id="a-run",
        options=StepOptions(force=force),
        log=logging.getLogger("test"),
    )


def made_and_reused(outputs: list[ColumnOutput]) -> dict[str, tuple[int, int]]:
    return {
        o.committed.manifest.header.column: (o.committed.made, o.committed.reused) for o in outputs
    }


def run(
    table: MediaTable,
    partition: str,
    columns: tuple[str, ...] | None = None,
    *,
    force: bool = False,
) -> dict[str, tuple[int, int]]:
    """Runs a step, and returns how many cells of each column it made and reused."""
    return made_and_reused(list(step_of(table, partition, columns, force=force).run()))


def test_a_step_makes_and_commits_every_selected_column(photos: MediaTable, tmp_path: Path) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 3))

    outcome = run(photos, partition)

    assert outcome == dict.fromkeys(("source_image", "flipped", "gray", "width"), (3, 0))
    for column in outcome:
        written = manifest(photos, column, partition)
        assert written is not None
        assert sorted(written.records) == ["photo-000.jpg", "photo-001.jpg", "photo-002.jpg"]
        assert written.errors == []


def test_rows_that_are_right_are_reused_although_their_uploads_are_gone(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    (partition,) = insert(photos, *paths)
    run(photos, partition)
    before = {name: manifest(photos, name, partition) for name in ("source_image", "flipped")}
    for path in paths:
        path.unlink()
    calls.clear()

    step = step_of(photos, partition)
    has_work = step.has_work()
    outcome = run(photos, partition)

    assert not has_work
    assert calls == []
    assert outcome == dict.fromkeys(("source_image", "flipped", "gray", "width"), (0, 3))
    assert {n: manifest(photos, n, partition) for n in before} == before, "no new manifest is made"


def test_a_row_replaced_in_the_source_alone_is_made_again(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    (partition,) = insert(photos, *paths)
    run(photos, partition)
    calls.clear()

    save_photo(paths[1], seed=99)
    (same_partition,) = insert(photos, *paths)
    outcome = run(photos, partition)

    assert same_partition == partition, "the open batch takes the newer version"
    assert outcome == {
        "source_image": (1, 2),
        "flipped": (1, 2),
        "gray": (1, 2),
        "width": (1, 2),
    }
    assert sorted(calls) == ["flipped", "gray", "width"]


def test_a_replaced_row_leaves_the_manifest_of_the_partition_that_held_it(
    home: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos", rows_per_partition=2)
    paths = save_photos(tmp_path / "uploads", 4)
    first, second = insert(table, *paths)
    run(table, first)
    run(table, second)
    save_photo(paths[0], seed=99)

    (third,) = insert(table, paths[0])
    run(table, third)
    seen_before = len(catalog().sql("select * from photos"))
    run(table, first)

    left = manifest(table, "source_image", first)
    assert left is not None
    assert sorted(left.records) == ["photo-001.jpg"]
    rows = catalog().sql("select row, partition from photos order by row")
    assert seen_before == len(rows) == 4
    assert rows["partition"].tolist() == [third, first, second, second]


def test_force_makes_every_cell_again(photos: MediaTable, tmp_path: Path, calls: list[str]) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 2))
    run(photos, partition)
    calls.clear()

    outcome = run(photos, partition, force=True)

    assert outcome == dict.fromkeys(("source_image", "flipped", "gray", "width"), (2, 0))
    assert len(calls) == 6


def test_one_selected_column_touches_no_other_columns_manifest(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 2))

    step = step_of(photos, partition, ("gray",))
    outcome = made_and_reused(list(step.run()))

    assert outcome == {"gray": (2, 0)}
    assert step.tally.decodes == 2
    assert calls == ["gray", "gray"]
    for other in ("source_image", "flipped", "width"):
        assert manifest(photos, other, partition) is None


def test_a_column_without_its_input_says_what_to_materialize_first(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 2))

    with pytest.raises(InputNotMaterializedError, match=r"Select photos/flipped too") as caught:
        step_of(photos, partition, ("width",))

    assert "photos/width reads photos/flipped" in str(caught.value)
    assert partition in str(caught.value)
    assert calls == []


def test_a_partition_without_uploads_is_refused_with_those_that_exist(
    photos: MediaTable, tmp_path: Path
) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 1))

    with pytest.raises(UnknownNameError, match=partition):
        step_of(photos, "20200101T0000-0001")


def test_an_invalid_destination_is_refused_before_any_work(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 1))

    with pytest.raises(DestinationError, match=r"'processed/' from `output_media_dest` of the IO"):
        step_of(photos, partition, manager=MediaIOManager(output_media_dest="processed/"))

    assert calls == []
    assert manifest(photos, "flipped", partition) is None


def test_a_changed_destination_copies_files_and_calls_no_function(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 2))
    run(photos, partition)
    before = manifest(photos, "flipped", partition)
    calls.clear()

    manager = MediaIOManager(output_media_dest=str(tmp_path / "elsewhere"))
    outputs = list(step_of(photos, partition, manager=manager).run())

    after = manifest(photos, "flipped", partition)
    assert before is not None
    assert after is not None
    assert calls == []
    assert {o.committed.manifest.header.column: o.committed.moved for o in outputs} == {
        **dict.fromkeys(made_and_reused(outputs), 0),
        "flipped": 2,
        "gray": 2,
    }
    assert made_and_reused(outputs)["flipped"] == (0, 0)
    assert made_and_reused(outputs)["width"] == (0, 2)
    for row, record in after.records.items():
        assert str(tmp_path / "elsewhere") in (record.fileurl or "")
        assert before.records[row].digest == record.digest


def test_uploads_are_kept_where_the_input_destination_says(
    photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    (partition,) = insert(photos, *paths)
    kept = tmp_path / "kept"

    list(step_of(photos, partition, manager=MediaIOManager(input_media_dest=str(kept))).run())

    records = (manifest(photos, "source_image", partition) or pytest.fail("no manifest")).records
    for path in paths:
        stored = Path((records[path.name].fileurl or "").removeprefix("file://"))
        assert stored.is_relative_to(kept)
        assert stored.read_bytes() == path.read_bytes()


def test_a_kept_upload_serves_new_columns_when_the_original_is_gone(
    photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    (partition,) = insert(photos, *paths)
    keeping = MediaIOManager(input_media_dest=str(tmp_path / "kept"))
    list(step_of(photos, partition, ("source_image",), manager=keeping).run())
    for path in paths:
        path.unlink()

    outcome = run(photos, partition, ("flipped", "gray"))
    forced = run(photos, partition, ("flipped", "gray"), force=True)

    assert outcome == forced == {"flipped": (2, 0), "gray": (2, 0)}
    flipped = manifest(photos, "flipped", partition)
    assert flipped is not None
    assert flipped.errors == []


def test_data_versions_are_equal_exactly_when_contents_are(
    photos: MediaTable, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    (partition,) = insert(photos, *paths)
    first = {
        o.committed.manifest.header.column: o.committed.manifest.data_version
        for o in step_of(photos, partition).run()
    }
    forced = {
        o.committed.manifest.header.column: o.committed.manifest.data_version
        for o in step_of(photos, partition, force=True).run()
    }
    save_photo(paths[0], seed=77)
    insert(photos, *paths)
    changed = {
        o.committed.manifest.header.column: o.committed.manifest.data_version
        for o in step_of(photos, partition).run()
    }

    assert forced == first
    assert changed["width"] == first["width"], "the new photo is as wide as the old one"
    for column in ("source_image", "flipped", "gray"):
        assert changed[column] != first[column]


def test_cells_finished_before_a_full_disk_are_not_made_again(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    small = save_photos(tmp_path / "uploads", 12)
    large = tmp_path / "uploads" / "zz-large.png"
    noise().save(large)
    (partition,) = insert(photos, *small, large)

    with files_of_at_most(60_000), pytest.raises(StoreFullError):
        list(step_of(photos, partition, ("flipped",)).run())
    calls.clear()
    outcome = run(photos, partition, ("flipped",))

    made, reused = outcome["flipped"]
    assert made + reused == 13
    assert reused >= 8
    assert len(calls) == made
    assert not list((tmp_path / "home" / "media" / "catalog" / "_work").rglob("*.parquet"))


def test_a_work_record_whose_file_is_gone_counts_for_nothing(
    photos: MediaTable, tmp_path: Path, home: Path
) -> None:
    small = save_photos(tmp_path / "uploads", 6)
    large = tmp_path / "uploads" / "zz-large.png"
    noise().save(large)
    (partition,) = insert(photos, *small, large)
    with files_of_at_most(60_000), pytest.raises(StoreFullError):
        list(step_of(photos, partition, ("flipped",)).run())
    stored = [path for path in (home / "media" / "files").rglob("*.jpg") if path.is_file()]

    for path in stored:
        path.unlink()
    outcome = run(photos, partition, ("flipped",))

    assert stored
    assert outcome == {"flipped": (7, 0)}


def test_a_run_that_began_before_another_ones_commit_loses_nothing_of_it(
    photos: MediaTable, tmp_path: Path
) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 3))
    earlier = step_of(photos, partition)
    insert(photos, save_photo(tmp_path / "uploads" / "later.jpg"))
    later = step_of(photos, partition)

    made_later = made_and_reused(list(later.run()))
    made_earlier = made_and_reused(list(earlier.run()))

    assert made_later["width"] == (4, 0)
    assert made_earlier["width"] == (3, 0)
    for column in made_later:
        committed = manifest(photos, column, partition)
        assert committed is not None
        assert (committed.number, len(committed.records)) == (2, 4)


def test_runs_over_one_partition_at_once_agree(photos: MediaTable, tmp_path: Path) -> None:
    (partition,) = insert(photos, *save_photos(tmp_path / "uploads", 12))

    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(run, photos, partition) for _ in range(3)]
        outcomes = [done.result() for done in runs]

    assert [sum(outcome["width"]) for outcome in outcomes] == [12, 12, 12]
    for column in ("source_image", "flipped", "gray", "width"):
        committed = manifest(photos, column, partition)
        assert committed is not None
        assert len(committed.records) == 12
        assert committed.errors == []


@pytest.mark.parametrize(("broken", "level"), [(0, logging.INFO), (1, logging.WARNING)])
def test_a_column_with_error_rows_is_logged_as_a_warning(
    photos: MediaTable,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    broken: int,
    level: int,
) -> None:
    caplog.set_level(logging.INFO, "test")
    paths = save_photos(tmp_path / "uploads", 2)
    for path in paths[:broken]:
        path.write_bytes(b"")
    (partition,) = insert(photos, *paths)

    run_step(photos, partition, ("source_image",))

    told = [
        record
        for record in caplog.records
        if re.search(rf"\b{broken} errors?\b", record.getMessage())
    ]
    assert [record.levelno for record in told] == [level]


def test_error_rows_are_made_again_by_the_next_run(photos: MediaTable, tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    spoilt = paths[0].read_bytes()
    paths[0].write_bytes(b"")
    (partition,) = insert(photos, *paths)
    run(photos, partition)
    paths[0].write_bytes(spoilt)

    insert(photos, *paths)
    outcome = run(photos, partition)

    assert outcome["flipped"] == (1, 1)
    flipped = manifest(photos, "flipped", partition)
    assert flipped is not None
    assert flipped.errors == []


def test_a_function_that_raised_on_every_row_fails_the_step_and_is_named() -> None:
    tally = Tally(calls={"broken": 3, "fine": 3}, raises={"broken": 3, "fine": 2})

    with pytest.raises(dg.Failure, match="'broken' raised on all of its 3 rows") as caught:
        check_errors([], tally, max_error_share=1.0)

    assert caught.value.allow_retries is False
    assert "'fine'" not in str(caught.value.description)


def test_the_error_that_is_shown_of_it_is_its_own(home: Path, tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def broken(source_image: Image.Image) -> int:
        raise ValueError

    paths = save_photos(tmp_path / "uploads", 3)
    paths[0].write_bytes(b"no image")
    (partition,) = insert(table, *paths)
    step = step_of(table, partition)

    with pytest.raises(dg.Failure, match=r"all of its 2 rows\. First error: ValueError: Row func"):
        check_errors(list(step.run()), step.tally, max_error_share=1.0)


def test_a_function_that_fails_on_a_single_row_does_not_fail_the_step() -> None:
    check_errors([], Tally(calls={"broken": 1}, raises={"broken": 1}), max_error_share=1.0)


@pytest.mark.parametrize(
    ("share", "fails"), [(0.0, True), (0.49, True), (0.5, False), (1.0, False)]
)
def test_more_error_rows_than_the_share_allowed_fail_the_step(
    photos: MediaTable, tmp_path: Path, share: float, *, fails: bool
) -> None:
    paths = save_photos(tmp_path / "uploads", 4)
    for path in paths[:2]:
        path.write_bytes(b"no image")
    (partition,) = insert(photos, *paths)
    step = step_of(photos, partition)
    outputs = list(step.run())

    def check() -> None:
        check_errors(outputs, step.tally, max_error_share=share)

    if not fails:
        check()
        return
    with pytest.raises(dg.Failure) as caught:
        check()
    assert "2 of 4 rows of column" in str(caught.value.description)
    assert f"max_error_share={share}" in str(caught.value.description)


def test_repeated_row_errors_do_not_fail_a_function_that_worked_before(
    home: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def picky(source_image: Image.Image) -> int:
        return 100 // (source_image.width - 48)

    wide = [save_photo(tmp_path / f"wide-{n}.jpg", size=(50, 36)) for n in range(3)]
    bad = save_photos(tmp_path / "uploads", 2)
    (partition,) = insert(table, *wide, *bad)
    first = step_of(table, partition)
    check_errors(list(first.run()), first.tally, max_error_share=1.0)

    again = step_of(table, partition)
    outputs = list(again.run())

    assert again.tally.always_raised() == ["picky"]
    assert made_and_reused(outputs)["picky"] == (2, 3)
    check_errors(outputs, again.tally, max_error_share=1.0)
