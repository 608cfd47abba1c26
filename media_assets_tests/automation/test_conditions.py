"""Declarative automation: computed columns follow their inputs, by one run per batch."""

from pathlib import Path

import dagster as dg
from PIL import Image

from media_assets.build import build_defs
from media_assets.media_column import MediaColumn
from media_assets.tables.conditions import follow_inputs
from media_assets.tables.table import MediaTable
from media_assets_tests.automation.listings import MemoryListing
from media_assets_tests.automation.sensors import Ticker
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.runs import inserted, materialize

ALL = {"photos/flipped", "photos/brightness", "report"}


def following_table(*, automation: object = True, version: str = "1") -> MediaTable:
    table = MediaTable("photos", automation=automation)  # pyright: ignore[reportArgumentType]

    @table.computed_column(code_version=version)
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(code_version="1")
    def brightness(flipped: Image.Image) -> int:
        return flipped.width

    return table


class Follower:
    """Evaluates the conditions of a table and of an asset that reads it, again and again."""

    def __init__(self, instance: dg.DagsterInstance, table: MediaTable) -> None:
        self._instance, self.cursor = instance, None
        self.declare(table)

    def declare(self, table: MediaTable) -> None:
        @dg.asset(
            partitions_def=table.partitioning.definition,
            automation_condition=follow_inputs(),
            ins={"flipped": dg.AssetIn(table.asset_key("flipped"))},
        )
        def report(flipped: MediaColumn) -> int:
            return len(flipped)

        self.table = table
        self.defs = dg.Definitions.merge(build_defs([table]), dg.Definitions(assets=[report]))

    def requested(self) -> dict[str, set[str]]:
        """What is requested now, by partition."""
        keys = list(self.defs.resolve_all_asset_keys())
        found = dg.evaluate_automation_conditions(
            self.defs, self._instance, dg.AssetSelection.assets(*keys), cursor=self.cursor
        )
        self.cursor = found.cursor
        by_partition: dict[str, set[str]] = {}
        for key in keys:
            for partition in found.get_requested_partitions(key):
                by_partition.setdefault(str(partition), set()).add(key.to_user_string())
        return by_partition

    def run(self, partition: str, columns: list[str]) -> None:
        assert materialize(self._instance, self.table, partition, columns=columns).success


def test_downstream_columns_are_requested_together_for_a_new_partition(
    home: Path, instance: dg.DagsterInstance
) -> None:
    follower = Follower(instance, following_table())
    assert follower.requested() == {}
    partition = inserted(instance, follower.table, *save_photos(home / "card", 2))
    waiting = follower.requested()
    follower.run(partition, ["source_image"])

    requested = follower.requested()

    assert waiting == {}
    assert requested == {partition: ALL}


def test_only_a_changed_source_triggers_its_downstream_columns(
    home: Path, instance: dg.DagsterInstance
) -> None:
    follower = Follower(instance, following_table())
    follower.requested()
    photos = save_photos(home / "card", 2)
    partition = inserted(instance, follower.table, *photos)
    follower.run(partition, ["source_image", "flipped", "brightness"])
    follower.requested()
    follower.run(partition, ["source_image"])
    same = follower.requested()
    save_photo(photos[0], seed=7)
    inserted(instance, follower.table, *photos)
    follower.run(partition, ["source_image"])

    changed = follower.requested()

    assert same == {}
    assert {"photos/flipped", "photos/brightness"} <= changed[partition]


def test_all_partitions_follow_a_changed_function_only_on_request(
    home: Path, instance: dg.DagsterInstance
) -> None:
    wanted: list[set[str]] = []
    for automation in (True, "code_version"):
        follower = Follower(instance, following_table(automation=automation))
        partition = inserted(instance, follower.table, *save_photos(home / "card", 2))
        follower.run(partition, ["source_image", "flipped", "brightness"])
        follower.requested()
        follower.declare(
            following_table(automation=automation, version=f"changed for {automation}")
        )

        wanted.append(follower.requested().get(partition, set()) & {"photos/flipped"})

    assert wanted == [set(), {"photos/flipped"}]


def test_with_automation_the_sensor_requests_only_the_source_column(
    home: Path, instance: dg.DagsterInstance
) -> None:
    listing, table = MemoryListing(), following_table()
    listing.put("a.jpg", "1")
    ticker = Ticker(instance, table, listing)
    ticker.tick()

    _, (request,) = ticker.tick()

    assert request.asset_selection == [table.asset_key("source_image")]


def test_automation_is_off_by_default_and_accepts_a_custom_condition() -> None:
    own = dg.AutomationCondition.on_cron("0 4 * * *")
    conditions = []
    for table in (MediaTable("plain"), following_table(automation=own)):
        specs = list(build_defs([table]).resolve_all_asset_specs())
        conditions.append({spec.automation_condition for spec in specs})

    assert conditions == [{None}, {None, own}]
