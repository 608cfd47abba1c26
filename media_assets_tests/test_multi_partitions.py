"""Tables with two dimensions: runs, ranges, scans, inserts, the sensor and the command line."""

from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.build import build_defs
from media_assets.destinations import parse_destination
from media_assets.errors import UploadError
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.uploads.log import UploadLog
from media_assets_tests.automation.deployment import deployed
from media_assets_tests.automation.sensors import Ticker
from media_assets_tests.cli.verbs import Outcome, run
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog, globals_of_run, inserted, manifest, materialize

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-02-01")
CAMERAS = ["north", "a/b", "50% süd?#"]
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def by_camera(uploads: str, cameras: dg.PartitionsDefinition | None = None) -> MediaTable:
    table = MediaTable(
        "photos",
        uploads=f"{uploads}/{{day}}/{{cam}}/",
        partitions=dg.MultiPartitionsDefinition(
            {"day": DAYS, "cam": cameras or dg.StaticPartitionsDefinition(CAMERAS)}
        ),
    )

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


def rows() -> dict[str, str]:
    """The partition of each row that was made."""
    made = catalog().sql("select row, partition from photos where flipped is not null order by 1")
    return dict(made.itertuples(index=False, name=None))


@pytest.fixture(params=["local", "s3", "azure"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty folder, or a prefix of a bucket."""
    if request.param == "local":
        return str(tmp_path / "place")
    server = request.getfixturevalue(f"{request.param}_environment")
    name = f"multi-{uuid4().hex}"
    if request.param == "azure":
        return f"az://{server.make_container(name)}/place"
    return f"s3://{server.make_bucket(name)}/place"


def put(place: str, *names: str) -> None:
    for seed, name in enumerate(names):
        folder = parse_destination(f"{place}/in/")
        Storage().open(folder).put(folder.key(name), jpeg(seed), content_type="image/jpeg")


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_run_lists_its_own_folder_and_keeps_its_records_in_every_storage(
    place: str, camera: str, home: Path, instance: dg.DagsterInstance
) -> None:
    mine = f"2026-01-02/{camera}/deep/a.jpg"
    put(place, mine, f"2026-01-03/{camera}/b.jpg", "2026-01-02/west/c.jpg", "2026-01-02/d.jpg")
    manager = MediaIOManager(catalog=f"{place}/catalog/")
    table, partition = by_camera(f"{place}/in"), f"{camera}|2026-01-02"

    result = materialize(
        instance,
        table,
        partition,
        manager=manager,
        run_config=globals_of_run(output_media_dest=f"{place}/out/"),
    )
    again = materialize(instance, table, partition, manager=manager)

    assert result.success
    assert again.success
    log = UploadLog(manager.installation.catalog, "photos")
    log.refresh()
    assert list(log.live_rows(partition)) == [mine]
    found = scan_uploads(manager.installation, table)
    scanned = record(manager.installation, table, found)
    assert (found.left_alone.total, scanned.unchanged, scanned.new) == (2, 1, 1)
    assert set(scanned.partitions) == {partition, f"{camera}|2026-01-03"}
    (event,) = [
        e
        for e in again.get_asset_materialization_events()
        if e.asset_key == table.asset_key("flipped")
    ]
    assert event.partition == partition
    assert event.materialization.metadata[metadata.ROWS].value == 1


def test_scan_insert_and_sensor_agree_with_runs_on_the_partition(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = by_camera(str(tmp_path / "in"))
    save_photo(tmp_path / "in/2026-01-02/north/a.jpg", seed=1)
    save_photo(tmp_path / "in/2026-01-02/west/beside.jpg", seed=2)
    ticker = Ticker(instance, table)
    ticker.tick()

    look, requests = ticker.tick()
    save_photo(tmp_path / "card/2026-01-03/a/b/c.jpg", seed=3)
    by_name = inserted(instance, table, tmp_path / "card")

    assert [request.partition_key for request in requests] == ["north|2026-01-02"]
    assert look.misplaced == ["2026-01-02/west/beside.jpg"]
    assert by_name == "a/b|2026-01-03"


def test_cameras_that_dagster_does_not_know_yet_come_to_be_with_their_rows(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = by_camera(str(tmp_path / "in"), dg.DynamicPartitionsDefinition(name="cams"))
    save_photo(tmp_path / "in/2026-01-02/new/a.jpg")
    ticker = Ticker(instance, table)
    ticker.tick()

    _, (request,) = ticker.tick()

    assert list(instance.get_dynamic_partitions("cams")) == ["new"]
    assert materialize(instance, table, str(request.partition_key)).success
    assert rows() == {"2026-01-02/new/a.jpg": "new|2026-01-02"}
    instance.add_dynamic_partitions("cams", ["new/deep"])
    refused = materialize(instance, table, "new/deep|2026-01-02")
    (failed,) = [e.step_failure_data for e in refused.all_events if e.is_step_failure]
    assert "has no folder of its own" in str(failed.error)
    assert UploadError.__name__ in str(failed.error)


def test_a_range_is_one_in_each_dimension(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = by_camera(str(tmp_path / "in"), dg.StaticPartitionsDefinition(["a", "b", "c"]))
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        for camera in "abc":
            save_photo(tmp_path / "in" / day / camera / "p.jpg", seed=ord(camera))

    result = (
        build_defs([table])
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[table.asset_key(column.name) for column in table.columns],
            tags={
                "dagster/asset_partition_range_start": "a|2026-01-01",
                "dagster/asset_partition_range_end": "b|2026-01-02",
            },
            run_config=QUIET,
        )
    )

    assert result.success
    made = {f"{camera}|2026-01-0{day}" for camera in "ab" for day in (1, 2)}
    assert set(rows().values()) == made
    assert instance.get_materialized_partitions(table.asset_key("flipped")) == made
    stored = manifest(table, "flipped", "b|2026-01-02")
    assert stored is not None
    assert len(stored.records) == 1


PROJECT = """
import dagster as dg
import media_assets as ma
from PIL import Image

photos = ma.MediaTable(
    "photos",
    uploads={uploads!r} + "/{{size}}/{{cam}}/",
    partitions=dg.MultiPartitionsDefinition(
        {{
            "size": dg.StaticPartitionsDefinition(["s", "m", "l"]),
            "cam": dg.StaticPartitionsDefinition(["north", "south west"]),
        }}
    ),
    backfill_policy=dg.BackfillPolicy.single_run(),
)


@photos.computed_column()
def width(source_image: Image.Image) -> int:
    return source_image.width


defs = ma.build_defs([photos])
"""


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    """Two lists of keys, with a photo for each pair except one."""
    for size in "sml":
        for camera in ("north", "south west"):
            if (size, camera) != ("l", "north"):
                save_photo(tmp_path / "in" / size / camera / "p.jpg", seed=ord(size))
    path = tmp_path / "sizes.py"
    path.write_text(PROJECT.format(uploads=str(tmp_path / "in")))
    return path


def partitions_of(outcome: Outcome) -> list[str]:
    assert outcome.exit_code == 0, outcome.errors
    return [line.partition(":")[0] for line in outcome.output.splitlines()[:-1]]


def test_the_command_line_takes_keys_of_two_dimensions(project: Path, tmp_path: Path) -> None:
    def made(*partitions: str) -> list[str]:
        options = [part for one in partitions for part in ("--partitions", one)]
        return partitions_of(run("materialize", "photos", *options, "-f", project))

    dry = run("materialize", "photos", "--partitions", "north|s", "--dry-run", "-f", project)
    assert "Would make 0 cells" in dry.output
    assert made("north|s...south west|m") == [
        "north|s",
        "north|m",
        "south west|s",
        "south west|m",
    ]
    assert made("south west|l, north|m", "north|s") == ["north|m", "south west|l", "north|s"]
    assert made("missing") == []
    refused = run("materialize", "photos", "--partitions", "north|xl", "-f", project)
    assert "There is no partition 'north|xl'" in refused.errors
    assert "south west|m" in refused.errors
    save_photo(tmp_path / "in/l/north/late.jpg")
    late = str(tmp_path / "in/l/north/late.jpg")
    assert "Inserted 1 row " in run("insert", "photos", late, "-f", project).output
    folder = f"{tmp_path}/in/l/north/"
    assert "1 unchanged" in run("insert", "photos", folder, "-f", project).output
    shown = run("show", "photos", "-f", project).output
    assert "l/north/late.jpg" in shown
    assert "6" in run("status", "-f", project).output
    dry = run("materialize", "photos", "--partitions", "north|l", "--dry-run", "-f", project)
    assert "north|l" in dry.output
    assert "reuse 2" in dry.output


@pytest.mark.deployment
@pytest.mark.timeout(600)
def test_a_backfill_makes_the_keys_that_were_chosen_and_no_others(
    project: Path, home: Path, instance: dg.DagsterInstance
) -> None:
    chosen = ["north|s", "south west|m", "south west|l"]

    with deployed(home, definitions=project.read_text()) as deployment:
        backfill = deployment.backfill(["source_image", "width"], chosen)
        deployment.wait(lambda: deployment.backfill_status(backfill) == "COMPLETED_SUCCESS")
        counts = deployment.partition_counts("width")

    assert (counts["numMaterialized"], counts["numFailed"], counts["numPartitions"]) == (3, 0, 6)
    assert instance.get_materialized_partitions(dg.AssetKey(["photos", "width"])) == set(chosen)
    made = catalog().sql("select partition from photos where width is not null")
    assert sorted(made["partition"]) == sorted(chosen)
