"""Values of outside assets as parameters of row functions, in real runs."""

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Lock

import dagster as dg
import pytest
from PIL import Image

from media_assets.build import build_defs
from media_assets.columns import ComputedColumn
from media_assets.errors import DeclarationError
from media_assets.io_manager import MediaIOManager
from media_assets.media_column import MediaColumn
from media_assets.pipeline.reuse import input_digest
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.assets import table_assets
from media_assets.tables.checks import UP_TO_DATE
from media_assets.tables.staleness import Reason, stale_columns
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests import priced_location as location
from media_assets_tests.cli import verbs
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert, inserted, manifest

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
PRICED = ("price", "batch_price", "process_price")
Pricing = Callable[[int, str], None]
Runner = Callable[[str], bool]


@pytest.fixture
def pricing(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Pricing:
    """Materializes the price list with a price per pixel, and a data version."""
    file = tmp_path / "prices.json"
    monkeypatch.setenv(location.FILE, str(file))

    def materialize(price: int, version: str) -> None:
        file.write_text(json.dumps({"prices": {"pixel": price}, "version": version}))
        job = location.defs.resolve_job_def("prices_alone")
        assert job.execute_in_process(instance=instance, run_config=QUIET).success

    return materialize


@pytest.fixture
def partition(instance: dg.DagsterInstance, tmp_path: Path) -> str:
    return inserted(instance, location.photos, *save_photos(tmp_path / "uploads", 3))


def run(
    instance: dg.DagsterInstance,
    partition: str,
    *columns: str,
    defs: dg.Definitions | None = None,
    table: MediaTable = location.photos,
) -> dg.ExecuteInProcessResult:
    names = columns or [column.name for column in table.columns]
    job = (defs or location.defs).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        partition_key=partition,
        asset_selection=[table.asset_key(name) for name in names],
        run_config=QUIET,
        raise_on_error=False,
    )


@pytest.fixture(params=["in process", "multiprocess", "materialize"])
def runner(request: pytest.FixtureRequest, instance: dg.DagsterInstance) -> Runner:
    """Runs all columns of a partition."""

    def in_process(partition: str) -> bool:
        return run(instance, partition).success

    def multiprocess(partition: str) -> bool:
        job = dg.reconstructable(location.all_of_it)
        tags = {"dagster/partition": partition}
        with dg.execute_job(job, instance, run_config=QUIET, tags=tags) as result:
            return result.success

    def materialize(partition: str) -> bool:
        assets = [table_assets(location.photos), location.price_list]
        return dg.materialize(
            assets,
            selection=dg.AssetSelection.groups("priced"),
            instance=instance,
            partition_key=partition,
            resources={"media_io_manager": MediaIOManager()},
            run_config=QUIET,
        ).success

    return {"in process": in_process, "multiprocess": multiprocess, "materialize": materialize}[
        request.param
    ]


def values(partition: str, column: str) -> list[int]:
    found = manifest(location.photos, column, partition)
    assert found is not None
    return [int(record.value or 0) for record in found.records.values()]


def run_ids(partition: str, *columns: str) -> set[str]:
    found = [manifest(location.photos, column, partition) for column in columns]
    return {r.run_id or "" for one in found if one is not None for r in one.records.values()}


def stale(instance: dg.DagsterInstance, partition: str) -> dict[str, list[Reason]]:
    priced = StoredTable(MediaIOManager().installation.catalog, "priced")
    versions = AssetVersions(lambda: instance)
    found = stale_columns(location.photos, priced, versions, partition)
    return {one.column: list(one.stale) for one in found if one.stale}


