"""Limits and repetition of calls, for every kind of row function."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from pathlib import Path
from threading import Barrier, Lock, Thread
from types import SimpleNamespace

import pytest
from PIL import Image

from media_assets.columns import seconds_asked
from media_assets.errors import DeclarationError
from media_assets.pipeline import run_plan
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.pipeline.plans import plan_for, records_of, rows_of, run

TINY = 0.0001
TRANSIENT = (ConnectionError, TimeoutError)


class Service:
    """Refuses each row's first calls, and counts them."""

    def __init__(self, failures: int, error: Callable[[], Exception] = ConnectionError) -> None:
        self.failures, self.error = failures, error
        self.calls: Counter[str] = Counter()
        self._lock = Lock()

    def ask(self, row: str) -> int:
        with self._lock:
            self.calls[row] += 1
        if self.calls[row] <= self.failures:
            raise self.error()
        return self.calls[row]


def declare(table: MediaTable, service: Service, kind: str, **options: object) -> None:
    """A column `answer` that asks a service for each row."""

    def answer(source_image: Image.Image, row: str) -> int:
        return service.ask(row)

    async def answer_later(source_image: Image.Image, row: str) -> int:
        return service.ask(row)

    def answer_all(source_image: list[Image.Image], row: list[str]) -> list[int]:
        return [service.ask(row[0])] * len(row)

    function = {"plain": answer, "async": answer_later, "batch": answer_all}[kind]
    more = {"batch_size": 2} if kind == "batch" else {}
    table.computed_column(name="answer", **more, **options)(function)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def outcomes(table: MediaTable, folder: Path, count: int) -> list[tuple[str | None, str | None]]:
    records = records_of(run(plan_for(table, folder / "out"), rows_of(save_photos(folder, count))))
    return [(r["answer"].value, r["answer"].error_class) for _, r in sorted(records.items())]


@pytest.mark.parametrize("kind", ["plain", "async", "batch"])
def test_a_call_is_repeated_after_the_errors_that_are_named(tmp_path: Path, kind: str) -> None:
    table, service = MediaTable("photos"), Service(2)
    declare(table, service, kind, max_retries=2, retry_on=TRANSIENT, retry_delay=TINY)

    assert outcomes(table, tmp_path, 4) == [("3", None)] * 4
    assert set(service.calls.values()) == {3}


@pytest.mark.parametrize("kind", ["plain", "async", "batch"])
def test_a_row_is_an_error_row_after_the_last_repetition(tmp_path: Path, kind: str) -> None:
    table, service = MediaTable("photos"), Service(9)
    declare(table, service, kind, max_retries=2, retry_on=ConnectionError, retry_delay=TINY)

    rows = rows_of(save_photos(tmp_path, 4))
    cells = [r["answer"] for r in records_of(run(plan_for(table, tmp_path / "out"), rows)).values()]

    assert {cell.error_class for cell in cells} == {"ConnectionError"}
    assert all(".jpg' in the last of 3 calls: " in (cell.error_message or "") for cell in cells)
    assert set(service.calls.values()) == {3}, "a batch is not called row by row for these errors"


def test_other_errors_are_not_repeated(tmp_path: Path) -> None:
    table, service = MediaTable("photos"), Service(1, ValueError)
    declare(table, service, "plain", max_retries=5, retry_on=TRANSIENT, retry_delay=TINY)

    assert outcomes(table, tmp_path, 2) == [(None, "ValueError")] * 2
    assert set(service.calls.values()) == {1}


def test_a_function_may_decide_which_errors_are_repeated(tmp_path: Path) -> None:
    table, service = MediaTable("photos"), Service(1, lambda: OSError("busy"))
    declare(
        table,
        service,
        "async",
        max_retries=1,
        retry_on=lambda error: str(error) == "busy",
        retry_delay=TINY,
    )

    assert outcomes(table, tmp_path, 2) == [("2", None)] * 2


