"""A table's columns in Dagster: options, resources by annotation, and dependencies."""

import logging
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets import split
from media_assets.build import build_defs
from media_assets.errors import DeclarationError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.assets import table_assets
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog, inserted

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Captioner(dg.ConfigurableResource):  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument]
    """A resource with its own config."""

    prefix: str = "photo"

    def caption(self, image: Image.Image) -> str:
        return f"{self.prefix} {image.width}x{image.height}"


class Threshold:
    """A plain object that is passed as a resource."""

    def __init__(self, width: int) -> None:
        self.width = width


def run(
    instance: dg.DagsterInstance, table: MediaTable, *paths: Path, **resources: object
) -> dg.ExecuteInProcessResult:
    partition = inserted(instance, table, *paths)
    job = build_defs([table], resources).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance, partition_key=partition, run_config=QUIET, raise_on_error=False
    )


def spec_of(table: MediaTable, column: str) -> dg.AssetSpec:
    (spec,) = [s for s in table_assets(table).specs if s.key == table.asset_key(column)]
    return spec


@pytest.mark.parametrize(("group", "of_parts"), [("press", "press"), (None, "photos__tiles")])
def test_derived_tables_are_in_the_group_that_is_given_for_their_parent(
    group: str | None, of_parts: str
) -> None:
    table = MediaTable("photos", group_name=group)
    tiles = table.derived_table("tiles", split.tiles(64))

    assert spec_of(tiles, "tile").group_name == of_parts


@pytest.fixture
def labels() -> dg.AssetsDefinition:
    @dg.asset
    def labels() -> None: ...

    return labels


def test_owners_tags_kinds_descriptions_and_freshness_are_dagsters() -> None:
    table = MediaTable("team/photos", description="Photos of the team.")
    policy = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=1))

    @table.computed_column(
        owners=["team:media", "anna@example.com"],
        tags={"domain": "press"},
        kinds={"pillow"},
        description="Turned.",
        freshness_policy=policy,
        code_version="7",
    )
    def turned(source_image: Image.Image) -> Image.Image:
        """Not this one."""
        return source_image.rotate(90)

    spec = spec_of(table, "turned")

    assert list(spec.owners) == ["team:media", "anna@example.com"]
    assert spec.tags["domain"] == "press"
    assert spec.kinds == {"pillow"}
    assert spec.description == "Turned."
    assert spec.freshness_policy == policy
    assert spec.code_version == "7"
    assert spec.group_name == "team__photos"
    assert spec.key == dg.AssetKey(["team", "photos", "turned"])
    assert spec_of(table, "source_image").description == "The uploaded images."


def test_pool_and_retry_policy_are_those_of_the_tables_step() -> None:
    policy = dg.RetryPolicy(max_retries=2)

    assets = table_assets(MediaTable("photos", pool="images", retry_policy=policy))

    assert assets.op.pool == "images"
    assert assets.op.retry_policy == policy


