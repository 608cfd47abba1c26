"""A shipment that is killed, wherever that is: each partition is old or new, then all is new."""

import os
import random
import shutil
from functools import partial
from pathlib import Path
from signal import SIGKILL

import dagster as dg
import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.home import BRANCH_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.records.branches import drop_branch, make_branch
from media_assets.records.ledger import CatalogRoot
from media_assets.tables.asset_events import DATA_VERSION, newest_event
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.ship import ship
from media_assets_tests.faults.kills import Point, die_in
from media_assets_tests.photos import save_photos
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step
from media_assets_tests.stored import collect_all

LEDGER, EVENTS = "media_assets/records/ledger.py", "media_assets/branches/events.py"
LOG, MANIFESTS = "media_assets/uploads/log.py", "media_assets/records/manifests.py"
PLACES = [
    (LEDGER, "Ledger.claim"),
    (LOG, "UploadLog.append"),
    (MANIFESTS, "commit_over"),
    (MANIFESTS, "newest_manifest"),
    (EVENTS, "tell_cells"),
]
OLD, NEW = 1, 2


def table_of(version: int) -> MediaTable:
    """A table whose values say which code made them."""
    table = MediaTable("photos", rows_per_partition=1)

    @table.computed_column(code_version=str(version))
    def made_by(source_image: Image.Image) -> int:
        return version * source_image.width // source_image.width

    @table.computed_column(code_version=f"{version}")
    def again(made_by: int) -> int:
        return made_by

    @table.computed_column(code_version=f"{version}", format="png")
    def small(source_image: Image.Image) -> Image.Image:
        return source_image.resize((version, version))

    return table


def ship_all(home: Path) -> None:
    os.environ["DAGSTER_HOME"] = str(home)
    with dg.DagsterInstance.get() as instance:
        installation = MediaIOManager().installation
        ship(installation, {"photos": table_of(NEW)}, "blur", instance)


def cells(root: CatalogRoot) -> dict[str, tuple[object, ...]]:
    rows = Catalog(root).answer("select row, made_by, again, small from photos").rows
    return {str(row): others for row, *others in rows}  # type: ignore[misc]


@pytest.mark.parametrize(
    "kills", [5, pytest.param(40, marks=[pytest.mark.faults, pytest.mark.timeout(1_200)])]
)
def test_each_partition_is_old_or_new_and_shipping_again_completes_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    chance, partitions = random.Random(kills), 3 if kills < 10 else 8  # noqa: S311  any will do
    photos = save_photos(tmp_path / "uploads", partitions)
    for partition in insert(table_of(OLD), *photos):
        run_step(table_of(OLD), partition)
    root = MediaIOManager().installation.catalog
    old = cells(root)
    make_branch(root, "blur", made_by="somebody")
    monkeypatch.setenv(BRANCH_VARIABLE, "blur")
    (more,) = save_photos(tmp_path / "more", 1)
    more = more.rename(more.with_name("more.jpg"))
    insert(table_of(NEW), more)
    branch = MediaIOManager().installation.catalog
    for partition in StoredTable(branch, "photos").partitions():
        run_step(table_of(NEW), partition)
    new = cells(branch)
    monkeypatch.delenv(BRANCH_VARIABLE)
    beside: dict[str, tuple[object, ...]] = {}

    for number in range(kills):
        point = Point("somewhere", *chance.choice(PLACES), chance.randint(1, 3))
        assert die_in(point, partial(ship_all, home)) in (-SIGKILL, 0), point
        if number % 20 == 7:
            (photo,) = save_photos(tmp_path / f"beside {number}", 1)
            for partition in insert(table_of(OLD), photo.rename(photo.with_stem(f"m{number}"))):
                run_step(table_of(OLD), partition)
            beside[f"m{number}.jpg"] = ()
        for row, found in cells(root).items():
            for place, cell in enumerate(found):
                allowed = {old.get(row, (None,) * 3)[place], new.get(row, (None,) * 3)[place]}
                assert row in beside or cell in allowed, (row, place)
    ship_all(home)

    shown = cells(root)
    assert {row: found for row, found in shown.items() if row not in beside} == new
    assert {shown[row][0] for row in beside} <= {OLD}
    with dg.DagsterInstance.get() as instance:
        for name in ("made_by", "again", "small"):
            for partition in StoredTable(root, "photos").partitions()[: partitions + 1]:
                manifest = StoredTable(root, "photos").manifest(name, partition)
                assert manifest is not None
                told, _ = newest_event(instance, dg.AssetKey(["photos", name]), partition)
                assert beside or told[DATA_VERSION] == manifest.data_version
    drop_branch(root, "blur")
    collect_all(root, ONLY_CURRENT)
    files = {path.as_uri() for path in (home / "media" / "files").rglob("*.png")}
    assert files == {str(found[2]) for found in shown.values()}, "no orphan"
    shutil.rmtree(home / "media")
