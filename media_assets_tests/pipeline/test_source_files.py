"""Facts of the source file: in functions without a decoded pixel, and kept in results."""

from pathlib import Path

import pytest
from PIL import Image

import media_assets as ma
from media_assets.components.media_table import ColumnModel, MediaTableComponent
from media_assets.errors import DeclarationError
from media_assets.images.source_file import SourceFile
from media_assets.records.manifests import Record
from media_assets.tables.table import MediaTable
from media_assets_tests.images.exif_files import (
    OF_A_CAMERA,
    exif_of,
    hostile_blocks,
    photo_with,
)
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.photos import save_photo
from media_assets_tests.pipeline import process_functions as functions
from media_assets_tests.pipeline.plans import content, plan_for, records_of, rows_of, run

KEPT = ("copyright", "taken_at")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(photo_with("JPEG", exif_of(OF_A_CAMERA)))
    return path


def cameras(*, keep: tuple[str, ...] = (), processes: bool = False) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column(code_version="1")
    def small(source_image: Image.Image) -> Image.Image:
        return source_image.resize((16, 12))

    kept = table.computed_column(code_version="1", keep_metadata=keep, processes=processes)
    kept(functions.smaller)
    table.computed_column(name="camera", processes=processes)(functions.camera_of)
    return table


def errors(records: dict[str, Record]) -> dict[str, str]:
    return {name: r.error_message or "" for name, r in records.items() if r.error_class}


def test_a_fact_alone_is_read_without_decoding_the_photo(photo: Path, tmp_path: Path) -> None:
    table = cameras()
    first = run(plan_for(table, tmp_path, columns=["camera"]), rows_of([photo]))["a.jpg"]
    whole = run(plan_for(table, tmp_path), rows_of([photo]))["a.jpg"]

    assert first.records["camera"].value == "Canon EOS R5"
    assert first.decodes == 0
    assert (whole.records["camera"].value, whole.decodes) == ("Canon EOS R5", 1)


def test_another_photo_makes_its_facts_again_and_the_same_one_does_not(
    photo: Path, tmp_path: Path
) -> None:
    first = records_of(run(plan_for(cameras(), tmp_path), rows_of([photo])))
    again = run(plan_for(cameras(), tmp_path), rows_of([photo], first))["a.jpg"]
    photo.write_bytes(photo_with("JPEG", exif_of({0x0110: "Nikon Z8"})))

    changed = run(plan_for(cameras(), tmp_path), rows_of([photo], first))["a.jpg"]

    assert again.reused == {"source_image", "small", "smaller", "camera"}
    assert changed.records["camera"].value == "Nikon Z8"


def test_broken_facts_cost_no_row(tmp_path: Path) -> None:
    paths: list[Path] = []
    for number, block in enumerate(hostile_blocks().values()):
        paths.append(tmp_path / f"{number}.jpg")
        paths[-1].write_bytes(photo_with("JPEG", block))

    made = records_of(run(plan_for(cameras(keep=KEPT), tmp_path / "out"), rows_of(paths)))

    assert [errors(cells) for cells in made.values() if errors(cells)] == []
    assert {cells["camera"].value for cells in made.values()} <= {None, "Canon EOS R5", "x"}


def test_batches_and_processes_get_the_same_facts(photo: Path, tmp_path: Path) -> None:
    table = cameras(processes=True, keep=KEPT)

    @table.computed_column(batch_size=4)
    def names(source: list[SourceFile], row: list[str]) -> list[str]:
        return [f"{each.name} of {name}" for each, name in zip(source, row, strict=True)]

    table.computed_column(processes=True)(functions.bordered)

    made = run(plan_for(table, tmp_path), rows_of([photo]))["a.jpg"].records
    within = run(plan_for(cameras(keep=KEPT), tmp_path), rows_of([photo]))["a.jpg"].records

    assert errors(made) == {}
    assert (made["camera"].value, made["names"].value) == ("Canon EOS R5", "a.jpg of a.jpg")
    assert made["bordered"].format == "JPEG"
    assert made["smaller"].digest == within["smaller"].digest


def test_tables_of_other_media_tell_name_and_size(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(make_pdf())
    papers = MediaTable("papers", media=ma.Document)

    @papers.computed_column()
    def told(source: ma.SourceFile) -> str:
        return f"{source.name}, {source.size_bytes} bytes, {source.camera_model}"

    made = run(plan_for(papers, tmp_path, columns=["told"]), rows_of([path]))["paper.pdf"]

    assert made.records["told"].value == f"paper.pdf, {path.stat().st_size} bytes, None"


def test_a_result_keeps_what_its_column_names_even_through_other_columns(
    photo: Path, tmp_path: Path
) -> None:
    plain = run(plan_for(cameras(), tmp_path / "a"), rows_of([photo]))["a.jpg"].records
    kept = run(plan_for(cameras(keep=KEPT), tmp_path / "b"), rows_of([photo]))["a.jpg"].records

    found = SourceFile.of(content(kept["smaller"]), "/a.jpg")

    assert found.copyright == "(c) Ann Other"
    assert found.taken_at == SourceFile.of(photo.read_bytes(), "/a.jpg").taken_at
    assert (found.latitude, found.camera_model, found.orientation) == (None, None, None)
    assert SourceFile.of(content(plain["smaller"]), "/a.jpg").copyright is None
    assert kept["small"].digest == plain["small"].digest


def test_keeping_other_facts_makes_that_column_again_and_no_other(
    photo: Path, tmp_path: Path
) -> None:
    first = records_of(run(plan_for(cameras(), tmp_path), rows_of([photo])))

    second = run(plan_for(cameras(keep=KEPT), tmp_path), rows_of([photo], first))["a.jpg"]
    third = run(
        plan_for(cameras(keep=KEPT[::-1]), tmp_path),
        rows_of([photo], {"a.jpg": second.records}),
    )["a.jpg"]

    assert second.reused == {"source_image", "small", "camera"}
    assert second.decodes == 0
    assert third.reused == {"source_image", "small", "smaller", "camera"}


def test_the_source_file_is_no_column_and_has_a_name_of_its_own() -> None:
    table = cameras()

    @table.computed_column()
    def wrong(small: ma.SourceFile) -> str:
        return small.name

    with pytest.raises(DeclarationError, match=r"'small'.*`ma.SourceFile`.*names a column"):
        _ = table.columns


def test_a_value_keeps_no_metadata() -> None:
    with pytest.raises(DeclarationError, match="keep_metadata="):
        MediaTable("photos").computed_column(keep_metadata=["artist"])(functions.camera_of)


def test_a_column_in_yaml_keeps_the_same_facts() -> None:
    column = ColumnModel(
        transform="thumbnail", options={"size": [8, 8]}, keep_metadata=["taken_at"]
    )
    built = MediaTableComponent(name="photos", columns=[column]).table()

    (thumbnail,) = built.computed_columns

    assert thumbnail.encoding is not None
    assert thumbnail.encoding.keep_metadata == ("taken_at",)
    assert thumbnail.reads == ("source_image",)


def test_an_older_column_without_these_options_keeps_its_version(tmp_path: Path) -> None:
    made = run(plan_for(cameras(), tmp_path), rows_of([save_photo(tmp_path / "b.png")]))

    assert made["b.png"].records["small"].code_version == "1"
