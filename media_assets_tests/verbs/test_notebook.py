"""A table that is declared and used in a notebook, cell by cell, in a real kernel."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from media_assets.run_processes import STARTED_BY_TAG
from media_assets_tests.verbs.kernel import Kernel, Shown, started_kernel

FIRST = """
import media_assets as ma
photos = ma.MediaTable("photos")
@photos.computed_column()
def thumbnail(source_image: ma.Image) -> ma.Image:
    return ma.transforms.thumbnail(source_image, (128, 128))
print(photos.insert(ma.testing.make_sample_photos("uploads", 5)))
photos.show()
"""
COLUMN = """
@photos.computed_column()
def thumbnail(source_image: ma.Image) -> ma.Image:
    return ma.transforms.thumbnail(source_image, ({size}, {size}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook") / "work"


@pytest.fixture(scope="module")
def kernel(folder: Path) -> Iterator[Kernel]:
    with started_kernel(folder) as started:
        yield started


@pytest.fixture(scope="module")
def first(kernel: Kernel) -> Shown:
    return kernel.run(FIRST)


def test_one_cell_of_eight_lines_shows_thumbnails_of_five_photos(first: Shown) -> None:
    assert len(FIRST.strip().splitlines()) <= 8
    assert first.error is None
    assert first.html.count("<img src=") == 10, "five photos and their thumbnails"
    assert "Inserted 5 rows with 0 errors" in first.text


def test_the_home_is_made_and_said_once(kernel: Kernel, first: Shown, folder: Path) -> None:
    again = kernel.run("photos.insert('uploads')")

    home = folder.parent / "user" / "media-assets"
    assert (home / "dagster.yaml").is_file()
    assert first.errors.startswith("DAGSTER_HOME is not set")
    assert first.errors.count("\n") == 1
    assert str(home) in first.errors
    assert again.errors == ""


def test_a_second_insert_makes_what_is_new(kernel: Kernel, first: Shown) -> None:
    kernel.run("ma.testing.make_sample_photos('uploads', 6)")

    second = kernel.run("photos.insert('uploads/')")

    assert "Inserted 1 row with 0 errors" in second.text
    assert "1 new, 0 replaced, 5 unchanged" in second.text
    assert "<b>Inserted 1 row" in second.html


def test_a_table_shows_its_schema(kernel: Kernel, first: Shown) -> None:
    schema = kernel.run("photos")
    printed = kernel.run("print(photos)")

    assert "<td>thumbnail</td><td>image</td><td>source_image</td>" in schema.html
    assert "thumbnail     image  source_image" in printed.text


def test_a_query_shows_its_pictures_and_a_file_its_origin(kernel: Kernel, first: Shown) -> None:
    shown = kernel.run("photos.sql('select row, thumbnail as small from photos limit 3')")
    told = kernel.run("ma.explain('uploads/lake-01.jpg')")
    foreign = kernel.run("ma.explain('/etc/hostname')")

    assert shown.html.count("<img src=") == 3
    assert '<td style="text-align:left">column photos/source_image</td>' in told.html
    assert "column thumbnail" in told.text
    assert foreign.error is not None
    assert foreign.traceback == f"UnknownFileError: {foreign.error}"


def test_a_column_of_a_later_cell_is_added(kernel: Kernel, first: Shown) -> None:
    kernel.run(
        "@photos.computed_column()\n"
        "def brightness(thumbnail: ma.Image) -> float:\n"
        "    return ma.transforms.mean_luminance(thumbnail)\n"
    )

    done = kernel.run("photos.materialize('brightness')")
    shown = kernel.run("photos.show('brightness', rows=2, page=2)")

    assert "Materialized 1 partition" in done.text
    assert done.error is None
    assert "rows 3 to 4 of" in shown.html
    assert "<img" not in shown.html


def test_a_derived_table_of_a_later_cell_is_made_and_may_be_declared_again(
    kernel: Kernel, first: Shown
) -> None:
    table = 'scans = ma.MediaTable("scans")'
    derived = 'tiles = scans.derived_table("tiles", ma.split.tiles(1000))'
    kernel.run(f'{table}\nscans.insert("uploads/lake-01.jpg")')

    made = kernel.run(f"{derived}\nprint(scans.materialize())")
    again = kernel.run(f"{table}\n{derived}\nprint(scans.materialize())")

    assert made.error is again.error is None
    assert "0 cells made" not in made.text
    assert "0 cells made" in again.text


def test_a_column_declared_again_is_made_again_only_if_its_source_changed(
    kernel: Kernel, first: Shown
) -> None:
    same = kernel.run(COLUMN.format(size=128))
    reused = kernel.run("photos.materialize('thumbnail', state='stale')")
    kernel.run(COLUMN.format(size=64))
    made = kernel.run("photos.materialize('thumbnail', state='stale')")
    kernel.run(COLUMN.format(size=128))

    assert same.error is None
    assert same.errors == ""
    assert "Nothing to materialize" in reused.text
    assert "Materialized 1 partition" in made.text
    assert "0 reused" in made.text


def test_a_column_declared_again_with_other_parameters_says_so(
    kernel: Kernel, first: Shown
) -> None:
    kernel.run(
        "import numpy\n" + COLUMN.format(size=32).replace("thumbnail(source", "tiny(source", 1)
    )
    again = kernel.run(
        "@photos.computed_column()\ndef tiny(thumbnail: ma.Image) -> int:\n    return 1\n"
    )

    assert again.errors == (
        "Column 'tiny' reads thumbnail now (before: source_image) and holds int now "
        "(before: image).\n"
    )


def test_processes_are_refused_for_a_function_of_a_cell(kernel: Kernel, first: Shown) -> None:
    refused = kernel.run(COLUMN.format(size=8).replace("column()", "column(processes=True)"))

    assert refused.error is not None
    assert refused.error.startswith("Column 'thumbnail' has processes=True")
    assert "notebook" in refused.error


def test_an_error_row_raises_no_exception(kernel: Kernel, first: Shown, folder: Path) -> None:
    (folder / "broken.jpg").write_text("no picture")

    done = kernel.run("photos.insert('broken.jpg')")

    assert done.error is None
    assert "Inserted 1 row with 1 error" in done.text
    assert "<td>broken.jpg</td><td>source_image</td>" in done.html


def test_a_failed_run_is_one_exception_of_one_sentence(kernel: Kernel, first: Shown) -> None:
    kernel.run(
        "failing = ma.MediaTable('failing')\n"
        "@failing.computed_column()\n"
        "def broken(source_image: ma.Image) -> int:\n"
        "    return source_image.no_such_thing\n"
    )

    failed = kernel.run("failing.insert('uploads')")

    assert failed.error is not None
    assert failed.error.startswith("1 of 1 partitions of table 'failing' failed. Partition ")
    assert "no_such_thing" in failed.error
    assert failed.traceback == f"RunFailedError: {failed.error}"
    assert failed.errors == "", "the log of a run is quiet"


def test_an_interrupted_insert_is_completed_by_the_next(kernel: Kernel, first: Shown) -> None:
    kernel.run(
        "import dagster, os, pathlib, signal, time\n"
        "slow = ma.MediaTable('slow', retry_policy=dagster.RetryPolicy(max_retries=2))\n"
        "begun = []\n"
        "@slow.computed_column()\n"
        "def waited(source_image: ma.Image) -> int:\n"
        "    begun.append(1)\n"
        "    if len(begun) == 10:\n"
        "        os.kill(os.getpid(), signal.SIGINT)  # as the stop button does\n"
        "    time.sleep(0.2 if len(begun) < 40 else 0)\n"
        "    return source_image.width\n"
    )
    kernel.run("ma.testing.make_sample_photos('many', 40, size=(64, 48))")

    stopped = kernel.run("slow.insert('many')")
    completed = kernel.run("slow.insert('many')")
    counted = kernel.run("print(slow.sql('select count(waited) as n from slow').n[0])")

    assert "KeyboardInterrupt" in stopped.traceback
    assert "Finished work is kept" in stopped.errors
    assert completed.error is None
    assert "Inserted no new row, and made " in completed.text
    assert "40 unchanged" in completed.text
    assert counted.text == "40\n"


def test_dagster_has_the_runs_in_its_history(kernel: Kernel, first: Shown, folder: Path) -> None:
    home = folder.parent / "user" / "media-assets"

    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = [record.dagster_run for record in instance.get_run_records()]
        partitions = instance.get_dynamic_partitions("media_assets/photos")
        made = instance.get_materialized_partitions(dg.AssetKey(["photos", "thumbnail"]))

    assert {run.job_name for run in runs} == {"__ASSET_JOB"}
    assert runs[-1].tags[STARTED_BY_TAG] == "MediaTable.insert"
    assert dg.DagsterRunStatus.CANCELED in {run.status for run in runs}, "the interrupted one"
    assert set(partitions) == made
