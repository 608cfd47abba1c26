"""`async def` row functions: many rows in flight, on one event loop, within bounds."""

import asyncio
from pathlib import Path
from threading import Event, get_ident

import pytest
from PIL import Image

from media_assets.errors import RowTimeoutError
from media_assets.pipeline import RowResult, run_plan
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.pipeline.plans import plan_for, records_of, rows_of, run

ROWS = 12


class Meeting:
    """Lets so many calls go on only once they are all there at the same time."""

    def __init__(self, size: int) -> None:
        self.size, self.here, self.most, self.loops = size, 0, 0, set[int]()
        self._all_here = asyncio.Event()

    async def come(self) -> None:
        self.here += 1
        self.most = max(self.most, self.here)
        self.loops.add(id(asyncio.get_running_loop()))
        if self.here == self.size:
            self._all_here.set()
        await self._all_here.wait()
        self.here -= 1


def test_as_many_rows_are_in_flight_as_max_concurrency_says(tmp_path: Path) -> None:
    table, meeting = MediaTable("photos"), Meeting(5)

    @table.computed_column(max_concurrency=5)
    async def width(source_image: Image.Image) -> int:
        await meeting.come()
        return source_image.width

    records = records_of(
        run(plan_for(table, tmp_path), rows_of(save_photos(tmp_path, ROWS)), workers=1)
    )

    assert {cells["width"].value for cells in records.values()} == {"48"}
    assert meeting.most == 5


def test_sixteen_rows_are_in_flight_by_default_on_one_event_loop(tmp_path: Path) -> None:
    table, meeting = MediaTable("photos"), Meeting(16)

    @table.computed_column()
    async def width(source_image: Image.Image) -> int:
        await meeting.come()
        return get_ident()

    paths = save_photos(tmp_path, 20)
    records = records_of(run(plan_for(table, tmp_path), rows_of(paths), workers=1))

    assert meeting.most == 16
    assert len(meeting.loops) == 1
    assert len({cells["width"].value for cells in records.values()}) == 1, "one thread"


def test_pictures_in_memory_are_bounded_while_calls_wait(tmp_path: Path) -> None:
    table, held, most = MediaTable("photos"), set[str](), list[int]()

    @table.computed_column()
    def decoded(source_image: Image.Image, row: str) -> int:
        held.add(row)
        return 1

    @table.computed_column(max_concurrency=2)
    async def width(source_image: Image.Image, decoded: int, row: str) -> int:
        most.append(len(held))
        await asyncio.sleep(0)
        held.remove(row)
        return source_image.width

    run(plan_for(table, tmp_path), rows_of(save_photos(tmp_path, 40)), workers=1)

    # Two calls, two rows that wait for theirs, and two that a thread decodes in the meantime.
    assert len(most) == 40
    assert max(most) <= 6


def test_an_event_loop_and_what_is_bound_to_it_serves_all_steps_of_a_process(
    tmp_path: Path,
) -> None:
    table, loops = MediaTable("photos"), set[int]()

    @table.computed_column()
    async def width(source_image: Image.Image) -> int:
        loops.add(id(asyncio.get_running_loop()))
        return source_image.width

    paths = save_photos(tmp_path, 1)
    for _ in range(2):
        run(plan_for(table, tmp_path), rows_of(paths))

    assert len(loops) == 1


@pytest.mark.parametrize("processes", [False, True])
def test_an_exception_of_a_coroutine_is_the_error_of_its_row(
    tmp_path: Path,
    processes: bool,  # noqa: FBT001  a parameter of pytest
) -> None:
    table = MediaTable("photos")
    table.computed_column(processes=processes)(functions.ends_later)
    paths = [save_photo(tmp_path / f"{w}.png", size=(w, 9)) for w in (*functions.ENDING, 30)]

    records = records_of(run(plan_for(table, tmp_path), rows_of(paths)))

    found = {row: cells["ends_later"].error_class for row, cells in records.items()}
    ending = {f"{w}.png": kind.__name__ for w, kind in functions.ENDING.items()}
    assert found == {**ending, "30.png": None}
    assert records["30.png"]["ends_later"].value == "30"


