"""`media-assets describe` and `media-assets status`."""

import json
from pathlib import Path

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos


def test_a_table_is_described_by_its_columns(project: Path, tmp_path: Path, home: Path) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")
    make(project, *paths)

    columns = json.loads(run("describe", "photos", "--format", "json", "-f", project).output)
    shown = run("describe", "photos", "-f", project).output

    assert [(c["name"], c["type"], c["inputs"]) for c in columns] == [
        ("source_image", "image", []),
        ("flipped", "image", ["source_image"]),
        ("width", "int", ["flipped"]),
    ]
    assert [(c["cells"], c["errors"], c["missing"]) for c in columns] == [(2, 1, 0)] * 3
    assert (columns[1]["formats"], columns[1]["decided_by"]) == (["JPEG"], "local storage")
    assert shown.startswith("photos: 3 rows in 1 partition, 1 with an error")
    assert str(home / "media" / "files") in shown


def test_columns_show_with_their_destination_before_anything_was_inserted(project: Path) -> None:
    columns = json.loads(run("describe", "photos", "--format", "json", "-f", project).output)

    assert [column["name"] for column in columns] == ["source_image", "flipped", "width"]
    assert columns[1]["decided_by"] == "local storage"
    assert columns[1]["destination"].endswith("/media/files/")


def test_the_status_is_a_line_per_table(project: Path, tmp_path: Path) -> None:
    (before,) = json.loads(run("status", "--format", "json", "-f", project).output)
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")
    make(project, *paths)
    (after,) = json.loads(run("status", "--format", "json", "-f", project).output)

    assert (before["rows"], before["last run"]) == (0, None)
    assert (after["table"], after["rows"], after["error rows"]) == ("photos", 3, 1)
    assert (after["missing cells"], after["partitions"], after["last run"]) == (0, 1, "a-run")


def test_a_column_added_later_is_missing_in_every_row(project: Path, tmp_path: Path) -> None:
    make(project, *save_photos(tmp_path / "uploads", 2))
    text = project.read_text().replace("defs =", "photos.computed_column(name='w2')(width)\ndefs =")
    project.write_text(text)

    (line,) = json.loads(run("status", "--format", "json", "-f", project).output)

    assert line["missing cells"] == 2