def test_an_error_of_the_function_that_decides_is_the_error_of_the_row(tmp_path: Path) -> None:
    table, service = MediaTable("photos"), Service(1)

    def is_busy(error: Exception) -> bool:
        return error.args[0] == "busy"

    declare(table, service, "plain", max_retries=1, retry_on=is_busy)

    assert outcomes(table, tmp_path, 1) == [(None, "IndexError")]


def test_a_row_that_waits_for_its_repetition_lets_others_pass(tmp_path: Path) -> None:
    table, order = MediaTable("photos"), list[str]()

    @table.computed_column(
        max_concurrency=1, max_retries=1, retry_on=ConnectionError, retry_delay=60
    )
    def answer(source_image: Image.Image, row: str) -> int:
        order.append(row)
        if len(order) == 1:
            raise ConnectionError
        return 1

    rows = rows_of(save_photos(tmp_path, 4))
    results = run_plan(plan_for(table, tmp_path / "out"), rows, workers=1)
    finished = [result.row for result in islice(results, 3)]
    results.close()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

    assert sorted([order[0], *finished]) == [row.row for row in rows]


def test_processes_are_called_again_too_also_for_errors_that_cannot_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(functions.CALLS, str(tmp_path / "calls"))
    table = MediaTable("photos")
    table.computed_column(
        name="answer",
        processes=True,
        max_concurrency=1,
        max_retries=2,
        retry_on=functions.PickyError,
        retry_delay=TINY,
    )(functions.busy)

    assert outcomes(table, tmp_path, 2) == [("48", None)] * 2


def test_functions_on_threads_run_together_up_to_max_concurrency(tmp_path: Path) -> None:
    table, together, here, most = MediaTable("photos"), Barrier(4), list[int](), list[int]()

    @table.computed_column(max_concurrency=4)
    def answer(source_image: Image.Image) -> int:
        here.append(1)
        most.append(len(here))
        together.wait()
        here.pop()
        together.wait()
        return threading.get_ident()

    paths = save_photos(tmp_path, 8)
    run(plan_for(table, tmp_path / "out"), rows_of(paths), workers=1)

    assert max(most) == 4


@pytest.mark.parametrize("kind", ["plain", "async", "batch"])
def test_one_call_at_a_time_is_one_at_a_time(tmp_path: Path, kind: str) -> None:
    table, service, lock = MediaTable("photos"), Service(0), Lock()
    ask = service.ask

    def ask_alone(row: str) -> int:
        assert lock.acquire(blocking=False)
        try:
            return ask(row)
        finally:
            lock.release()

    service.ask = ask_alone  # type: ignore[method-assign]
    declare(table, service, kind, max_concurrency=1)

    assert outcomes(table, tmp_path, 6) == [("1", None)] * 6


def test_two_steps_of_a_process_share_the_limit_of_a_column(tmp_path: Path) -> None:
    table, alone, finished = MediaTable("photos"), Lock(), list[int]()

    @table.computed_column(max_concurrency=1)
    async def answer(source_image: Image.Image) -> int:
        assert alone.acquire(blocking=False)
        await asyncio.sleep(0)
        alone.release()
        return 1

    plan, rows = plan_for(table, tmp_path / "out"), rows_of(save_photos(tmp_path, 20))

    def step() -> None:
        made = records_of(run(plan, rows, workers=1))
        finished.append(sum(cells["answer"].value == "1" for cells in made.values()))

    threads = [Thread(target=step) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert finished == [20, 20]


@pytest.mark.parametrize("kind", ["plain", "async", "batch"])
def test_calls_of_every_kind_wait_for_their_rate(tmp_path: Path, kind: str) -> None:
    table, service = MediaTable("photos"), Service(0)
    declare(table, service, kind, rate_limit="1000/s")

    assert outcomes(table, tmp_path, 5) == [("1", None)] * 5


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ({"retry_after": 7}, 7.0),
        ({"retry_after": timedelta(minutes=1)}, 60.0),
        ({"response": SimpleNamespace(headers={"Retry-After": "3"})}, 3.0),
        ({"headers": {"Retry-After": "0.5"}}, 0.5),
        ({"headers": {"Retry-After": "soon"}}, None),
        ({"response": None}, None),
        ({}, None),
    ],
)
def test_what_a_service_asks_to_wait_is_read_from_its_error(
    attributes: dict[str, object], seconds: float | None
) -> None:
    error = ConnectionError()
    error.__dict__.update(attributes)

    assert seconds_asked(error) == seconds