def test_a_source_column_may_have_a_name_and_a_destination_of_its_own(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("scans", source="page", destination=str(tmp_path / "kept"))

    @table.computed_column()
    def width(page: Image.Image) -> int:
        return page.width

    assert run(instance, table, *save_photos(tmp_path / "in", 1)).success

    (row,) = catalog().sql("select page, width from scans").itertuples(index=False, name=None)
    assert row[0].startswith(f"{(tmp_path / 'kept').as_uri()}/scans/page/")
    assert row[1] == 48


def test_deps_may_be_named_in_every_way_that_dagster_knows(labels: dg.AssetsDefinition) -> None:
    table = MediaTable("photos")
    deps = [dg.AssetKey(["raw", "prices"]), "rates", labels, dg.AssetSpec("stations")]

    @table.computed_column(deps=deps)
    def width(source_image: Image.Image) -> int:
        return source_image.width

    upstream = {dep.asset_key.to_user_string() for dep in spec_of(table, "width").deps}
    assert upstream == {"photos/source_image", "raw/prices", "rates", "labels", "stations"}


def test_a_column_runs_after_the_assets_that_it_depends_on(
    instance: dg.DagsterInstance, labels: dg.AssetsDefinition, tmp_path: Path
) -> None:
    table = MediaTable("photos", partitions=None)
    order: list[str] = []

    @dg.asset
    def rules() -> None:
        order.append("rules")

    @table.computed_column(deps=[rules], code_version="1")
    def width(source_image: Image.Image) -> int:
        order.append("width")
        return source_image.width

    inserted(instance, table, *save_photos(tmp_path / "in", 1))
    defs = dg.Definitions.merge(build_defs([table]), dg.Definitions(assets=[rules]))
    job = defs.resolve_implicit_global_asset_job_def()

    assert job.execute_in_process(instance=instance, run_config=QUIET).success
    assert order == ["rules", "width"]


def test_resources_reach_row_functions_by_their_annotation(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def caption(source_image: Image.Image, captioner: Captioner) -> str:
        return captioner.caption(source_image)

    @table.computed_column()
    def is_wide(source_image: Image.Image, threshold: dg.ResourceParam[Threshold]) -> bool:
        return source_image.width > threshold.width

    @table.computed_column(batch_size=2)
    def captions(source_image: list[Image.Image], captioner: Captioner) -> list[str]:
        return [captioner.caption(image).upper() for image in source_image]

    paths = save_photos(tmp_path / "in", 3)
    resources = {"captioner": Captioner(prefix="view"), "threshold": Threshold(10)}

    assert run(instance, table, *paths, **resources).success
    shown = catalog().sql("select distinct caption, is_wide, captions from photos")
    assert shown.to_numpy().tolist() == [["view 48x36", True, "VIEW 48X36"]]


def test_run_config_reaches_the_resource_of_a_row_function(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def caption(source_image: Image.Image, captioner: Captioner) -> str:
        return captioner.caption(source_image)

    partition = inserted(instance, table, *save_photos(tmp_path / "in", 1))
    job = build_defs([table], {"captioner": Captioner()}).resolve_implicit_global_asset_job_def()
    config = {"resources": {"captioner": {"config": {"prefix": "other"}}}, **QUIET}
    job.execute_in_process(instance=instance, partition_key=partition, run_config=config)

    assert catalog().sql("select caption from photos")["caption"].to_list() == ["other 48x36"]


def test_a_missing_resource_is_reported_before_anything_runs() -> None:
    table = MediaTable("photos")

    @table.computed_column()
    def caption(source_image: Image.Image, captioner: Captioner) -> str:
        return captioner.caption(source_image)

    with pytest.raises(dg.DagsterInvalidDefinitionError, match="captioner"):
        dg.Definitions.validate_loadable(build_defs([table]))


def test_a_function_in_another_process_takes_no_resource() -> None:
    table = MediaTable("photos")

    def caption(source_image: Image.Image, captioner: Captioner) -> str:
        return captioner.caption(source_image)

    with pytest.raises(DeclarationError, match="processes=True, but also takes captioner"):
        table.computed_column(processes=True)(caption)


def test_a_destination_that_is_asked_for_names_one_when_the_run_starts(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table, asked = MediaTable("photos"), list[str]()

    def somewhere() -> str:
        asked.append("now")
        return str(tmp_path / f"place-{len(asked)}")

    @table.computed_column(destination=somewhere)
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    build_defs([table], {"media_io_manager": MediaIOManager()})
    assert asked == []

    assert run(instance, table, *save_photos(tmp_path / "in", 1)).success
    assert len(list((tmp_path / "place-1").rglob("*.jpg"))) == 1


def test_group_step_tags_hooks_and_options_of_the_source_are_dagsters(
    labels: dg.AssetsDefinition,
) -> None:
    @dg.failure_hook
    def told(context: dg.HookContext) -> None:
        del context

    policy = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=1))
    table = MediaTable(
        "photos",
        group_name="images",
        op_tags={"dagster-k8s/config": "{}"},
        run_tags={"team": "shop"},
        hooks=[told],
        source_options={"deps": [labels], "freshness_policy": policy, "metadata": {"camera": "A"}},
    )
    condition = dg.AutomationCondition.on_cron("0 1 * * *")

    @table.computed_column(automation_condition=condition, metadata={"model": "v1"})
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    assets, source, computed = (
        table_assets(table),
        spec_of(table, "source_image"),
        spec_of(table, "flipped"),
    )
    defs = build_defs([table])
    assert assets.op.tags == {"dagster-k8s/config": "{}"}
    assert assets.hook_defs == {told}
    assert {source.group_name, computed.group_name} == {"images"}
    assert [dep.asset_key for dep in source.deps] == [labels.key]
    assert source.freshness_policy == policy
    assert source.metadata["camera"] == "A"
    assert source.automation_condition is None
    assert computed.automation_condition == condition
    assert (computed.metadata["model"], computed.metadata["media_assets/table"]) == ("v1", "photos")
    for job in ("photos_job", "photos_maintenance"):
        assert defs.resolve_job_def(job).run_tags["team"] == "shop"


def test_a_function_may_take_its_row_its_partition_and_the_steps_log(
    home: Path, instance: dg.DagsterInstance
) -> None:
    table = MediaTable("photos")

    @table.computed_column(code_version="1")
    def name(source_image: Image.Image, row: str, partition_key: str, log: logging.Logger) -> str:
        log.info("%s is %d wide", row, source_image.width)
        return f"{partition_key}/{row}"

    @table.computed_column(code_version="1", batch_size=2)
    def named(name: list[str], row: list[str], partition_key: str) -> list[bool]:
        return [one == f"{partition_key}/{key}" for one, key in zip(name, row, strict=True)]

    result = run(instance, table, *save_photos(home / "card", 3))

    assert result.success
    partition = result.dagster_run.tags["dagster/partition"]
    rows = catalog().sql("select row, name, named from photos order by row")
    assert list(rows["name"]) == [f"{partition}/photo-00{n}.jpg" for n in range(3)]
    assert all(rows["named"])
    told = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert any("photo-000.jpg is" in text for text in told)


def test_a_function_in_a_process_of_its_own_takes_cells_alone() -> None:
    with pytest.raises(DeclarationError, match="processes=True, but also takes row"):

        @MediaTable("photos").computed_column(processes=True)
        def name(source_image: Image.Image, row: str) -> str:
            return row
