"""A column's asset checks, with the column and on their own."""

import logging
from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.build import build_defs
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.io_manager import MediaIOManager
from media_assets.records.stale_marks import is_marked
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.check_results import check_stored_files
from media_assets.tables.checks import FILES_EXIST, NO_ERROR_ROWS, UP_TO_DATE, check_specs
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import insert, inserted, manifest, materialize
from media_assets_tests.steps import run_step

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


@pytest.fixture
def photos(home: Path) -> MediaTable:
    table = MediaTable("photos", severe_error_share=0.5)

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    @table.computed_column(code_version="1")
    def width(flipped: Image.Image) -> int:
        return flipped.width

    return table


def made(table: MediaTable, *paths: Path) -> str:
    """Makes all columns of files, without a Dagster run, and returns their partition."""
    (partition,) = insert(table, *paths)
    run_step(table, partition)
    return partition


def evaluate(table: MediaTable, columns: Iterable[str]) -> bool:
    """Evaluates the checks of columns in all partitions; returns whether the table is marked."""
    installation = MediaIOManager().installation
    checks = [spec.key for spec in check_specs(table) if spec.asset_key.path[-1] in columns]
    versions = AssetVersions(dg.DagsterInstance.ephemeral)
    assert list(check_stored_files(installation, table, checks, versions))
    return is_marked(installation.catalog, table.name)


