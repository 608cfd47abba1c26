"""Partitions of uploads, of days, by a rule, and none; rows replaced across partitions."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner
from PIL import Image

from media_assets.build import build_defs
from media_assets.cli.main import cli
from media_assets.errors import DeclarationError, UploadError
from media_assets.io_manager import MediaIOManager
from media_assets.media_column import MediaColumn
from media_assets.partitioning import UNPARTITIONED
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import find_files
from media_assets.uploads.log import UploadLog
from media_assets.uploads.recording import RecordingResult
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog, insert, inserted, manifest, materialize
from media_assets_tests.steps import cells, made, run_step

FIRST_DAY = date(2025, 1, 1)
TINY = (4, 3)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def with_width(table: MediaTable) -> MediaTable:
    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    return table


def daily_table(folder: Path, name: str = "daily", **options: object) -> MediaTable:
    days = dg.DailyPartitionsDefinition(FIRST_DAY.isoformat())
    return with_width(
        MediaTable(name, uploads=f"{folder}/{{partition_key}}/", partitions=days, **options)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )


def by_camera(definition: dg.PartitionsDefinition) -> MediaTable:
    return with_width(
        MediaTable("cameras", partitions=definition, partition_of=lambda row: row.split("/")[0])
    )


def scan(table: MediaTable) -> RecordingResult:
    manager = MediaIOManager()
    return record(manager.installation, table, scan_uploads(manager.installation, table))


def insert_folder(table: MediaTable, folder: Path) -> RecordingResult:
    return record(MediaIOManager().installation, table, find_files([folder]))


def shown(table: str, *columns: str) -> list[tuple[object, ...]]:
    rows = catalog().sql(f'select {", ".join(("row", *columns))} from "{table}" order by row')  # noqa: S608
    plain = rows.astype(object).where(rows.notna(), None)
    return list(plain.itertuples(index=False, name=None))


def days(count: int) -> list[str]:
    return [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(count)]


def test_a_run_over_a_day_finds_that_days_uploads_by_itself(home: Path, tmp_path: Path) -> None:
    table = daily_table(tmp_path / "uploads")
    save_photo(tmp_path / "uploads/2025-01-01/a.png", size=(10, 8))
    save_photo(tmp_path / "uploads/2025-01-02/deep/a.png", size=(11, 8))

    first = cells(run_step(table, "2025-01-01"))
    second = cells(run_step(table, "2025-01-02"))

    assert list(first["width"]) == ["2025-01-01/a.png"]
    assert list(second["width"]) == ["2025-01-02/deep/a.png"]
    assert shown("daily", "partition", "width") == [
        ("2025-01-01/a.png", "2025-01-01", 10),
        ("2025-01-02/deep/a.png", "2025-01-02", 11),
    ]


def test_a_day_without_photos_is_a_partition_without_rows(home: Path, tmp_path: Path) -> None:
    table = daily_table(tmp_path / "uploads")

    outputs = run_step(table, "2025-02-03")

    assert cells(outputs) == {"source_image": {}, "width": {}}
    assert made(run_step(table, "2025-02-03")) == 0


def test_a_photo_that_comes_late_joins_its_day(home: Path, tmp_path: Path) -> None:
    table = daily_table(tmp_path / "uploads")
    save_photo(tmp_path / "uploads/2025-01-01/a.png")
    run_step(table, "2025-01-01")
    save_photo(tmp_path / "uploads/2025-01-01/b.png", seed=1)

    outputs = run_step(table, "2025-01-01")

    assert made(outputs) == 2, "a source and a value"
    assert sorted(cells(outputs)["width"]) == ["2025-01-01/a.png", "2025-01-01/b.png"]


def test_a_photo_replaced_in_its_day_is_made_again_there(home: Path, tmp_path: Path) -> None:
    table = daily_table(tmp_path / "uploads")
    path = save_photo(tmp_path / "uploads/2025-01-01/a.png", size=(10, 8))
    run_step(table, "2025-01-01")
    save_photo(path, size=(20, 8))

    run_step(table, "2025-01-01")

    assert shown("daily", "width") == [("2025-01-01/a.png", 20)]


def test_a_scan_takes_all_days_and_leaves_other_files_alone(home: Path, tmp_path: Path) -> None:
    table = daily_table(tmp_path / "uploads")
    for name in ("2025-01-01/a.png", "2025-01-02/b.png"):
        save_photo(tmp_path / "uploads" / name)
    for stray in ("2024-12-31/early.png", "2999-01-01/future.png", "misc/x.png", "cover.png"):
        save_photo(tmp_path / "uploads" / stray)

    found = scan_uploads(MediaIOManager().installation, table)
    recorded = scan(table)

    assert (recorded.new, found.left_alone.total) == (2, 4)
    assert recorded.partitions == ("2025-01-01", "2025-01-02")


@pytest.mark.parametrize(
    ("uploads", "pattern", "file"),
    [
        ("{partition_key}/", "%Y-%m-%d", "2025-03-04/a.png"),
        ("{partition_key}", "%Y-%m-%d", "2025-03-04/a.png"),
        ("{partition_key}/", "%Y/%m/%d", "2025/03/04/a.png"),
        ("{partition_key}/raw/", "%Y-%m-%d", "2025-03-04/raw/deep/a.png"),
        ("day-{partition_key}/", "%Y%m%d", "day-20250304/a.png"),
        ("{partition_key}/of-{partition_key}/", "%Y-%m-%d", "2025-03-04/of-2025-03-04/a.png"),
    ],
)
def test_the_key_may_be_anywhere_in_the_path_and_contain_slashes(
    home: Path, tmp_path: Path, uploads: str, pattern: str, file: str
) -> None:
    definition = dg.DailyPartitionsDefinition(FIRST_DAY.strftime(pattern), fmt=pattern)
    location = f"{tmp_path}/uploads/{uploads}"
    table = with_width(MediaTable("daily", uploads=location, partitions=definition))
    save_photo(tmp_path / "uploads" / file)
    save_photo(tmp_path / "uploads" / "2025-03-04/rawer/b.png")
    key = date(2025, 3, 4).strftime(pattern)

    by_scan = scan(table)
    by_run = cells(run_step(table, key))

    assert by_scan.partitions == (key,)
    assert file in by_run["width"]


def test_a_rule_says_which_partition_a_row_is_in(home: Path, tmp_path: Path) -> None:
    table = by_camera(dg.StaticPartitionsDefinition(["north", "south", "west"]))
    for name in ("north/a.png", "south/a.png", "north/b.png"):
        save_photo(tmp_path / "in" / name)

    recorded = insert_folder(table, tmp_path / "in")

    assert recorded.partitions == ("north", "south")
    assert sorted(cells(run_step(table, "north"))["width"]) == ["north/a.png", "north/b.png"]


def test_two_dimensions_are_partitions_like_others(home: Path, tmp_path: Path) -> None:
    definition = dg.MultiPartitionsDefinition(
        {
            "day": dg.DailyPartitionsDefinition("2025-01-01"),
            "camera": dg.StaticPartitionsDefinition(["north", "south"]),
        }
    )
    table = with_width(
        MediaTable(
            "cameras",
            partitions=definition,
            partition_of=lambda row: "|".join(reversed(row.split("/")[:2])),
        )
    )
    save_photo(tmp_path / "in/2025-01-02/north/a.png")

    (partition,) = insert_folder(table, tmp_path / "in").partitions
    run_step(table, partition)

    assert partition == "north|2025-01-02"
    assert shown("cameras", "partition") == [("2025-01-02/north/a.png", partition)]


def test_a_row_in_no_partition_is_refused_before_anything_is_recorded(
    home: Path, tmp_path: Path
) -> None:
    table = by_camera(dg.StaticPartitionsDefinition(["north"]))
    for name in ("north/a.png", "easst/a.png"):
        save_photo(tmp_path / "in" / name)

    with pytest.raises(
        UploadError, match=r"'easst/a.png' does not belong to a partition.*no 'easst'"
    ):
        insert_folder(table, tmp_path / "in")

    log = UploadLog(MediaIOManager().installation.catalog, "cameras")
    assert log.refresh().entry == 0


def test_a_photo_without_a_day_is_refused_with_an_example(home: Path, tmp_path: Path) -> None:
    path = save_photo(tmp_path / "photo.png")

    with pytest.raises(UploadError, match=r"--name, for example 2025-01-01/photo.jpg"):
        insert(daily_table(tmp_path / "uploads"), path)


def test_dynamic_partitions_are_created_with_their_rows(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = by_camera(dg.DynamicPartitionsDefinition(name="cameras_seen"))
    save_photo(tmp_path / "in/north/a.png", size=(10, 8))

    partition = inserted(instance, table, tmp_path / "in")
    result = materialize(instance, table, partition)

    assert result.success
    assert list(instance.get_dynamic_partitions("cameras_seen")) == ["north"]
    assert shown("cameras", "width") == [("north/a.png", 10)]


def test_a_table_without_partitions_lists_its_uploads_at_every_run(
    instance: dg.DagsterInstance, home: Path
) -> None:
    table = MediaTable("plain", partitions=None)

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    def run() -> None:
        job = build_defs([table]).resolve_implicit_global_asset_job_def()
        assert job.execute_in_process(instance=instance, run_config=QUIET).success

    save_photo(home / "uploads/plain/a.jpg")
    run()
    save_photo(home / "uploads/plain/deep/b.jpg", seed=1)
    run()

    assert shown("plain", "partition") == [("a.jpg", UNPARTITIONED), ("deep/b.jpg", UNPARTITIONED)]
    written = manifest(table, "flipped", UNPARTITIONED)
    assert written is not None
    assert "/plain/flipped/_/a-" in (written.records["a.jpg"].fileurl or "")


DAYS = dg.DailyPartitionsDefinition("2025-01-01")
DATED = "/data/{partition_key}/"


def rule(row: str) -> str:
    return row


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (
            lambda: MediaTable("t", partition_of=rule),
            "partitions of uploads, but also says which rows",
        ),
        (lambda: MediaTable("t", uploads=DATED), "names 'partition_key'.*no partitions"),
        (
            lambda: MediaTable("t", partitions=None, partition_of=rule),
            "has no partitions, but also says",
        ),
        (
            lambda: MediaTable("t", partitions=None, uploads=DATED),
            "names 'partition_key'.*no partitions",
        ),
        (lambda: MediaTable("t", partitions=DAYS), "not exactly one rule"),
        (lambda: MediaTable("t", partitions=DAYS, uploads="/data/"), "not exactly one rule"),
        (
            lambda: MediaTable("t", partitions=DAYS, uploads=DATED, partition_of=rule),
            "not exactly one rule",
        ),
    ],
)
def test_invalid_partitions_are_refused_with_an_example(
    declare: Callable[[], MediaTable], said: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"'t'.*{said}.*DailyPartitionsDefinition"):
        declare()


def batched(instance: dg.DagsterInstance, folder: Path) -> tuple[MediaTable, str, str]:
    """Two full partitions of two materialized rows each; a.png was then replaced, into a third."""
    table = with_width(MediaTable("photos", rows_per_partition=2))
    for number, name in enumerate(("a", "b", "c", "d")):
        save_photo(folder / f"{name}.png", size=(10 + number, 8))
    first, second = insert(table, folder)
    for partition in (first, second):
        run_step(table, partition)
    replacing = save_photo(folder / "a.png", size=(90, 8))
    return table, first, inserted(instance, table, replacing)


def column_over(
    table: MediaTable, instance: dg.DagsterInstance, partitions: list[str] | None
) -> MediaColumn:
    """Loads the column `width` like a downstream asset, over some partitions or all."""
    loaded: list[MediaColumn] = []
    mapping = dg.SpecificPartitionsPartitionMapping(partitions) if partitions else None
    key = table.asset_key("width")

    @dg.asset(ins={"widths": dg.AssetIn(key=key, partition_mapping=mapping)})
    def report(widths: MediaColumn) -> None:
        loaded.append(widths)

    defs = dg.Definitions.merge(build_defs([table]), dg.Definitions(assets=[report]))
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, asset_selection=[dg.AssetKey("report")], run_config=QUIET
    )
    assert result.success
    return loaded[0]


def test_the_newest_version_of_a_row_wins_across_batches(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table, _, third = batched(instance, tmp_path / "in")

    before = shown("photos", "width")
    run_step(table, third)

    assert before == [("a.png", None), ("b.png", 11), ("c.png", 12), ("d.png", 13)]
    assert shown("photos", "width", "partition")[0] == ("a.png", 90, third)


@pytest.mark.parametrize("is_run_again", [False, True])
def test_the_older_batch_shows_no_row_that_a_newer_one_replaced(
    instance: dg.DagsterInstance,
    tmp_path: Path,
    is_run_again: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    table, first, third = batched(instance, tmp_path / "in")
    run_step(table, third)
    if is_run_again:
        outputs = run_step(table, first)
        assert list(cells(outputs)["width"]) == ["b.png"]

    query = "select row, width from photos where partition = ?"
    assert catalog().sql(query, [first]).to_numpy().tolist() == [["b.png", 11]]
    files = 'select row from media_assets.files where partition = ? and "column" = ?'
    assert catalog().sql(files, [first, "source_image"])["row"].to_list() == ["b.png"]
    assert column_over(table, instance, [first]).value == {"b.png": 11}
    assert column_over(table, instance, [first, third]).value == {"a.png": 90, "b.png": 11}
    assert column_over(table, instance, None).value == {
        "a.png": 90,
        "b.png": 11,
        "c.png": 12,
        "d.png": 13,
    }


def test_a_replaced_row_stays_in_its_own_partition(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = by_camera(dg.StaticPartitionsDefinition(["north", "south"]))
    for number, name in enumerate(("north/a.png", "south/b.png")):
        save_photo(tmp_path / "in" / name, size=(10 + number, 8))
    for partition in insert_folder(table, tmp_path / "in").partitions:
        run_step(table, partition)
    save_photo(tmp_path / "in/north/a.png", size=(90, 8))

    recorded = insert_folder(table, tmp_path / "in")
    run_step(table, "north")

    assert (recorded.new, recorded.replaced, recorded.unchanged) == (0, 1, 1)
    assert shown("cameras", "width", "partition") == [
        ("north/a.png", 90, "north"),
        ("south/b.png", 11, "south"),
    ]


def test_a_hundred_days_are_backfilled(home: Path, tmp_path: Path) -> None:
    table = daily_table(tmp_path / "uploads")
    keys = days(100)
    content = save_photo(tmp_path / "tiny.png", size=TINY).read_bytes()
    for key in keys:
        folder = tmp_path / "uploads" / key
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(content)

    assert scan(table).partitions == tuple(keys)
    for key in keys:
        run_step(table, key)

    assert len(shown("daily", "width")) == 100
    count = "select count(*) as n, count(distinct partition) as days from media_assets.files"
    assert catalog().sql(count).to_numpy().tolist() == [[100, 100]]


def test_the_command_line_backfills_a_range_of_days(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = days(20)
    for key in keys:
        save_photo(tmp_path / "uploads" / key / "a.png", size=TINY)
    project = tmp_path / "days_of_a_year.py"
    project.write_text(PROJECT.replace("UPLOADS", str(tmp_path / "uploads")))
    monkeypatch.setattr(sys, "path", list(sys.path))
    named = ["materialize", "daily_days", "-f", str(project)]
    whole, weeks = f"{keys[0]}...{keys[-1]}", f"{keys[7]}...{keys[13]}"

    part = CliRunner().invoke(cli, [*named, "--partitions", weeks])
    all_days = CliRunner().invoke(cli, [*named, "--partitions", whole])
    stale = CliRunner().invoke(cli, [*named, "--partitions", "stale"])

    assert "Materialized 7 partitions of daily_days: 14 cells made" in part.output
    assert "Materialized 20 partitions of daily_days: 26 cells made, 14 reused" in all_days.output
    assert "Nothing to materialize" in stale.output
    with dg.DagsterInstance.get() as instance:
        done = instance.get_materialized_partitions(dg.AssetKey(["daily_days", "width"]))
    assert done == set(keys)


PROJECT = """
import dagster as dg
import media_assets as ma
from PIL import Image

days = ma.MediaTable(
    "daily_days",
    uploads="UPLOADS/{partition_key}/",
    partitions=dg.DailyPartitionsDefinition("2025-01-01"),
)


@days.computed_column()
def width(source_image: Image.Image) -> int:
    return source_image.width


defs = ma.build_defs([days])
"""
