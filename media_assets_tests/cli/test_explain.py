"""`media-assets explain`."""

import json
from pathlib import Path

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photo


def flipped(home: Path) -> Path:
    (path,) = home.glob("media/files/photos/flipped/*/*")
    return path


def test_a_file_is_explained_with_and_without_the_code(
    project: Path, home: Path, tmp_path: Path
) -> None:
    make(project, save_photo(tmp_path / "up" / "ä .jpg"))

    with_code = run("explain", flipped(home), "-f", project)
    without = run("explain", flipped(home))

    assert (with_code.exit_code, without.exit_code) == (0, 0)
    assert with_code.first_line == flipped(home).as_uri()
    assert "row           ä .jpg, in partition " in with_code.output
    assert "my_definitions.flipped (my_definitions.py:" in with_code.output
    assert with_code.output.endswith("read by       column width\n")
    assert "my_definitions" not in without.output
    assert "decided by local storage" in without.output
    assert "assets outside the table are not known without the definitions" in without.output


def test_programs_get_a_line_for_each_row(project: Path, home: Path, tmp_path: Path) -> None:
    path = save_photo(tmp_path / "up" / "a.jpg")
    make(project, path)

    (told,) = json.loads(run("explain", path, "--format", "json", "-f", project).output)
    lines = run("explain", path, "--format", "csv", "-f", project).output.splitlines()

    assert (told["table"], told["column"], told["row"]) == ("photos", "source_image", "a.jpg")
    assert told["upload"]["address"] == path.as_uri()
    assert lines[0].startswith("table,column,row,partition,state,")
    assert len(lines) == 2


def test_a_foreign_file_ends_with_1(project: Path, tmp_path: Path) -> None:
    make(project, save_photo(tmp_path / "up" / "a.jpg"))

    told = run("explain", tmp_path / "foreign.jpg")
    of_the_web = run("explain", "https://me:secret@host/a.jpg?token=hidden")

    assert (told.exit_code, told.output) == (1, "")
    assert "foreign.jpg is not a file of the catalog" in told.errors
    assert of_the_web.exit_code == 1
    assert "secret" not in of_the_web.errors
    assert "hidden" not in of_the_web.errors


def test_code_that_is_named_and_cannot_be_loaded_is_an_error(
    project: Path, home: Path, tmp_path: Path
) -> None:
    make(project, save_photo(tmp_path / "up" / "a.jpg"))

    told = run("explain", flipped(home), "-m", "no_such_module")

    assert told.exit_code == 1
    assert "no_such_module" in told.errors
