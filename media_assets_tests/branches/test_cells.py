"""Main takes a branch's cells as its next manifest, whoever commits meanwhile."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from media_assets.branches.cells import Changed, ship_cells, shipped_by
from media_assets.errors import MisplacedRowsError, UnknownBranchError, UnknownNameError
from media_assets.installation import Installation
from media_assets.io_manager import MediaIOManager
from media_assets.records.branches import make_branch
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Header, Manifest, Record, newest_manifest
from media_assets.tables.table import MediaTable
from media_assets.values import ColumnType
from media_assets.verbs.ship import open_changes
from media_assets_tests.catalogs import commit, failure, header, record_rows, value

Cells = Mapping[str, Record]


@pytest.fixture
def installation(home: Path, root: CatalogRoot) -> Installation:
    """An installation whose catalog holds a table of three rows, with one column."""
    assert home.is_dir()
    record_rows(root, "p1", ["a", "b", "c"])
    commit(root, widths("1"), [by("1", row) for row in "abc"])
    return replace(MediaIOManager().installation, catalog=root)


def widths(version: str) -> Header:
    return replace(header("width", type=ColumnType.INT), code_version=version)


def by(version: str, row: str, text: str = "1") -> Record:
    return replace(value(row, text), code_version=version)


def branch_with(root: CatalogRoot, *cells: Record, version: str = "2") -> Changed:
    make_branch(root, "blur", made_by="somebody")
    branch = root.on_branch("blur")
    commit(branch, widths(version), cells)
    return Changed.of(branch.ledger("photos", "width", "p1"), 1)


def all_hold(pending: Cells, standing: Cells, base: Cells) -> Collection[str]:
    del standing, base
    return pending.keys()


def newest(root: CatalogRoot) -> Manifest:
    found = newest_manifest(root.ledger("photos", "width", "p1"))
    assert found is not None
    return found


def test_a_run_on_main_that_commits_meanwhile_is_merged_and_cells_are_chosen_again(
    installation: Installation,
) -> None:
    root = installation.catalog
    changed = branch_with(root, by("2", "a", "2"), by("2", "b", "2"))
    asked: list[set[str]] = []

    def holds(pending: Cells, standing: Cells, base: Cells) -> Collection[str]:
        asked.append(set(pending))
        if len(asked) == 1:
            commit(root, widths("1"), [by("1", "b", "3"), by("1", "c", "3")])
        return [row for row in pending if standing.get(row) == base.get(row)]

    shipped = ship_cells(installation, changed, "blur", "somebody", holds, list)

    assert asked == [{"a", "b"}, {"a", "b"}]
    assert (shipped.cells, shipped.left) == (1, 1)
    assert {row: r.value for row, r in newest(root).records.items()} == {
        "a": "2",
        "b": "3",
        "c": "3",
    }
    assert newest(root).number == 3
    again = ship_cells(installation, changed, "blur", "somebody", holds, list)
    assert again.cells == 0
    assert newest(root).number == 3, "what main has is not committed again"


def test_the_column_is_of_the_new_code_once_all_its_cells_are(installation: Installation) -> None:
    root = installation.catalog
    changed = branch_with(root, *(by("2", row, "2") for row in "abc"))

    first = ship_cells(installation, changed, "blur", "me", lambda p, s, b: ["a"], list)
    assert first.manifest is not None
    assert first.manifest.header.code_version == "1", "Dagster is to show it as stale"
    ship_cells(installation, changed, "blur", "me", all_hold, list)

    assert newest(root).header.code_version == "2"
    assert shipped_by(newest(root), "blur")
    assert newest(root).header.note == "me: branch blur"


def test_rows_that_left_the_branch_leave_main_unless_it_still_has_them(
    installation: Installation,
) -> None:
    root = installation.catalog
    changed = branch_with(root, failure("a"))
    gone = replace(changed.newest, records={"a": failure("a")})
    changed = replace(changed, newest=gone)

    ship_cells(installation, changed, "blur", "me", all_hold, lambda: ["a", "b"])

    assert sorted(newest(root).records) == ["a", "b"]
    assert newest(root).records["a"].error_class == "DarkError"


def test_what_main_cannot_take_is_refused_before_anything_is_changed(
    installation: Installation,
) -> None:
    root = installation.catalog
    make_branch(root, "blur", made_by="somebody")
    record_rows(root.on_branch("blur"), "p1", ["d"])
    before = [file.key for file in root.store.list(root.destination.prefix)]
    days = dg.StaticPartitionsDefinition(["monday", "tuesday"])
    table = MediaTable("photos", partitions=days, partition_of=lambda row: "monday")

    with pytest.raises(MisplacedRowsError, match="partitions have changed"):
        open_changes(installation, {"photos": table}, "blur")
    with pytest.raises(UnknownNameError, match=r"'photos'.*the branch has rows of it"):
        open_changes(installation, {"others": MediaTable("others")}, "blur")
    with pytest.raises(UnknownBranchError, match="Its branches: blur"):
        open_changes(installation, {}, "nope")

    assert [file.key for file in root.store.list(root.destination.prefix)] == before
