"""`media-assets errors`."""

import json
from pathlib import Path

from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


def test_each_cell_with_an_error_is_listed_with_its_reason(project: Path, tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")
    run("insert", "photos", tmp_path / "uploads", "-f", project)

    first = run("errors", "photos", "--limit", "1", "--format", "csv", "-f", project).output
    assert "photo-001.jpg,source_image,EmptyImageError" in first, "what failed itself comes first"
    cells = json.loads(run("errors", "photos", "--format", "json", "-f", project).output)

    assert {(cell["row"], cell["column"], cell["error_class"]) for cell in cells} == {
        ("photo-001.jpg", "source_image", "EmptyImageError"),
        ("photo-001.jpg", "flipped", "InputFailedError"),
        ("photo-001.jpg", "width", "InputFailedError"),
    }
    messages = {cell["column"]: cell["error_message"] for cell in cells}
    assert "holds no bytes" in messages.pop("source_image")
    assert all("Made from 'source_image', which failed" in text for text in messages.values())
    assert not any("holds no bytes" in text for text in messages.values())


def test_the_title_counts_the_cells(project: Path, tmp_path: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    paths[1].write_bytes(b"")
    run("insert", "photos", tmp_path / "uploads", "-f", project)

    outcome = run("errors", "photos", "--limit", "1", "-f", project)

    assert "photos: 1 of 3 cells with an error" in outcome.output


def test_a_table_without_errors_or_rows_has_none(project: Path) -> None:
    outcome = run("errors", "photos", "--format", "json", "-f", project)

    assert outcome.exit_code == 0
    assert json.loads(outcome.output) == []