def test_a_service_may_also_name_a_date() -> None:
    error = ConnectionError()
    later = datetime.now(UTC) + timedelta(hours=1)
    error.__dict__["headers"] = {"Retry-After": format_datetime(later, usegmt=True)}

    assert 3500 < (seconds_asked(error) or 0) <= 3600


def test_waits_double_up_to_a_minute_are_never_shorter_than_asked_and_end() -> None:
    table = MediaTable("photos")
    table.computed_column(max_retries=40, retry_on=ConnectionError, retry_delay=1)(
        functions.process
    )
    calls, error = table.computed_columns[0].calls, ConnectionError()

    waits = [calls.seconds_before_retry(error, retries=n) or 0 for n in range(40)]
    assert all(2**n / 2 <= waits[n] <= 2**n for n in range(6))
    assert all(30 <= wait <= 60 for wait in waits[6:])
    assert calls.seconds_before_retry(error, retries=40) is None
    error.__dict__["retry_after"] = 100
    assert calls.seconds_before_retry(error, retries=0) == 100
    error.__dict__["retry_after"] = 3600
    assert calls.seconds_before_retry(error, retries=0) is None, "the next run tries again"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"max_concurrency": 0}, "max_concurrency=0"),
        ({"max_concurrency": True}, "max_concurrency=True"),
        ({"max_retries": -1}, "max_retries=-1"),
        ({"max_retries": 1.5, "retry_on": OSError}, r"max_retries=1\.5"),
        ({"max_retries": 3}, "max_retries=3, but no retry_on="),
        ({"retry_on": OSError}, "but no max_retries="),
        ({"max_retries": 1, "retry_on": ()}, r"retry_on=\(\)"),
        ({"max_retries": 1, "retry_on": KeyboardInterrupt}, "retry_on=<class 'KeyboardInterrupt'>"),
        ({"max_retries": 1, "retry_on": ["OSError"]}, r"retry_on=\['OSError'\]"),
        ({"retry_delay": -1}, "retry_delay=-1"),
        ({"retry_delay": "1"}, "retry_delay='1'"),
        ({"rate_limit": "60/m"}, "rate_limit='60/m'"),
        ({"rate_limit": "0/s"}, "rate_limit='0/s'"),
        ({"rate_limit": 60}, "rate_limit=60"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_with_an_example(
    options: dict[str, object], problem: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"Column 'process' has .*{problem}") as refused:
        MediaTable("photos").computed_column(**options)(functions.process)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert "Write it like" in str(refused.value) or "or write it like" in str(refused.value)


def test_options_of_calls_make_no_cell_stale() -> None:
    plain, limited = MediaTable("photos"), MediaTable("photos")
    plain.computed_column()(functions.process)
    limited.computed_column(
        max_concurrency=3, max_retries=2, retry_on=OSError, retry_delay=3, rate_limit="5/s"
    )(functions.process)

    assert plain.computed_columns[0].code_version == limited.computed_columns[0].code_version


def test_a_lone_row_of_a_batch_that_fails_for_another_reason_fails_alone(tmp_path: Path) -> None:
    table, calls = MediaTable("photos"), list[int]()

    @table.computed_column(
        batch_size=3, max_retries=1, retry_on=ConnectionError, retry_delay=TINY, max_concurrency=1
    )
    def answer(source_image: list[Image.Image]) -> list[int]:
        calls.append(len(source_image))
        if any(image.width == 13 for image in source_image):
            raise ValueError
        return [image.width for image in source_image]

    paths = [save_photo(tmp_path / f"{n}.png", size=(12 + n, 10)) for n in range(3)]
    records = records_of(run(plan_for(table, tmp_path / "out"), rows_of(paths)))

    assert calls == [3, 1, 1, 1]
    assert [records[f"{n}.png"]["answer"].value for n in range(3)] == ["12", None, "14"]
