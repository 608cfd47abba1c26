"""Row functions in separate processes: the same results, and the cost of a dying process."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from PIL import Image

from media_assets.arrays import decode_numbers
from media_assets.errors import DeclarationError
from media_assets.records.manifests import Record
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.pipeline.plans import content, plan_for, records_of, rows_of, run

DEADLY_SIZE = (functions.DEADLY_WIDTH, 12)


def table_of(
    *row_functions: Callable[..., object], processes: bool = True, decode_size: int | None = None
) -> MediaTable:
    table = MediaTable("photos")
    size = (decode_size, decode_size) if decode_size else None
    for function in row_functions:
        table.computed_column(processes=processes, decode_size=size)(function)
    return table


def made(table: MediaTable, destination: str | Path, *paths: Path) -> dict[str, dict[str, Record]]:
    return records_of(run(plan_for(table, destination), rows_of(paths)))


def failures(records: dict[str, dict[str, Record]], column: str) -> dict[str, str]:
    return {row: r[column].error_class or "" for row, r in records.items() if r[column].error_class}


@pytest.mark.parametrize("scheme", ["", "memory://processes/"], ids=["local", "uploaded"])
def test_image_and_value_columns_hold_what_they_hold_without_processes(
    tmp_path: Path, scheme: str
) -> None:
    used = (functions.turned, functions.shrunk, functions.red, functions.facts)
    paths = save_photos(tmp_path / "uploads", 3)

    apart = made(table_of(*used), scheme or tmp_path / "apart", *paths)
    within = made(table_of(*used, processes=False), tmp_path / "within", *paths)

    for row, cells in within.items():
        for name, expected in cells.items():
            found = apart[row][name]
            assert found.error_message is None
            assert (found.digest, found.value) == (expected.digest, expected.value)
            assert (found.width, found.height) == (expected.width, expected.height)
            assert found.input_digest == expected.input_digest
        assert content(apart[row]["turned"]) == content(cells["turned"])


def test_functions_run_in_other_processes_which_serve_many_rows(tmp_path: Path) -> None:
    records = made(
        table_of(functions.process), tmp_path / "out", *save_photos(tmp_path / "uploads", 8)
    )

    processes = {cells["process"].value for cells in records.values()}
    assert str(os.getpid()) not in processes
    assert 1 <= len(processes) <= 2


def test_processes_end_with_their_parent_even_if_it_is_killed() -> None:
    program = (
        "import time; from media_assets.pipeline.processes import _Process; process = _Process(); "
    )
    program += "print(process._process.pid, flush=True); time.sleep(600)"
    with Popen([sys.executable, "-c", program], stdout=PIPE, text=True) as starting:
        assert starting.stdout is not None
        process = Path("/proc", starting.stdout.readline().strip())
        was_there = process.exists()
        starting.kill()

    for _ in range(600):
        if not process.exists():
            break
        time.sleep(0.1)
    assert was_there
    assert not process.exists()


def test_a_column_reads_at_the_size_that_it_names(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "uploads/large.png", size=(400, 300))

    records = made(table_of(functions.seen_size, decode_size=100), tmp_path / "out", path)

    assert decode_numbers(records["large.png"]["seen_size"].value_bytes or b"") == [134, 100]


def test_a_function_that_kills_its_process_fails_its_own_row_alone(tmp_path: Path) -> None:
    deadly = [save_photo(tmp_path / f"uploads/deadly-{n}.png", n, DEADLY_SIZE) for n in range(2)]
    paths = [*save_photos(tmp_path / "uploads", 6), *deadly]
    paths.sort(key=lambda path: path.name[-5:])  # the deadly ones among the others

    records = made(table_of(functions.deadly), tmp_path / "out", *paths)

    assert failures(records, "deadly") == dict.fromkeys(
        (path.name for path in deadly), "ProcessDiedError"
    )
    assert "'deadly' died, twice" in (records["deadly-0.png"]["deadly"].error_message or "")


def test_exceptions_are_reported_as_without_processes(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "uploads/a.jpg")

    (apart,) = made(table_of(functions.faulty), tmp_path / "out", path).values()
    (within,) = made(table_of(functions.faulty, processes=False), tmp_path / "in", path).values()

    assert apart["faulty"].error_class == "KeyError"
    assert apart["faulty"].error_message == within["faulty"].error_message
    assert list((tmp_path / "out").rglob("*.*")) == [], "no staged file is left"


def test_an_exception_that_cannot_be_unpickled_is_reported_by_its_text(tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 3)

    records = made(table_of(functions.picky, functions.process), tmp_path / "out", *paths)

    assert set(failures(records, "picky").values()) == {"RuntimeError"}
    message = records["photo-000.jpg"]["picky"].error_message or ""
    assert "PickyError: 429: slow down" in message
    assert failures(records, "process") == {}


def test_a_function_that_returns_no_image_fails_its_row(tmp_path: Path) -> None:
    records = made(table_of(functions.texts), tmp_path / "out", save_photo(tmp_path / "a.jpg"))

    assert records["a.jpg"]["texts"].error_class == "ValueTypeError"


def test_a_function_that_no_process_can_import_fails_every_row_and_says_so(tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 2)

    results = run(plan_for(table_of(functions.original), tmp_path / "out"), rows_of(paths))

    records = records_of(results)
    assert set(failures(records, "hidden").values()) == {"PicklingError"}
    assert all(result.raised == {"hidden": True} for result in results.values())


def test_a_function_made_inside_another_one_is_refused_when_it_is_declared() -> None:
    def inner(source_image: Image.Image) -> int:
        return source_image.width

    with pytest.raises(DeclarationError, match=r"(?s)inner.*defined inside another.*top level"):
        table_of(inner)


def test_a_changed_stored_input_is_not_read(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "uploads/a.jpg")
    table = table_of(functions.turned, functions.red)
    known = made(table, tmp_path / "out", path)
    stored = Path(known["a.jpg"]["turned"].fileurl.removeprefix("file://"))  # type: ignore[union-attr]
    save_photo(stored, seed=9)
    del known["a.jpg"]["red"]

    plan = plan_for(table, tmp_path / "out", columns=["red"])
    (result,) = run(plan, rows_of([path], known)).values()

    assert result.records["red"].error_class == "InputFailedError"
    assert "Its input 'turned' cannot be read: file://" in (
        result.records["red"].error_message or ""
    )


def test_a_source_that_changed_in_place_is_recorded_as_what_was_read(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "uploads/a.jpg")
    table = table_of(functions.turned)
    before = made(table, tmp_path / "out", path)["a.jpg"]
    rows = rows_of([path], {"a.jpg": {"source_image": before["source_image"]}})
    save_photo(path, seed=5)

    plan = plan_for(table, tmp_path / "out", columns=["turned"])
    (result,) = run(plan, rows).values()

    assert result.records["turned"].digest != before["turned"].digest
    assert result.records["turned"].input_digest != before["turned"].input_digest


def test_a_process_that_dies_disturbs_no_other_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(functions.CALLS, str(tmp_path / "calls"))
    widths = [20, 21, functions.DEADLY_WIDTH, 22, 23, 24, 25]
    paths = [save_photo(tmp_path / f"{width}.png", size=(width, 12)) for width in widths]

    made(table_of(functions.noted), tmp_path / "out", *paths)

    calls = Counter(map(int, (tmp_path / "calls").read_text().split()))
    assert calls == {w: 2 if w == functions.DEADLY_WIDTH else 1 for w in widths}