def check_alone(
    instance: dg.DagsterInstance, table: MediaTable, column: str, name: str
) -> dict[str | None, dg.AssetCheckEvaluation]:
    """Runs one check on its own, without partition and column; returns the result by partition."""
    key = dg.AssetCheckKey(table.asset_key(column), name)
    job = dg.define_asset_job("checks", selection=dg.AssetSelection.checks(key))
    own = dg.Definitions(jobs=[job])
    defs = dg.Definitions.merge(build_defs([table]), own)
    result = defs.resolve_job_def("checks").execute_in_process(
        instance=instance,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    return {one.partition: one for one in result.get_asset_check_evaluations()}


def checked_alone(
    instance: dg.DagsterInstance, table: MediaTable, column: str, name: str
) -> dg.AssetCheckEvaluation:
    """Runs one check of a table with one partition on its own."""
    (evaluation,) = check_alone(instance, table, column, name).values()
    return evaluation


def failing_rows(evaluation: dg.AssetCheckEvaluation) -> list[dict[str, object]]:
    shown = evaluation.metadata[metadata.FAILING_ROWS]
    assert isinstance(shown, dg.TableMetadataValue)
    return [dict(record.data) for record in shown.records]


def by_name(
    evaluations: Iterable[dg.AssetCheckEvaluation],
) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    return {(e.asset_key.path[-1], e.check_name): e for e in evaluations}


def test_every_column_has_its_checks_under_stable_names(photos: MediaTable) -> None:
    assert [(spec.asset_key.path[-1], spec.name) for spec in check_specs(photos)] == [
        ("source_image", "files_exist"),
        ("source_image", "no_error_rows"),
        ("source_image", "up_to_date"),
        ("flipped", "files_exist"),
        ("flipped", "no_error_rows"),
        ("flipped", "up_to_date"),
        ("width", "no_error_rows"),
        ("width", "up_to_date"),
    ]


def test_a_run_evaluates_the_checks_of_its_columns_and_no_others(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, *save_photos(tmp_path / "uploads", 3))

    whole = materialize(instance, photos, partition)
    single = materialize(instance, photos, partition, columns=["flipped"])

    assert len(whole.get_asset_check_evaluations()) == 8
    found = by_name(single.get_asset_check_evaluations())
    assert sorted(found) == [
        ("flipped", FILES_EXIST),
        ("flipped", NO_ERROR_ROWS),
        ("flipped", UP_TO_DATE),
    ]
    assert all(evaluation.passed for evaluation in found.values())
    assert f"partition {partition}" in (found["flipped", FILES_EXIST].description or "")


@pytest.mark.parametrize(("broken", "severity"), [(1, WARN), (3, ERROR)])
def test_few_error_rows_are_a_warning_and_many_an_error(
    photos: MediaTable,
    instance: dg.DagsterInstance,
    tmp_path: Path,
    broken: int,
    severity: dg.AssetCheckSeverity,
) -> None:
    paths = save_photos(tmp_path / "uploads", 4)
    for path in paths[:broken]:
        path.write_bytes(b"no image")
    partition = inserted(instance, photos, *paths)

    result = materialize(instance, photos, partition)
    in_step = by_name(result.get_asset_check_evaluations())["source_image", NO_ERROR_ROWS]
    alone = checked_alone(instance, photos, "source_image", NO_ERROR_ROWS)

    assert result.success
    for evaluation in (in_step, alone):
        assert (evaluation.passed, evaluation.severity) == (False, severity)
        rows = failing_rows(evaluation)
        assert [row["row"] for row in rows] == [path.name for path in paths[:broken]]
        told = [str(row["error"]).partition(": ") for row in rows]
        assert {name for name, _, _ in told} == {"UnsupportedImageError"}
        assert all(message.strip() for _, _, message in told)
        has = "has an error" if broken == 1 else "have an error"
        assert evaluation.description == f"{broken} of 4 rows in partition {partition} {has}."
        assert evaluation.partition == partition


def test_a_column_whose_input_failed_says_so_and_passes(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[0].write_bytes(b"no image")
    partition = inserted(instance, photos, *paths)

    result = materialize(instance, photos, partition)

    checks = by_name(result.get_asset_check_evaluations())
    passed = {column: checks[column, NO_ERROR_ROWS].passed for column in ("flipped", "width")}
    assert not checks["source_image", NO_ERROR_ROWS].passed
    assert passed == {"flipped": True, "width": True}
    width = checks["width", NO_ERROR_ROWS]
    assert "1 more only because an input has one" in (width.description or "")
    assert width.metadata[metadata.INHERITED_ERRORS].value == 1


def test_one_partitions_result_leaves_anothers_as_it_is(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    table = MediaTable("photos", rows_per_partition=1)
    first = inserted(instance, table, broken)
    second = inserted(instance, table, *save_photos(tmp_path / "uploads", 1))

    materialize(instance, table, first)
    materialize(instance, table, second)

    key = dg.AssetCheckKey(table.asset_key("source_image"), NO_ERROR_ROWS)
    alone = check_alone(instance, table, "source_image", NO_ERROR_ROWS)
    assert {p: one.passed for p, one in alone.items()} == {first: False, second: True}
    spec = next(spec for spec in check_specs(table) if spec.key == key)
    assert spec.partitions_def == table.partitioning.definition


def test_alone_it_looks_at_the_stored_files_of_every_partition(
    instance: dg.DagsterInstance, home: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos", rows_per_partition=2)

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    first, second = save_photos(tmp_path / "uploads", 3)[:2], tmp_path / "uploads/photo-002.jpg"
    partitions = [made(table, *first), made(table, second)]
    sound = check_alone(instance, table, "flipped", FILES_EXIST)
    for stored in (home / "media" / "files").rglob("photo-002*"):
        stored.unlink()

    broken = check_alone(instance, table, "flipped", FILES_EXIST)

    assert [one.passed for one in sound.values()] == [True, True]
    assert "2 files checked in partition" in (sound[partitions[0]].description or "")
    assert broken[partitions[0]].passed
    assert (broken[partitions[1]].passed, broken[partitions[1]].severity) == (False, ERROR)
    left = manifest(table, "flipped", partitions[1])
    assert left is not None
    fileurl = left.records["photo-002.jpg"].fileurl
    assert failing_rows(broken[partitions[1]]) == [
        {"row": "photo-002.jpg", "problem": "missing", "fileurl": fileurl}
    ]


def test_a_source_that_is_gone_is_a_warning(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 2)
    made(photos, *paths)
    paths[0].unlink()

    evaluation = checked_alone(instance, photos, "source_image", FILES_EXIST)

    assert (evaluation.passed, evaluation.severity) == (False, WARN)
    assert "1 source is missing" in (evaluation.description or "")


def test_of_many_failing_rows_the_first_ten_are_named(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    made(photos, *save_photos(tmp_path / "u", 12))
    for stored in Path(MediaIOManager().installation.home.local_storage).rglob("*.jpg"):
        stored.unlink()

    evaluation = checked_alone(instance, photos, "flipped", FILES_EXIST)

    assert len(failing_rows(evaluation)) == 10
    assert "12 do not match the record" in (evaluation.description or "")


def test_a_user_defined_check_sees_every_row_and_names_failing_ones(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    @photos.check(severity=ERROR)
    def wide_enough(width: int, flipped: Image.Image, row: str) -> bool:
        """Photos are wide."""
        assert row.startswith("photo") or row == "narrow.jpg"
        return width > 20 and flipped.width == width

    paths = [*save_photos(tmp_path / "u", 2), save_photo(tmp_path / "narrow.jpg", size=(10, 40))]
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    partition = inserted(instance, photos, *paths, broken)

    result = materialize(instance, photos, partition)
    in_step = by_name(result.get_asset_check_evaluations())["width", "wide_enough"]
    alone = checked_alone(instance, photos, "width", "wide_enough")

    assert result.success
    for evaluation in (in_step, alone):
        assert (evaluation.passed, evaluation.severity) == (False, ERROR)
        assert evaluation.description == f"1 of 3 rows in partition {partition} fail."
        assert failing_rows(evaluation) == [
            {"row": "narrow.jpg", "width": "10", "problem": "wide_enough returned False"}
        ]
    (spec,) = [spec for spec in check_specs(photos) if spec.name == "wide_enough"]
    assert spec.asset_key.path[-1] == "width"
    assert spec.description == "Photos are wide."


def test_a_row_for_which_a_check_raises_fails_with_what_it_said(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    @photos.check(name="even")
    def check(width: int) -> bool:
        raise ValueError(width)

    partition = inserted(instance, photos, *save_photos(tmp_path / "u", 1))

    result = materialize(instance, photos, partition)

    evaluation = by_name(result.get_asset_check_evaluations())["width", "even"]
    assert (evaluation.passed, evaluation.severity) == (False, WARN)
    assert str(failing_rows(evaluation)[0]["problem"]).startswith("ValueError: ")


def materialize_with_a_later_step(
    instance: dg.DagsterInstance, photos: MediaTable, partition: str
) -> dg.ExecuteInProcessResult:
    """Runs the table, and an asset that reads its uploads."""

    @dg.asset(deps=[["photos", "source_image"]])
    def after() -> None: ...

    defs = dg.Definitions.merge(build_defs([photos]), dg.Definitions(assets=[after]))
    return defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        partition_key=partition,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )


def test_a_failed_blocking_check_stops_later_steps_but_no_column(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    @photos.check(severity=ERROR, blocking=True)
    def never(source_image: Image.Image) -> bool:
        return source_image.width < 0

    partition = inserted(instance, photos, *save_photos(tmp_path / "u", 1))

    result = materialize_with_a_later_step(instance, photos, partition)

    made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert made == {photos.asset_key(c) for c in ("source_image", "flipped", "width")}
    assert not result.success


def test_only_a_check_that_blocks_is_an_output_too_and_later_steps_wait_for_it(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    @photos.check(severity=ERROR, blocking=True)
    def is_wide(source_image: Image.Image) -> bool:
        return source_image.width > 0

    partition = inserted(instance, photos, *save_photos(tmp_path / "u", 1))

    result = materialize_with_a_later_step(instance, photos, partition)

    assert result.success
    events = [event for event in result.all_events if event.step_key == "photos"]
    outputs = {e.step_output_data.output_name for e in events if e.is_successful_output}
    (checked,) = (name for name in outputs if name.endswith("is_wide"))
    materialized = result.get_asset_materialization_events()
    assert outputs - {checked} == {f"photos__{column.name}" for column in photos.columns}
    assert dg.AssetKey("after") in {event.asset_key for event in materialized}
    newest = {
        key: instance.fetch_materializations(
            dg.AssetRecordsFilter(key, asset_partitions=[partition]), limit=1
        ).records[0]
        for key in map(photos.asset_key, [column.name for column in photos.columns])
    }
    for evaluation in result.get_asset_check_evaluations():
        target = evaluation.target_materialization_data
        assert target is not None
        assert target.storage_id == newest[evaluation.asset_key].storage_id


@pytest.mark.parametrize("number", range(4))
def test_checks_that_cannot_be_called_row_by_row_are_refused(number: int) -> None:
    def returns_no_bool(source_image: Image.Image) -> int:
        return source_image.width

    def takes_the_log(source_image: Image.Image, log: logging.Logger) -> bool:
        return bool(source_image and log)

    def files_exist(source_image: Image.Image) -> bool:
        return bool(source_image)

    def reads_no_column(depth: int) -> bool:
        return bool(depth)

    table = MediaTable("photos")
    functions = [returns_no_bool, takes_the_log, files_exist, reads_no_column]

    def declared() -> None:
        table.check()(functions[number])  # pyright: ignore[reportArgumentType]
        check_specs(table)

    with pytest.raises((DeclarationError, UnknownNameError)):
        declared()


def test_an_edited_function_makes_cells_stale_unless_undecodable(
    photos: MediaTable, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"no image")
    partition = inserted(instance, photos, *paths)
    materialize(instance, photos, partition)
    edited = MediaTable("photos")

    @edited.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    @edited.computed_column(code_version="2")
    def width(flipped: Image.Image) -> int:
        return 2 * flipped.width

    before = checked_alone(instance, photos, "width", UP_TO_DATE)
    after = checked_alone(instance, edited, "width", UP_TO_DATE)

    assert (before.passed, before.description) == (
        True,
        f"0 of 3 cells in partition {partition} are stale.",
    )
    assert metadata.FAILING_ROWS not in before.metadata
    assert (after.passed, after.severity) == (False, WARN)
    assert after.description == (
        f"2 of 3 cells in partition {partition} are stale: 2 code changed."
    )
    assert failing_rows(after) == [
        {"row": f"photo-00{n}.jpg", "reason": "code changed"} for n in (0, 2)
    ]


def test_a_table_is_marked_from_an_evaluation_that_finds_stale_cells_to_a_whole_one_that_finds_none(
    photos: MediaTable, tmp_path: Path
) -> None:
    everything = ["source_image", "flipped", "width"]
    partition = made(photos, *save_photos(tmp_path / "uploads", 1))
    after_the_run = evaluate(photos, everything)
    edited = MediaTable("photos")

    @edited.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    @edited.computed_column(code_version="2")
    def width(flipped: Image.Image) -> int:
        return flipped.width

    of_another_column = evaluate(edited, ["flipped"])
    found = evaluate(edited, ["width"])
    later_of_another_column = evaluate(edited, ["flipped"])
    run_step(edited, partition)
    of_the_column = evaluate(edited, ["width"])
    whole = evaluate(edited, everything)

    assert (after_the_run, of_another_column, found) == (False, False, True)
    assert (later_of_another_column, of_the_column, whole) == (True, True, False)