def failure(result: dg.ExecuteInProcessResult) -> str:
    (data,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    return data.error.to_string() if data.error else ""


def test_functions_are_called_again_when_the_values_data_version_changes(
    instance: dg.DagsterInstance, pricing: Pricing, partition: str, runner: Runner
) -> None:
    pricing(2, "a")
    assert runner(partition)
    widths = values(partition, "width")
    first = run_ids(partition, *PRICED)

    pricing(5, "a")  # the version says that it is unchanged
    assert stale(instance, partition) == {}
    assert runner(partition)
    assert run_ids(partition, *PRICED) == first

    pricing(3, "b")
    assert stale(instance, partition) == {
        **{column: [Reason.INPUTS] for column in PRICED},
        "doubled": [Reason.UPSTREAM],
    }
    assert runner(partition)

    for column in PRICED:
        assert values(partition, column) == [3 * width for width in widths]
    assert values(partition, "doubled") == [6 * width for width in widths]
    assert run_ids(partition, *PRICED).isdisjoint(first)
    assert run_ids(partition, "width") == first
    assert stale(instance, partition) == {}


def test_the_asset_is_upstream_in_dagsters_graph() -> None:
    specs = {spec.key.path[-1]: spec for spec in table_assets(location.photos).specs}

    upstream = {name: [d.asset_key.path[-1] for d in spec.deps] for name, spec in specs.items()}
    assert upstream["price"] == ["source_image", "price_list"]
    assert upstream["doubled"] == ["price"]


def test_an_unmaterialized_value_fails_only_runs_of_columns_that_take_it(
    instance: dg.DagsterInstance, partition: str
) -> None:
    assert run(instance, partition, "source_image", "width").success

    found = failure(run(instance, partition, "price"))
    assert "AssetValueError: Column priced/price takes the value of asset price_list" in found
    assert "Materialize it first: dg launch --assets price_list" in found


def test_an_asset_that_the_code_location_lacks_is_named(
    instance: dg.DagsterInstance, pricing: Pricing, partition: str
) -> None:
    pricing(2, "a")

    found = failure(run(instance, partition, "price", defs=build_defs([location.photos])))

    assert "asset price_list, which is not in this code location" in found
    assert "Define the asset in the same project as table 'priced'" in found


def test_a_value_that_cannot_be_loaded_is_reported_with_the_reason(
    home: Path, instance: dg.DagsterInstance, pricing: Pricing, partition: str
) -> None:
    pricing(2, "a")
    run(instance, partition, "source_image")
    for file in home.rglob("price_list"):
        file.unlink()

    found = failure(run(instance, partition, "price"))

    assert "asset price_list, which cannot be loaded (FileNotFoundError" in found


def test_a_value_that_cannot_be_sent_to_a_process_is_reported(
    instance: dg.DagsterInstance, partition: str
) -> None:
    class Locks(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: object) -> None: ...

        def load_input(self, context: dg.InputContext) -> object:
            return Lock()

    @dg.asset(key="price_list", io_manager_key="locks")
    def locks() -> int:
        return 1

    defs = dg.Definitions.merge(
        build_defs([location.photos]),
        dg.Definitions(assets=[locks], resources={"locks": Locks()}),
    )
    run(instance, partition, "source_image", defs=defs)
    job = defs.resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance, asset_selection=[locks.key], run_config=QUIET)

    found = failure(run(instance, partition, "process_price", defs=defs))

    assert "cannot be sent to another process (TypeError" in found
    assert "drop processes=True" in found


def test_a_partitioned_asset_gives_the_value_of_the_steps_own_partition(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    days = dg.StaticPartitionsDefinition(["north", "south"])
    table = MediaTable(
        "photos", partitions=days, partition_of=lambda row: "north" if "0.jpg" in row else "south"
    )

    @table.computed_column(ins={"sky": "skies"})
    def shown(source_image: Image.Image, sky: str) -> str:
        return sky

    @dg.asset(partitions_def=days)
    def skies(context: dg.AssetExecutionContext) -> str:
        return f"sky of the {context.partition_key}"

    defs = dg.Definitions.merge(build_defs([table]), dg.Definitions(assets=[skies]))
    paths = save_photos(tmp_path / "uploads", 2)
    insert(table, *paths)
    job = defs.resolve_implicit_global_asset_job_def()
    for key in days.get_partition_keys():
        assert job.execute_in_process(
            instance=instance, partition_key=key, run_config=QUIET
        ).success

    for key in days.get_partition_keys():
        found = manifest(table, "shown", key)
        assert found is not None
        assert {record.value for record in found.records.values()} == {f"sky of the {key}"}


def test_a_value_is_loaded_once_per_run_as_its_annotated_type(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("counted")
    got: list[object] = []

    @table.computed_column(ins={"posters": dg.AssetIn(dg.AssetKey("posters"))})
    def count(source_image: Image.Image, posters: MediaColumn) -> int:
        got.append(posters)
        return len(posters)

    @dg.asset(io_manager_key="media_io_manager")
    def posters() -> dict[str, Image.Image]:
        return {name: Image.new("RGB", (4, 4)) for name in "ab"}

    defs = dg.Definitions.merge(build_defs([table]), dg.Definitions(assets=[posters]))
    job = defs.resolve_implicit_global_asset_job_def()
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 3))
    job.execute_in_process(instance=instance, asset_selection=[posters.key], run_config=QUIET)

    assert run(instance, partition, defs=defs, table=table).success

    found = manifest(table, "count", partition)
    assert found is not None
    assert {record.value for record in found.records.values()} == {"2"}
    assert len(got) == 3
    assert len({id(one) for one in got}) == 1


