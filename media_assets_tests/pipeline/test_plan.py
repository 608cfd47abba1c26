"""Which cells of a row are made, and which are kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.pipeline.plans import content, plan_for, records_of, rows_of, run


def test_a_cell_that_is_right_is_reused_without_touching_the_source(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    path = save_photo(tmp_path / "a.jpg")
    first = run(plan_for(photos, tmp_path / "out"), rows_of([path]))["a.jpg"]
    known = {name: record for name, record in first.records.items() if name != "red"}
    again = rows_of([path], {"a.jpg": known})
    path.unlink()
    calls.clear()

    second = run(plan_for(photos, tmp_path / "out"), again)["a.jpg"]

    assert calls == ["red"]
    assert second.reused == {"source_image", "flipped", "small", "is_red"}
    assert second.decodes == 0
    assert second.records["red"].value == first.records["red"].value


def test_force_makes_every_cell_again(photos: MediaTable, tmp_path: Path, calls: list[str]) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    calls.clear()

    rows = rows_of(paths, records_of(first))
    forced = run(plan_for(photos, tmp_path / "out", force=True), rows)["a.jpg"]

    assert calls == ["flipped", "small", "red", "is_red"]
    assert forced.reused == set()
    assert forced.decodes == 1


def test_changed_code_remakes_a_cell_and_its_readers_only_if_it_differs(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = records_of(run(plan_for(photos, tmp_path / "out"), rows_of(paths)))
    first["a.jpg"]["flipped"] = replace(first["a.jpg"]["flipped"], code_version="older code")
    calls.clear()

    again = run(plan_for(photos, tmp_path / "out"), rows_of(paths, first))["a.jpg"]

    assert calls == ["flipped"]
    assert again.reused == {"source_image", "small", "red", "is_red"}


@pytest.mark.parametrize("new_place", ["{tmp_path}/elsewhere", "memory://moved/elsewhere"])
def test_a_cell_whose_destination_alone_changed_is_copied_and_not_computed(
    photos: MediaTable, tmp_path: Path, calls: list[str], new_place: str
) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    rows = rows_of(paths, records_of(first))
    calls.clear()
    paths[0].unlink()

    moved = run(plan_for(photos, new_place.format(tmp_path=tmp_path)), rows)["a.jpg"]

    assert calls == []
    assert moved.reused == {"source_image", "red", "is_red"}
    for name in ("flipped", "small"):
        before, after = first["a.jpg"].records[name], moved.records[name]
        assert before.fileurl != after.fileurl
        assert "elsewhere" in (after.fileurl or "")
        assert content(before) == content(after)


def test_a_cell_whose_file_is_missing_is_remade_at_the_new_destination(
    photos: MediaTable, tmp_path: Path, calls: list[str]
) -> None:
    paths = [save_photo(tmp_path / "a.jpg")]
    first = run(plan_for(photos, tmp_path / "out"), rows_of(paths))
    old = first["a.jpg"].records["flipped"]
    Path((old.fileurl or "").removeprefix("file://")).unlink()
    calls.clear()

    rows = rows_of(paths, records_of(first))
    moved = run(plan_for(photos, tmp_path / "new", columns=["flipped"]), rows)["a.jpg"]

    assert calls == ["flipped"]
    assert moved.records["flipped"].digest == old.digest