def test_a_coroutine_makes_images_too_and_columns_after_it_read_them(tmp_path: Path) -> None:
    table = MediaTable("photos")

    @table.computed_column(format="png")
    async def small(source_image: Image.Image) -> Image.Image:
        await asyncio.sleep(0)
        return source_image.resize((4, 4))

    @table.computed_column()
    def width(small: Image.Image) -> int:
        return small.width

    records = records_of(run(plan_for(table, tmp_path / "out"), rows_of(save_photos(tmp_path, 3))))

    assert {cells["width"].value for cells in records.values()} == {"4"}


def test_a_batch_function_may_be_a_coroutine(tmp_path: Path) -> None:
    table, sizes = MediaTable("photos"), list[int]()

    @table.computed_column(batch_size=4)
    async def width(source_image: list[Image.Image]) -> list[int]:
        sizes.append(len(source_image))
        await asyncio.sleep(0)
        if any(image.width == 13 for image in source_image):
            raise ValueError
        return [image.width for image in source_image]

    paths = [save_photo(tmp_path / f"{n}.png", size=(12 + n, 10)) for n in range(4)]
    records = records_of(run(plan_for(table, tmp_path), rows_of(paths)))

    assert sorted(sizes) == [1, 1, 1, 1, 4]
    assert [records[f"{n}.png"]["width"].value for n in range(4)] == ["12", None, "14", "15"]


@pytest.mark.parametrize("obeys", [True, False])
def test_a_coroutine_that_never_ends_is_an_error_row(
    tmp_path: Path,
    obeys: bool,  # noqa: FBT001  a parameter of pytest
) -> None:
    table = MediaTable("photos")

    @table.computed_column(row_timeout=1)
    async def width(source_image: Image.Image) -> int:
        if source_image.width == 13:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if obeys:
                    raise
                await asyncio.Event().wait()
        return source_image.width

    paths = [*save_photos(tmp_path, 3), save_photo(tmp_path / "z.png", size=(13, 9))]
    records = records_of(run(plan_for(table, tmp_path), rows_of(paths)))

    error = records.pop("z.png")["width"]
    assert error.error_class == "RowTimeoutError"
    assert (error.error_message or "").startswith(
        "Row function 'width' ran for more than 1 s for row 'z.png', and was cancelled."
    )
    assert {cells["width"].value for cells in records.values()} == {"48"}


def test_a_call_that_was_cancelled_may_be_repeated(tmp_path: Path) -> None:
    table, calls = MediaTable("photos"), list[str]()

    @table.computed_column(row_timeout=1, max_retries=1, retry_on=TimeoutError, retry_delay=0)
    async def width(source_image: Image.Image, row: str) -> int:
        calls.append(row)
        if len(calls) == 1:
            await asyncio.Event().wait()
        return source_image.width

    rows = rows_of(save_photos(tmp_path, 1))
    records = records_of(run(plan_for(table, tmp_path), rows))

    assert len(calls) == 2
    assert records["photo-000.jpg"]["width"].value == "48"


def test_a_coroutine_that_blocks_the_event_loop_ends_the_run_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_assets.pipeline.pending_calls.SECONDS_UNTIL_STUCK", 0.1)
    table, release = MediaTable("photos"), Event()

    @table.computed_column(row_timeout=1, max_concurrency=1)
    async def width(source_image: Image.Image) -> int:
        if source_image.width == 13:
            release.wait()
        return source_image.width

    plan = plan_for(table, tmp_path)
    with pytest.raises(RowTimeoutError, match=r"for row 'z\.png', and Python cannot stop a thread"):
        run(plan, rows_of([save_photo(tmp_path / "z.png", size=(13, 9))]))
    records = records_of(run(plan, rows_of(save_photos(tmp_path, 1))))
    release.set()

    assert records["photo-000.jpg"]["width"].value == "48"


def test_coroutines_under_way_are_cancelled_when_the_run_ends_early(tmp_path: Path) -> None:
    table, cancelled, is_under_way = MediaTable("photos"), list[str](), asyncio.Event()

    @table.computed_column()
    async def width(source_image: Image.Image, row: str) -> int:
        if row == "photo-000.jpg":
            await is_under_way.wait()
            return 1
        is_under_way.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(row)
            raise
        return 2

    results = run_plan(plan_for(table, tmp_path), rows_of(save_photos(tmp_path, 4)), workers=2)
    first = next(results)
    results.close()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

    assert isinstance(first, RowResult)
    assert first.records["width"].value == "1"
    assert cancelled
    assert set(cancelled) <= {f"photo-00{n}.jpg" for n in (1, 2, 3)}