def test_maintenance_makes_columns_that_take_values_of_our_io_manager(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = location.posted
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 2))
    everything = location.defs.resolve_implicit_global_asset_job_def()
    posters = [location.posters.key]
    everything.execute_in_process(instance=instance, asset_selection=posters, run_config=QUIET)
    # As in the daemon: from the code location, without this process's jobs.
    dagster = Path(sys.executable).with_name("dagster")
    job = ["job", "execute", "-m", location.__name__, "-j", "posted_maintenance"]
    subprocess.run([dagster, *job], check=True, capture_output=True)

    found = manifest(table, "count", partition)
    assert found is not None
    assert {record.value for record in found.records.values()} == {"2"}
    key = dg.AssetCheckKey(table.asset_key("count"), UP_TO_DATE)
    (event,) = instance.event_log_storage.get_latest_asset_check_execution_by_key([key]).values()
    assert event.status.value == "SUCCEEDED"


def test_the_command_line_shows_cells_made_stale_by_a_new_version(
    instance: dg.DagsterInstance,
    pricing: Pricing,
    partition: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    project = ("-m", location.__name__)
    pricing(2, "a")
    assert verbs.run("materialize", "priced", *project).exit_code == 0
    before = verbs.run("status", "--stale", "--format", "csv", *project).output

    pricing(3, "b")
    after = verbs.run("status", "--stale", "--format", "csv", *project).output
    dry = verbs.run("materialize", "priced", "--dry-run", *project).output
    made = verbs.run("materialize", "priced", "--partitions", "stale", *project).output

    assert before.splitlines() == ["table,column,reason,cells,partitions"]
    assert "priced,price,input changed,3,1" in after
    assert "priced,doubled,input is stale,3,1" in after
    assert "Would make 12 cells" in dry
    assert "12 cells made" in made or "12 made" in made
    assert verbs.run("status", "--stale", "--format", "csv", *project).output == before


def priced(source_image: Image.Image, prices: dict[str, int]) -> int:
    return source_image.width * prices["pixel"]


def declared(ins: object) -> ComputedColumn:
    table = MediaTable("photos")
    table.computed_column(ins=ins)(priced)  # pyright: ignore[reportArgumentType]
    return table.computed_columns[0]


@pytest.mark.parametrize(
    "given",
    [
        "team/prices",
        ["team", "prices"],
        dg.AssetKey(["team", "prices"]),
        dg.AssetIn(dg.AssetKey(["team", "prices"])),
    ],
)
def test_an_asset_is_named_as_dagster_names_assets(given: object) -> None:
    value = declared({"prices": given}).ins["prices"]

    assert (value.key, value.loaded_as) == (dg.AssetKey(["team", "prices"]), dict)


@pytest.mark.parametrize(
    ("ins", "problem"),
    [
        ({"prices": "a", "price": "b"}, "has an asset for 'price' in ins="),
        ({"prices": 3}, r"has ins=\{'prices': 3\}"),
        ({"prices": ""}, r"has ins=\{'prices': ''\}"),
        ({"prices": dg.AssetIn()}, r"has ins=\{'prices': AssetIn"),
        ({"prices": dg.AssetIn("a", metadata={"b": 1})}, r"has ins=\{'prices': AssetIn"),
    ],
)
def test_an_asset_without_a_parameter_or_key_is_refused(ins: object, problem: str) -> None:
    with pytest.raises(DeclarationError, match=problem):
        declared(ins)


def test_a_parameter_is_a_column_or_the_value_of_an_asset() -> None:
    table = MediaTable("photos")
    table.computed_column(ins={"prices": "price_list"})(priced)

    @table.computed_column()
    def prices(source_image: Image.Image) -> dict[str, int]:
        return {"pixel": source_image.width}

    with pytest.raises(
        DeclarationError, match="'prices' of row function 'priced' names both a column"
    ):
        _ = table.columns


def test_a_column_of_the_same_table_is_refused_in_ins() -> None:
    table = MediaTable("photos")
    table.computed_column(ins={"prices": "photos/source_image"})(priced)

    with pytest.raises(DeclarationError, match="photos/source_image in ins=, which is a column of"):
        table_assets(table)


def test_input_digests_of_columns_without_values_are_unchanged() -> None:
    (column,) = [c for c in location.photos.computed_columns if c.name == "width"]

    found = input_digest(column, {"source_image": "1f"})

    assert found == sha256(b"source_image=1f").hexdigest()[:32]
