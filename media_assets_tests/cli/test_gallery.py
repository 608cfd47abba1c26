"""`media-assets gallery`."""

from pathlib import Path

import dagster as dg
import pytest

from media_assets.cli.location import Location
from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photos


def test_a_gallery_is_written_next_to_local_storage(
    project: Path, home: Path, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")
    make(project, *paths)

    first = run("gallery", "photos", "-f", project)
    second = run("gallery", "photos", "-f", project)

    page = home / "media/gallery/photos/index.html"
    assert first.first_line == f"3 rows, 1 with errors, 4 thumbnails made: {page}"
    assert second.first_line == f"3 rows, 1 with errors, 0 thumbnails made: {page}"
    assert page.is_file()
    assert "work until" not in first.output, "local files need no links that expire"


def test_a_gallery_is_never_written_over_other_files(project: Path, tmp_path: Path) -> None:
    make(project, *save_photos(tmp_path / "uploads", 1))

    written = run("gallery", "photos", "--output", tmp_path / "there", "-f", project)
    refused = run("gallery", "photos", "--output", tmp_path, "-f", project)

    assert (tmp_path / "there/index.html").is_file(), written
    assert refused.exit_code == 1
    assert "holds files that are not part of a gallery" in refused.errors


def test_links_work_for_a_second_at_least(project: Path) -> None:
    outcome = run("gallery", "photos", "--expires-in", "0", "-f", project)

    assert outcome.exit_code == 2
    assert "0 is not in the range 1<=x<=315360000" in outcome.errors


def test_a_table_without_rows_has_a_page_that_says_so(project: Path) -> None:
    outcome = run("gallery", "photos", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.first_line.startswith("0 rows, 0 with errors, 0 thumbnails made")


def test_without_the_code_cells_are_marked_as_last_evaluated(
    project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photos(home / "uploads" / "photos", 2)
    run("scan", "photos", "-f", project)
    run("materialize", "photos", "-f", project)
    write_project(project, width_body="return flipped.width * 2  # edited")
    data = home / "media/gallery/photos/data"
    monkeypatch.chdir(home)

    def marked(*options: str | Path) -> int:
        outcome = run("gallery", "photos", *options)
        assert outcome.exit_code == 0, outcome.errors
        return (data / "rows-00000.js").read_text("utf-8").count("code changed")

    assert marked() == 0, "the run found all up to date"
    assert marked("-f", project) == 2
    location = Location(None, project)
    key = dg.AssetCheckKey(dg.AssetKey(["photos", "width"]), "up_to_date")
    job = dg.define_asset_job("checks", selection=dg.AssetSelection.checks(key))
    defs = dg.Definitions.merge(location.defs, dg.Definitions(jobs=[job]))
    with dg.DagsterInstance.get() as instance:
        assert defs.resolve_job_def("checks").execute_in_process(instance=instance).success
    assert marked() == 2, "an evaluation found the edit"
    run("materialize", "photos", "-f", project)
    assert marked() == 0


def test_an_unknown_table_is_an_error_that_lists_the_known_ones(
    project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(project, *save_photos(tmp_path / "uploads", 1))
    monkeypatch.chdir(home)

    outcome = run("gallery", "fotos")

    assert outcome.exit_code == 1
    assert "'fotos'" in outcome.errors
    assert "photos" in outcome.errors


def test_cells_that_a_run_would_make_again_are_marked(project: Path, home: Path) -> None:
    save_photos(home / "uploads" / "photos", 1)
    run("scan", "photos", "-f", project)
    run("materialize", "photos", "-f", project)
    data = home / "media/gallery/photos/data"

    run("gallery", "photos", "-f", project)
    fresh = (data / "rows-00000.js").read_text("utf-8")
    write_project(project, width_body="return flipped.width * 2  # edited")
    run("gallery", "photos", "-f", project)
    edited = (data / "rows-00000.js").read_text("utf-8")

    assert "stale" not in fresh
    assert edited.count("code changed") == 1
