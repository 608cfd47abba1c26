"""Trials of columns: what differs and by how much, and a catalog that does not know of them."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image, ImageFilter

import media_assets as ma
from media_assets.destinations import parse_destination
from media_assets.errors import (
    DeclarationError,
    GalleryFolderError,
    MisplacedRowsError,
    NothingToCompareError,
    NothingToTryError,
    QueryError,
    UnknownNameError,
)
from media_assets.stores import Storage
from media_assets.trials.comparison import Verdict
from media_assets.trials.outcome import ColumnTrial
from media_assets.verbs.try_out import Tried
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

ROWS = 6
RowFunction = Callable[..., object]


def small(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (24, 24))


def smaller(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (16, 16))


def blurred(source_image: Image.Image) -> Image.Image:
    image = ma.transforms.thumbnail(source_image, (24, 24))
    return image.filter(ImageFilter.GaussianBlur(2))


def broken(source_image: Image.Image, row: str) -> Image.Image:
    if row in {"photo-001.jpg", "photo-004.jpg"}:
        message = "out of ideas"
        raise ValueError(message)
    return ma.transforms.thumbnail(source_image, (24, 24))


def photos_with(function: RowFunction, *, rows_per_partition: int = 3) -> ma.MediaTable:
    """A table whose column `small` is made by a function; a number is made from it."""
    table = ma.MediaTable("photos", rows_per_partition=rows_per_partition)
    table.computed_column(name="small", format="png")(function)

    @table.computed_column()
    def brightness(small: Image.Image) -> float:
        return ma.transforms.mean_luminance(small)

    @table.computed_column()
    def width(small: Image.Image) -> int:
        return small.width

    return table


@pytest.fixture
def standing(home: Path, tmp_path: Path) -> ma.MediaTable:
    """Six photos in two partitions, all columns made, the third photo damaged."""
    paths = save_photos(tmp_path / "uploads", ROWS)
    paths[2].write_bytes(b"no image")
    table = photos_with(small)
    for partition in insert(table, *paths):
        run_step(table, partition)
    return table


def trial_of(tried: Tried, column: str = "small") -> ColumnTrial:
    (found,) = (each for each in tried.outcome.columns if each.column == column)
    return found


def listing(folder: Path) -> list[tuple[str, int, str]]:
    """Every file with its time and digest."""
    return sorted(
        (
            path.relative_to(folder).as_posix(),
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    )


def test_a_trial_says_how_many_cells_differ_and_by_how_much(standing: ma.MediaTable) -> None:
    tried = photos_with(smaller).try_out("small")

    found = trial_of(tried)
    assert found.verdicts == {Verdict.DIFFERS: 5, Verdict.ERROR: 1}
    assert all(0 < similarity < 1 for similarity in found.similarities)
    assert len(found.similarities) == 5
    assert found.bytes_after < found.bytes_before
    assert trial_of(tried, "width").deltas == [-8] * 5
    assert trial_of(tried, "brightness").verdicts == {Verdict.DIFFERS: 5, Verdict.ERROR: 1}
    assert str(tried).startswith(
        "Tried small of photos on 6 of 6 rows, from 2 of 2 partitions. Nothing was kept.\n"
        "small: 5 differ (SSIM 0."
    )
    assert "width: 5 differ (by -8 to -8, median -8), 1 error as before\n" in str(tried)


def test_code_with_the_same_result_is_found_equal_and_its_readers_are_not_made(
    standing: ma.MediaTable,
) -> None:
    def renamed(source_image: Image.Image) -> Image.Image:
        limits = (24, 24)
        return ma.transforms.thumbnail(source_image, limits)

    tried = photos_with(renamed).try_out("small")

    assert trial_of(tried).verdicts == {Verdict.EQUAL: 5, Verdict.ERROR: 1}
    assert trial_of(tried).made == 6
    assert [trial_of(tried, name).made for name in ("brightness", "width")] == [1, 1]
    assert trial_of(tried).is_equal
    assert tried.outcome.cells_of_all == 8


def test_other_bytes_with_the_same_pixels_are_told_apart(
    standing: ma.MediaTable, home: Path
) -> None:
    table = ma.MediaTable("photos", rows_per_partition=3)
    table.computed_column(name="small", format="png", save_options={"compress_level": 0})(small)

    tried = table.try_out("small")

    assert trial_of(tried).verdicts == {Verdict.EQUAL_PIXELS: 5, Verdict.ERROR: 1}
    assert "5 equal in pixels" in str(tried)


def test_errors_that_come_and_go_are_counted_and_told(standing: ma.MediaTable) -> None:
    tried = photos_with(broken).try_out("small")

    assert trial_of(tried).verdicts == {Verdict.NEW_ERROR: 2, Verdict.EQUAL: 3, Verdict.ERROR: 1}
    assert trial_of(tried, "width").verdicts[Verdict.NEW_ERROR] == 2
    assert "2 new errors, 3 equal, 1 error as before" in str(tried)
    first = tried.failed_cells[0]
    assert (first.row, first.column) == ("photo-001.jpg", "small")
    assert "out of ideas" in first.message

    for partition in _partitions(standing):
        run_step(photos_with(broken), partition)

    again = standing.try_out("small")

    assert trial_of(again).verdicts == {Verdict.ERROR_GONE: 2, Verdict.EQUAL: 3, Verdict.ERROR: 1}


def _partitions(table: ma.MediaTable) -> list[str]:
    found = table.sql("select distinct partition from photos order by partition")
    return [str(value) for value in found["partition"]]


def test_a_trial_leaves_the_catalog_the_files_and_dagster_as_they_were(
    standing: ma.MediaTable, home: Path, instance: dg.DagsterInstance
) -> None:
    kept = [home / "media" / name for name in ("catalog", "files")]
    before = [listing(folder) for folder in kept]

    for function in (smaller, blurred, broken):
        photos_with(function).try_out("small", "width")

    assert [listing(folder) for folder in kept] == before
    assert instance.get_runs_count() == 0
    assert standing.sql("select count(*) as n from media_assets.history")["n"].to_list() == [8]
    assert [path.name for path in (home / "media" / "trials").iterdir() if "run" in path.name] == []


def test_the_sample_spans_partitions_includes_error_rows_and_is_repeatable(
    home: Path, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 40)
    for place in (0, 39):
        paths[place].write_bytes(b"no image")
    table = photos_with(small, rows_per_partition=4)
    for partition in insert(table, *paths):
        run_step(table, partition)

    first, again = (table.try_out("small", rows=10) for _ in range(2))

    assert (first.outcome.rows, first.outcome.of_rows) == (10, 40)
    assert (first.outcome.partitions, first.outcome.of_partitions) == (9, 10)
    assert trial_of(first).verdicts == {Verdict.EQUAL: 8, Verdict.ERROR: 2}
    assert _rows_of(first) == _rows_of(again)
    assert first.outcome.cells_of_all == (10 + 2 + 2) * 4


def _rows_of(tried: Tried) -> str:
    return (tried.page.parent / "data" / "names.js").read_text()


def test_a_condition_chooses_the_rows(standing: ma.MediaTable) -> None:
    tried = photos_with(smaller).try_out("small", where="row in ('photo-001.jpg') -- one")

    assert tried.outcome.rows == 1
    assert "photo-001.jpg" in _rows_of(tried)
    with pytest.raises(NothingToTryError, match="no rows for which this is true: row = 'x'"):
        standing.try_out("small", where="row = 'x'")
    with pytest.raises(QueryError, match="no_such"):
        standing.try_out("small", where="no_such > 1")


def test_a_function_just_written_takes_the_place_of_the_column_of_its_name(
    standing: ma.MediaTable,
) -> None:
    def brightness(small: Image.Image) -> float:
        return 2 * ma.transforms.mean_luminance(small)

    def ratio(small: Image.Image) -> float:
        return small.width / small.height

    tried = standing.try_out(brightness)
    new = standing.try_out(ratio)

    assert trial_of(tried, "brightness").verdicts[Verdict.DIFFERS] == 5
    assert trial_of(new, "ratio").verdicts == {Verdict.NEW: 5, Verdict.NEW_ERROR: 1}
    assert [column.name for column in standing.columns][-1] == "width", "nothing was declared"
    assert trial_of(standing.try_out(small), "small").cells == 6, "a declared one is its column"


def test_batches_and_async_functions_are_tried(home: Path, tmp_path: Path) -> None:
    def batched(version: int) -> ma.MediaTable:
        table = ma.MediaTable("photos")

        @table.computed_column(batch_size=2, code_version=str(version))
        def sizes(source_image: list[Image.Image]) -> list[int]:
            return [image.width + version for image in source_image]

        @table.computed_column(code_version=str(version))
        async def later(source_image: Image.Image) -> int:
            return source_image.height + version

        return table

    table = batched(0)
    (partition,) = insert(table, *save_photos(tmp_path / "uploads", 3))
    run_step(table, partition)

    tried = batched(1).try_out("sizes", "later")

    assert [trial_of(tried, name).deltas for name in ("sizes", "later")] == [[1, 1, 1]] * 2


def test_a_trial_of_what_cannot_be_tried_is_refused_in_a_sentence(
    standing: ma.MediaTable, home: Path, tmp_path: Path
) -> None:
    before = listing(home / "media")

    with pytest.raises(UnknownNameError, match="'tiny'"):
        standing.try_out("tiny")
    with pytest.raises(DeclarationError, match="no column"):
        standing.try_out()
    with pytest.raises(DeclarationError, match="'source_image'"):
        standing.try_out("source_image")
    with pytest.raises(DeclarationError, match="0 rows"):
        standing.try_out("small", rows=0)
    new = photos_with(small)

    @new.computed_column()
    def later(small: Image.Image) -> int:
        return small.height

    with pytest.raises(NothingToCompareError, match=r"photos/later has no cells yet.*materialize"):
        new.try_out("later")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "notes.txt").write_text("mine")
    with pytest.raises(GalleryFolderError):
        standing.try_out("small", folder=taken)
    with pytest.raises(MisplacedRowsError, match="partitions have changed"):
        _by_day().try_out("small")
    assert listing(home / "media") == before


def _by_day() -> ma.MediaTable:
    days = dg.StaticPartitionsDefinition(["monday"])
    table = ma.MediaTable("photos", partitions=days, partition_of=lambda _: "monday")
    table.computed_column(name="small", format="png")(small)
    return table


def test_a_function_that_takes_an_unknown_resource_is_refused(
    standing: ma.MediaTable, home: Path
) -> None:
    class Model(dg.ConfigurableResource["Model"]):
        name: str = "none"

    def brightness(small: Image.Image, model: Model) -> float:
        return float(len(model.name)) * small.width

    before = listing(home / "media")

    with pytest.raises(DeclarationError, match=r"resource 'model', which is not defined"):
        standing.try_out(brightness)

    assert listing(home / "media") == before


def test_a_standing_file_that_is_gone_is_reported_and_ends_nothing(
    standing: ma.MediaTable, home: Path
) -> None:
    shutil.rmtree(home / "media" / "files")

    tried = photos_with(smaller).try_out("small")

    assert trial_of(tried).verdicts[Verdict.DIFFERS] == 5
    assert trial_of(tried).similarities == []


def test_standing_files_elsewhere_are_compared_and_nothing_is_written_there(
    home: Path, tmp_path: Path, destination: str
) -> None:
    def stored_there(function: RowFunction) -> ma.MediaTable:
        table = ma.MediaTable("photos", partitions=None)
        table.computed_column(name="small", format="png", destination=destination)(function)
        return table

    table = stored_there(small)
    (partition,) = insert(table, *save_photos(tmp_path / "uploads", 2))
    run_step(table, partition)
    store = Storage().open(parse_destination(destination, source="test"))
    before = [file.key for file in store.list("")]

    tried = stored_there(blurred).try_out("small")

    assert len(trial_of(tried).similarities) == 2
    assert [file.key for file in store.list("")] == before != []


def test_functions_in_processes_are_tried_there(home: Path, tmp_path: Path) -> None:
    def of_size(function: RowFunction) -> ma.MediaTable:
        table = ma.MediaTable("photos")
        table.computed_column(name="small", format="png", processes=True)(function)
        return table

    (partition,) = insert(of_size(small), *save_photos(tmp_path / "uploads", 2))
    run_step(of_size(small), partition)

    tried = of_size(smaller).try_out("small")

    assert trial_of(tried).verdicts == {Verdict.DIFFERS: 2}


def test_a_column_that_reads_parts_is_tried_and_so_are_others_of_its_table(
    home: Path, tmp_path: Path
) -> None:
    def photos_and_tiles(position: int) -> tuple[ma.MediaTable, ma.MediaTable]:
        table = photos_with(small if position else smaller)
        tiles = table.derived_table("tiles", ma.split.tiles(16), stored=False)

        @table.computed_column(code_version=str(position))
        def corner(tiles: ma.Parts) -> str:
            return str(tiles[position].key)

        return table, tiles

    standing, tiles = photos_and_tiles(0)
    (partition,) = insert(standing, *save_photos(tmp_path, 2))
    for table, columns in ((standing, ("source_image", "small")), (tiles, None)):
        run_step(table, partition, columns)
    run_step(standing, partition)

    table, _ = photos_and_tiles(-1)

    assert trial_of(table.try_out("corner"), "corner").verdicts == {Verdict.DIFFERS: 2}
    assert trial_of(table.try_out("small")).verdicts == {Verdict.DIFFERS: 2}


def test_photos_that_end_early_and_are_kept_are_tried_as_far_as_they_go(
    home: Path, tmp_path: Path
) -> None:
    table = ma.MediaTable("photos", truncated="keep")
    table.computed_column(name="small", format="png")(small)
    (path,) = save_photos(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:-400])
    (partition,) = insert(table, path)
    run_step(table, partition)

    assert trial_of(table.try_out(small)).verdicts == {Verdict.EQUAL: 1}


def test_a_derived_table_cannot_be_tried_and_says_so(home: Path) -> None:
    table = ma.MediaTable("photos")
    tiles = table.derived_table("tiles", ma.split.tiles(16))

    with pytest.raises(DeclarationError, match=r"'photos/tiles' is derived.*Nothing was tried"):
        tiles.try_out("tile")
