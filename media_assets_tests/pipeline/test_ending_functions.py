"""Row functions that would end the process, or never end, fail only their own row."""

from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import DeclarationError, RowTimeoutError
from media_assets.pipeline import Result, run_plan
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.pipeline.plans import plan_for, records_of, rows_of, run

HANGING = (functions.DEADLY_WIDTH, 12)


def ending_photos(folder: Path) -> list[Path]:
    """A photo for each exception that `ends_all` raises."""
    return [save_photo(folder / f"{w}.png", size=(w, 9)) for w in functions.ENDING]


@pytest.mark.parametrize("processes", [False, True])
def test_a_base_exception_is_the_error_of_its_row_too(
    tmp_path: Path,
    processes: bool,  # noqa: FBT001  a parameter of pytest
) -> None:
    table = MediaTable("photos")
    table.computed_column(processes=processes)(functions.ends_all)

    results = run(plan_for(table, tmp_path / "out"), rows_of(ending_photos(tmp_path)))

    found = {row: cells["ends_all"].error_class for row, cells in records_of(results).items()}
    assert found == {f"{w}.png": kind.__name__ for w, kind in functions.ENDING.items()}
    assert all(result.raised == {"ends_all": True} for result in results.values())


def test_in_a_batch_it_is_the_error_of_the_row_that_it_was_raised_for(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=4)
    def widths(source_image: list[Image.Image]) -> list[int]:
        return [functions.ends_all(i) if i.width in functions.ENDING else 1 for i in source_image]

    paths = [*save_photos(tmp_path / "more", 6), *ending_photos(tmp_path)]
    records = records_of(run(plan_for(table, tmp_path / "out"), rows_of(paths)))

    found = {row: cells["widths"].error_class for row, cells in records.items()}
    assert {row: kind for row, kind in found.items() if kind} == {
        f"{w}.png": kind.__name__ for w, kind in functions.ENDING.items()
    }


def test_a_process_that_takes_too_long_is_ended_and_replaced(tmp_path: Path) -> None:
    table = MediaTable("photos")
    table.computed_column(processes=True, row_timeout=1)(functions.hangs)
    hanging = [save_photo(tmp_path / f"hanging-{n}.png", n, HANGING) for n in range(3)]
    paths = [*hanging, *save_photos(tmp_path, 6)]

    records = records_of(run(plan_for(table, tmp_path / "out"), rows_of(paths)))

    failed = {row: cells["hangs"] for row, cells in records.items() if cells["hangs"].error_class}
    assert sorted(failed) == [path.name for path in hanging]
    assert {record.error_class for record in failed.values()} == {"RowTimeoutError"}
    assert (failed["hanging-1.png"].error_message or "").startswith(
        "Row function 'hangs' ran for more than 1 s for row 'hanging-1.png', and its process was "
        "killed."
    )
    for cells in records.values():
        if cells["hangs"].value is not None:
            assert not Path("/proc", cells["hangs"].value).exists()


def test_a_thread_that_takes_too_long_ends_the_run_with_row_and_column(
    tmp_path: Path,
) -> None:
    table = MediaTable("photos", row_timeout=timedelta(seconds=1))
    table.computed_column()(functions.hangs)
    paths = [*save_photos(tmp_path, 6), save_photo(tmp_path / "z.png", 1, HANGING)]
    finished: list[Result] = []

    with pytest.raises(RowTimeoutError, match=r"'hangs' ran for more than 1 s for row 'z.png'"):
        finished.extend(r for r in run_plan(plan_for(table, tmp_path / "out"), rows_of(paths)))

    assert sorted(result.row for result in finished) == [f"photo-{n:03d}.jpg" for n in range(6)]


def test_a_batch_has_the_time_of_all_its_rows(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(batch_size=3, row_timeout=0.5)
    def widths(source_image: list[Image.Image]) -> list[int]:
        return [functions.hangs(image) for image in source_image]

    paths = [save_photo(tmp_path / f"{n}.png", n, HANGING) for n in range(3)]

    with pytest.raises(RowTimeoutError, match=r"more than 1\.5 s for row '\d\.png' and 2 more"):
        run(plan_for(table, tmp_path / "out"), rows_of(paths), workers=1)


def test_a_time_that_is_not_over_changes_nothing(tmp_path: Path) -> None:
    table = MediaTable("photos", row_timeout=3600)
    table.computed_column()(functions.seen_size)
    table.computed_column(processes=True, name="apart")(functions.process)

    results = run(plan_for(table, tmp_path / "out"), rows_of(save_photos(tmp_path, 9)))

    assert len(results) == 9
    assert not [c for r in results.values() for c in r.records.values() if c.error_class]


@pytest.mark.parametrize("given", [0, -1, float("nan"), True, "1", timedelta(0), float("inf")])
def test_a_time_that_is_none_is_refused_with_an_example(given: float) -> None:
    with pytest.raises(DeclarationError, match=r"row_timeout=.*(?s:.)*row_timeout=60"):
        MediaTable("photos", row_timeout=given)
    with pytest.raises(DeclarationError, match=r"Column 'process' has row_timeout="):
        MediaTable("photos").computed_column(row_timeout=given)(functions.process)


def test_a_columns_own_time_wins_over_its_tables() -> None:
    table = MediaTable("photos", row_timeout=60)
    table.computed_column()(functions.process)
    table.computed_column(row_timeout=5)(functions.seen_size)

    times = {column.name: column.row_timeout for column in table.computed_columns}
    assert times == {"process": timedelta(minutes=1), "seen_size": timedelta(seconds=5)}
