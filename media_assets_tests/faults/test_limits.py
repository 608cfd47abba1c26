"""What the machine has no more of, and what a run of ten thousand rows takes of it."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from media_assets.errors import StoreFaultError
from media_assets.tables.scanning import record
from media_assets.tables.tally import check_errors
from media_assets.uploads.folders import Found
from media_assets.uploads.upload import Upload
from media_assets_tests.faults.kills import PRELOADED
from media_assets_tests.faults.places import (
    Place,
    assert_nothing_is_torn,
    assert_orphans_are_listed,
    content_of,
    rows_in,
    small_table,
)
from media_assets_tests.peak_memory import peak_bytes
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step
from media_assets_tests.tables.test_step import step_of

LOAD = 10_000


def alone(work: Callable[[Place, str], object], place: Place, partition: str) -> object:
    """What a function returns in a process of its own."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, place, partition).result()


def run_with_few_descriptors(place: Place, partition: str) -> list[str]:
    """The errors of runs that may open ever more files, until one gets through."""
    place.enter()
    told: list[str] = []
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for most in range(4, 200):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        try:
            outputs = run_step(small_table(), partition, manager=place.manager)
        except (StoreFaultError, OSError, duckdb.IOException) as error:
            told.append(str(error))
        else:
            errors = [r.error_message or "" for o in outputs for r in o.committed.manifest.errors]
            if not errors:
                return told
            told += errors
    raise AssertionError(told)


def test_a_run_without_file_descriptors_says_so_and_one_with_them_completes(
    home: Path, tmp_path: Path
) -> None:
    photos, table = save_photos(tmp_path / "uploads", 8), small_table()
    place, clean = Place(home, str(tmp_path / "short")), Place(home, str(tmp_path / "clean"))
    (partition,) = insert(table, *photos, manager=place.manager)
    (whole,) = insert(table, *photos, manager=clean.manager)
    run_step(table, whole, manager=clean.manager)

    told = alone(run_with_few_descriptors, place, partition)

    assert isinstance(told, list)
    assert told
    assert [text for text in told if "oo many open files" not in text] == []
    assert_nothing_is_torn(place)
    assert content_of(place, rows_in(place, partition)) == content_of(clean, rows_in(clean, whole))
    assert_orphans_are_listed(place)


NAMESPACE = ["unshare", "--map-root-user", "--mount"]
NO_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
"""Root without them is stopped by permissions like anybody else."""


@pytest.mark.parametrize(
    "where",
    ["files", *(pytest.param(w, marks=pytest.mark.faults) for w in ("catalog", "temporary"))],
)
@pytest.mark.parametrize(
    ("how", "told"),
    [("full", "StoreFullError"), ("read-only", "StoreDeniedError"), ("denied", "StoreDeniedError")],
)
def test_a_run_that_cannot_write_says_so_and_completes_when_it_can(
    how: str, told: str, where: str, home: Path, tmp_path: Path
) -> None:
    prefix = NAMESPACE if how != "denied" else NO_RIGHTS if os.geteuid() == 0 else []
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{prefix[0]} may not do this here")
    program = [sys.executable, "-m", "media_assets_tests.faults.short_of", how, where, tmp_path]

    done = subprocess.run([*prefix, *program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == told
    assert str(tmp_path) in json.loads(done.stdout)[1]


def peak_of_a_run(place: Place, partition: str) -> tuple[int, int, int]:
    """How many rows and errors a run made, and the most memory that it took, in MB."""
    place.enter()
    (column, *_) = (
        o.committed.manifest for o in run_step(small_table(), partition, manager=place.manager)
    )
    peak = peak_bytes() // 1_048_576
    return len(column.records), len(column.errors), peak


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_ten_thousand_rows_with_a_thousand_bad_ones_take_no_more_memory_than_a_tenth(
    home: Path, tmp_path: Path
) -> None:
    good = save_photo(tmp_path / "good.jpg").as_uri()
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    bad = (tmp_path / "bad.jpg").as_uri()
    table = small_table()
    table.rows_per_partition = LOAD
    peaks: list[int] = []
    for count in (LOAD // 10, LOAD):
        place = Place(home, str(tmp_path / f"{count}"))
        uploads = [Upload(f"{n:05d}.jpg", good if n % 10 else bad, 1, "1") for n in range(count)]
        (partition,) = record(place.manager.installation, table, Found(tuple(uploads))).partitions
        outcome = alone(peak_of_a_run, place, partition)
        assert isinstance(outcome, tuple)
        rows, errors, peak = outcome
        assert (rows, errors) == (count, count // 10)
        peaks.append(peak)

    assert peaks[1] - peaks[0] < 50, peaks
    step = step_of(table, partition, manager=place.manager)
    outputs = list(step.run())
    with pytest.raises(dg.Failure, match="1000 of 10000 rows of column"):
        check_errors(outputs, step.tally, max_error_share=0.05)
    check_errors(outputs, step.tally, max_error_share=0.2)
