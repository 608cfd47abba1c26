"""A tick that watches the uploads: a new file is seen at once, and nothing else is held up."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from media_assets.automation import watching
from media_assets.automation.cursor import Cursor
from media_assets.automation.ticks import tick_and_watch
from media_assets.io_manager import MediaIOManager
from media_assets.tables.uploads_location import uploads_listing
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import insert

THREADS = "  use_threads: true\n"


@pytest.fixture
def unthreaded(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of a home whose daemon evaluates one sensor at a time."""
    settings = (home / "dagster.yaml").read_text("utf-8")
    assert THREADS in settings
    (home / "dagster.yaml").write_text(settings.replace(THREADS, "  use_threads: false\n"))
    with dg.DagsterInstance.get() as opened:
        yield opened


def ticked(
    instance: dg.DagsterInstance, does: Callable[[float], object]
) -> tuple[list[str | None], list[float]]:
    """Ticks with a pause that does something; returns the runs requested, and the pauses."""
    table, pauses = photos_table(), list[float]()
    installation = MediaIOManager().installation

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        does(seconds)

    _, due, _ = tick_and_watch(
        instance,
        installation,
        table,
        uploads_listing(installation, table),
        Cursor(),
        pause=pause,
    )
    return [request.partition_key for request in due.requests], pauses


def test_a_tick_with_nothing_to_do_sees_a_file_that_comes_meanwhile(
    home: Path, instance: dg.DagsterInstance
) -> None:
    uploads = home / "uploads" / "photos"
    uploads.mkdir(parents=True)
    looks = iter(range(100))

    def copy(_: float) -> None:
        if next(looks) == 1:
            save_photo(uploads / "a.jpg")

    requested, pauses = ticked(instance, copy)

    assert len(requested) == 1
    assert pauses[0] == watching.LOOK_SECONDS
    assert len(pauses) == 3, "two looks until it came, and one at whether it is whole"


def test_rows_that_another_process_records_meanwhile_get_their_run(
    home: Path, instance: dg.DagsterInstance
) -> None:
    (home / "uploads" / "photos").mkdir(parents=True)
    photo = save_photo(home / "elsewhere.jpg")

    requested, pauses = ticked(instance, lambda _: insert(photos_table(), photo))

    assert (len(requested), len(pauses)) == (1, 1)


def test_a_tick_does_not_watch_where_the_daemon_evaluates_one_sensor_at_a_time(
    home: Path, unthreaded: dg.DagsterInstance
) -> None:
    (home / "uploads" / "photos").mkdir(parents=True)

    _, pauses = ticked(unthreaded, lambda _: None)

    assert pauses == []


def test_a_tick_with_work_ends_without_watching(home: Path, instance: dg.DagsterInstance) -> None:
    save_photo(home / "uploads" / "photos" / "a.jpg")

    requested, pauses = ticked(instance, lambda _: None)

    assert (len(requested), len(pauses)) == (1, 1)


def test_few_ticks_watch_at_once_and_a_large_folder_is_seldom_listed() -> None:
    seen, inner = list[bool](), list[bool]()

    def nested(_: float) -> None:
        if len(inner) < 2:
            inner.append(True)
            seen.append(watching.watch(lambda: "changed", "before", pause=nested))

    first = watching.watch(lambda: "changed", "before", pause=nested)

    assert (first, seen) == (True, [False, True])
