"""`media-assets drop`."""

from io import StringIO
from pathlib import Path

import dagster as dg
import pytest

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


@pytest.fixture
def paths(project: Path, home: Path) -> list[Path]:
    """Two photos that were inserted from where they stay."""
    paths = save_photos(home / "uploads" / "photos", 2)
    make(project, *paths)
    return paths


def test_a_table_goes_and_its_uploads_stay(project: Path, home: Path, paths: list[Path]) -> None:
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("media_assets/photos", ["20261122T1513-0001"])

    outcome = run("drop", "photos", "--yes", "-f", project)

    assert outcome.output == "Dropped photos: 6 files deleted.\n"
    assert not list((home / "media" / "files").rglob("*.jpg"))
    assert not [path for path in (home / "media" / "catalog").rglob("*") if path.is_file()]
    assert all(path.exists() for path in paths)
    with dg.DagsterInstance.get() as instance:
        assert instance.get_dynamic_partitions("media_assets/photos") == []
    scanned = run("scan", "photos", "-f", project)
    assert scanned.first_line.startswith("2 new")


def test_a_dropped_column_can_be_made_again(project: Path, paths: list[Path]) -> None:
    dropped = run("drop", "photos", "flipped", "--yes", "-f", project)

    again = run("materialize", "photos", "-f", project)

    assert dropped.output == "Dropped photos/flipped: 3 files deleted.\n"
    assert "2 cells made, 4 reused." in again.output.splitlines()[-1]


def test_nothing_goes_unless_somebody_says_yes(
    project: Path, home: Path, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))

    outcome = run("drop", "photos", "-f", project)

    assert outcome.exit_code == 1
    assert "Delete photos: 6 files" in outcome.output
    assert len(list((home / "media" / "files").rglob("*.jpg"))) == 2


def test_an_unknown_table_or_column_is_refused(project: Path, paths: list[Path]) -> None:
    table = run("drop", "fotos", "--yes", "-f", project)
    column = run("drop", "photos", "fliped", "--yes", "-f", project)

    assert (table.exit_code, column.exit_code) == (1, 1)
    assert "Did you mean 'photos'" in table.errors
    assert "Did you mean 'flipped'" in column.errors
