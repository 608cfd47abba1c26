"""A shipment that is killed, wherever that is: each partition is old or new, then all is new."""

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count, product
from pathlib import Path
from signal import SIGKILL, SIGPROF
from typing import Self

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
from media_assets_tests.faults.kills import Point, beside, die_after, die_in
from media_assets_tests.photos import save_photo, save_photos
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step
from media_assets_tests.stored import collect_all

POINTS = [
    Point("rows are in the log", "media_assets/uploads/log.py", "UploadLog.append"),
    Point("a partition is claimed", "media_assets/records/ledger.py", "Ledger.claim", 2),
    Point("one is committed", "media_assets/records/manifests.py", "commit_over"),
    Point("some are read", "media_assets/records/manifests.py", "newest_manifest", 20),
    Point("Dagster knows of a column", "media_assets/branches/events.py", "tell_cells", 2),
]
OLD, NEW = 1, 2
LONGEST = 8.0
"""Seconds of CPU time."""
Cell = tuple[object, ...]


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


def cells(root: CatalogRoot) -> dict[str, Cell]:
    rows = Catalog(root).answer("select row, made_by, again, small from photos").rows
    return {str(row): others for row, *others in rows}  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Shipments:
    """A catalog, and its branch that made every cell again and has one more row.

    Attributes:
        home: The home.
        root: The catalog.
        old: Main's cells by row.
        new: The branch's.
    """

    home: Path
    root: CatalogRoot
    old: Mapping[str, Cell]
    new: Mapping[str, Cell]

    @classmethod
    def of(cls, home: Path, folder: Path, environment: pytest.MonkeyPatch, partitions: int) -> Self:
        for partition in insert(table_of(OLD), *save_photos(folder / "uploads", partitions)):
            run_step(table_of(OLD), partition)
        root = MediaIOManager().installation.catalog
        old = cells(root)
        make_branch(root, "blur", made_by="somebody")
        with environment.context() as on_branch:
            on_branch.setenv(BRANCH_VARIABLE, "blur")
            insert(table_of(NEW), save_photo(folder / "more" / "more.jpg"))
            branch = MediaIOManager().installation.catalog
            for partition in StoredTable(branch, "photos").partitions():
                run_step(table_of(NEW), partition)
        return cls(home, root, old, cells(branch))

    def check_main(self) -> None:
        """Checks that main's cells are the old or the new ones; a run may make the new row old."""
        for row, found in cells(self.root).items():
            if row in self.old:
                for cell in zip(found, self.old[row], self.new[row], strict=True):
                    assert cell[0] in cell[1:], (row, cell)

    def check_end(self) -> None:
        """Ships the branch to the end; checks what main, Dagster and the folder have then."""
        ship_all(self.home)
        shown = cells(self.root)
        assert {row: found for row, found in shown.items() if row in self.new} == self.new
        # A row that was added beside may not have been made yet.
        assert {found[0] for row, found in shown.items() if row not in self.new} <= {OLD, None}
        stored = StoredTable(self.root, "photos")
        with dg.DagsterInstance.get() as instance:
            for name, partition in product(("made_by", "again", "small"), stored.partitions()):
                manifest = stored.manifest(name, partition)
                if manifest is None:
                    assert stored.live_rows(partition).keys().isdisjoint(self.new)
                    continue
                told, _ = newest_event(instance, dg.AssetKey(["photos", name]), partition)
                is_shipped = manifest.records.keys() <= self.new.keys()
                assert not is_shipped or told[DATA_VERSION] == manifest.data_version
        drop_branch(self.root, "blur")
        collect_all(self.root, ONLY_CURRENT)
        files = {path.as_uri() for path in (self.home / "media" / "files").rglob("*.png")}
        named = {str(found[2]) for found in shown.values() if found[2] is not None}
        assert files == named, "no orphan, none is missing"
        assert all(Image.open(file[7:]).load() for file in named), "none is torn"


def run_on_main(home: Path, folder: Path, seed: int) -> None:
    """Makes partitions of main again, by the old code and chosen at random, and adds rows."""
    os.environ["DAGSTER_HOME"] = str(home)
    chance = random.Random(seed)  # noqa: S311  any will do
    for number in count():
        partitions = StoredTable(MediaIOManager().installation.catalog, "photos").partitions()
        run_step(table_of(OLD), chance.choice(partitions))
        if number % 20 == 7:
            insert(table_of(OLD), save_photo(folder / f"beside-{number}.jpg", seed=number))


def test_each_partition_is_old_or_new_and_shipping_again_completes_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipments = Shipments.of(home, tmp_path, monkeypatch, 3)

    for point in POINTS:
        assert die_in(point, partial(ship_all, home)) == -SIGKILL, point
        shipments.check_main()

    shipments.check_end()


@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_forty_kills_at_random_moments_and_a_run_beside_them_lose_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(40)  # noqa: S311  any will do
    shipments = Shipments.of(home, tmp_path, monkeypatch, 200)
    kills = 0

    with beside(partial(run_on_main, home, tmp_path / "beside", 40)):
        for _ in range(40):
            code = die_after(chance.uniform(0.2, LONGEST), partial(ship_all, home))
            assert code in (-SIGPROF, 0)
            kills += code != 0
            shipments.check_main()

    assert kills > 20, "a whole shipment takes longer than most of them had"
    shipments.check_end()
