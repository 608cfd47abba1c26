"""`media-assets delete`."""

from pathlib import Path

from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


def test_deleted_rows_are_gone_from_show_and_stay_gone_on_scan(project: Path, home: Path) -> None:
    save_photos(home / "uploads" / "photos", 3)
    run("scan", "photos", "-f", project)

    outcome = run("delete", "photos", "photo-000.jpg", "photo-002.jpg", "-f", project)
    scanned = run("scan", "photos", "-f", project)
    shown = run("show", "photos", "--format", "csv", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.first_line == "Deleted 2 rows of photos."
    assert scanned.output.startswith("0 new, 0 replaced")
    assert "photo-001.jpg" in shown.output
    assert "photo-000.jpg" not in shown.output


def test_unknown_rows_are_listed_before_anything_is_deleted(project: Path, home: Path) -> None:
    save_photos(home / "uploads" / "photos", 1)
    run("scan", "photos", "-f", project)

    outcome = run("delete", "photos", "photo-000.jpg", "x.jpg", "y.jpg", "-f", project)
    scanned = run("show", "photos", "--format", "csv", "-f", project)

    assert outcome.exit_code == 1
    assert "has no row 'x.jpg', 'y.jpg'" in outcome.errors
    assert "photo-000.jpg" in scanned.output
