"""`media-assets restore`."""

from pathlib import Path

import dagster as dg
import pytest

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import catalog


@pytest.fixture
def partition(project: Path, tmp_path: Path) -> str:
    """The batch of two photos, one of which was replaced by a smaller one."""
    paths = save_photos(tmp_path / "uploads", 2)
    make(project, *paths)
    save_photo(paths[0], seed=42, size=(20, 20))
    return make(project, *paths)


def widths() -> list[int]:
    return catalog().sql("select width from photos order by row")["width"].to_list()


def test_a_partition_is_restored_and_dagster_gets_an_event(project: Path, partition: str) -> None:
    before = widths()

    outcome = run("restore", "photos", partition, "--to", "1", "--columns", "width", "-f", project)

    assert outcome.output == f"photos/width {partition}: 2 rows of manifest 1, now 3\n"
    assert (before, widths()) == ([20, 48], [48, 48])
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["photos", "width"]))
        assert event is not None
        materialization = event.asset_materialization
        assert materialization is not None
        assert materialization.partition == partition
        assert materialization.tags is not None
        assert materialization.tags["dagster/data_version"]


def test_the_run_that_wrote_a_version_names_it_too(project: Path, partition: str) -> None:
    options = ("--columns", "width", "-f", project)
    run("restore", "photos", partition, "--to", "1", *options)

    outcome = run("restore", "photos", partition, "--to", "a-run", *options)

    assert outcome.output == f"photos/width {partition}: 2 rows of manifest 2, now 4\n"
    assert widths() == [20, 48]


def test_the_next_run_makes_what_is_out_of_date(project: Path, partition: str) -> None:
    run("restore", "photos", partition, "--to", "1", "--columns", "flipped,width", "-f", project)

    outcome = run("materialize", "photos", "-f", project)

    assert "2 cells made, 4 reused" in outcome.output
    assert widths() == [20, 48]


def test_an_unknown_number_is_refused_with_the_known_ones(project: Path, partition: str) -> None:
    outcome = run("restore", "photos", partition, "--to", "9", "-f", project)

    assert outcome.exit_code == 1
    assert "no manifest '9'" in outcome.errors
    assert "Known: 1, 2." in outcome.errors
