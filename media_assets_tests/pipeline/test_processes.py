"""Row functions in separate processes: the same results, and the cost of a dying process."""

import importlib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import current_process
from pathlib import Path
from subprocess import PIPE, Popen, check_output
from types import ModuleType

import pytest
from PIL import Image

import media_assets as ma
from media_assets.arrays import decode_numbers
from media_assets.errors import DeclarationError, ScriptImportedError
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


_MODULE = """
import time
from PIL.Image import Image

FACTOR = 1

def scaled(source_image: Image) -> int:
    return sum(FACTOR * n for n in [source_image.width])

def zone(source_image: Image) -> str:
    return time.strftime("%H", time.gmtime(0)) + time.strftime(" %H", time.localtime(0))
"""


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, ModuleType]]:
    """A module that a test edits, and its file."""
    path = tmp_path / "edited_functions.py"
    path.write_text(_MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield path, importlib.import_module(path.stem)
    del sys.modules[path.stem]


def test_a_process_makes_nothing_with_code_or_globals_that_differ_from_its_parents(
    edited: tuple[Path, ModuleType], tmp_path: Path
) -> None:
    (path, module), photo = edited, save_photo(tmp_path / "a.jpg", size=(30, 20))
    table = table_of(module.scaled, module.zone)

    vars(module)["FACTOR"] = 7
    changed = made(table, tmp_path / "out", photo)["a.jpg"]
    vars(module)["FACTOR"] = 1
    path.write_text(_MODULE.replace("FACTOR *", "2 * FACTOR *"))
    stale = made(table, tmp_path / "out", photo)["a.jpg"]
    importlib.reload(module)
    loaded = made(table_of(module.scaled, module.zone), tmp_path / "out", photo)["a.jpg"]

    assert "reads 'FACTOR', which was set after" in (changed["scaled"].error_message or "")
    assert "edited after 'edited_functions' was imported" in (stale["scaled"].error_message or "")
    assert [c["zone"].error_message for c in (changed, stale, loaded)] == [None] * 3
    assert loaded["scaled"].value == "60"


def test_a_process_has_the_time_zone_that_its_parent_has_set(
    edited: tuple[Path, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    records = made(table_of(edited[1].zone), tmp_path / "out", save_photo(tmp_path / "a.jpg"))

    assert records["a.jpg"]["zone"].value == "00 09"


_SCRIPT = """
import sys
from pathlib import Path
print("imported")
from media_assets_tests.pipeline.process_functions import process
from media_assets_tests.pipeline.test_processes import made, table_of
for cells in made(table_of(process), Path(sys.argv[1]), Path(sys.argv[2])).values():
    print(cells["process"].value.isdigit())
"""


def test_a_script_that_works_as_it_is_imported_works_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    photo = save_photo(tmp_path / "a.jpg")

    printed = check_output([sys.executable, script, tmp_path / "out", photo], text=True)

    assert printed.split() == ["imported", "True"]


_SCRIPT_WITH_FUNCTION = """
import sys
if __name__ != "__main__":
    sys.exit()  # as a verb that is called here ends it
from pathlib import Path
from PIL import Image
from media_assets_tests.pipeline.test_processes import made, table_of
def width(source_image: Image.Image) -> int:
    return source_image.width
for cells in made(table_of(width), Path(sys.argv[1]), Path(sys.argv[2])).values():
    print(cells["width"].error_message)
"""


def test_a_script_with_the_function_itself_is_told_where_to_put_its_calls(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT_WITH_FUNCTION)
    photo = save_photo(tmp_path / "a.jpg")

    printed = check_output([sys.executable, script, tmp_path / "out", photo], text=True)

    assert "No process could start for row function 'width'" in printed
    assert "`if __name__ == '__main__':`" in printed


def test_a_verb_that_a_script_calls_while_a_process_imports_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(current_process(), "_inheriting", True, raising=False)  # meanwhile

    with pytest.raises(ScriptImportedError, match="This script works on table 'photos'"):
        ma.MediaTable("photos").sql("select 1")
