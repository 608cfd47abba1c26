"""Random histories: whatever happens to rows, in any order, the catalog equals a simple model."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.errors import StoreFaultError
from media_assets.home import CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.records.column_folders import column_folders, list_columns
from media_assets.records.local_copies import LocalCopies
from media_assets.records.manifests import Manifest, read_manifest
from media_assets.records.merged import list_merged, read_merged
from media_assets.stores import staging_name
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.upkeep.collection import collect
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.dropping import Drop
from media_assets.upkeep.garbage import GarbageFinder
from media_assets.upkeep.merging import merge_manifests
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.restoring import restore
from media_assets.upkeep.retention import Retention
from media_assets.uploads.folders import find_files
from media_assets.uploads.log import UploadLog
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.retentions import NO_GRACE
from media_assets_tests.steps import run_step

ROWS = ("a.png", "b.png", "c.png", "d.png")
SHADES = st.integers(0, 5)
NAMES = st.sampled_from(ROWS)
ERROR = "error"
COMPUTED = ("flipped", "shade")


class LifeOfRows(RuleBasedStateMachine):
    """A table whose batches hold two rows, and what it should hold.

    `rows` is what is live, by name, with the shade of its upload; `deleted` what was deleted, with
    the shade that it had; `made` what the last run left; `maybe` the rows that an unfinished run
    or a restored manifest may have made right already.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.home = Path(self.folder.name)
        (self.home / "dagster.yaml").touch()
        self.uploads = self.home / "uploads" / "photos"
        self.uploads.mkdir(parents=True)
        self.environment = pytest.MonkeyPatch()
        self.environment.setenv("DAGSTER_HOME", str(self.home))
        for name in (CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE):
            self.environment.delenv(name, raising=False)
        # So few partitions are not worth merging, and would never be read from merged files.
        self.environment.setattr("media_assets.upkeep.merging.FEW", 1)
        self.environment.setattr("media_assets.catalog.cell_files.FEW", 0)
        self.disk: dict[str, int] = {}
        self.rows: dict[str, int] = {}
        self.deleted: dict[str, int] = {}
        self.made: dict[str, int | str] = {}
        self.maybe: set[str] = set()
        self.failing: set[int] = set()
        self.killed_by: int | None = None
        self.touched = 0

    def teardown(self) -> None:
        self.environment.undo()
        self.folder.cleanup()

    @initialize()
    def declare(self) -> None:
        self.table = MediaTable("photos", rows_per_partition=2)

        @self.table.computed_column(format="png", code_version="1")
        def flipped(source_image: Image.Image) -> Image.Image:
            pixel = source_image.getpixel((0, 0))
            if pixel == self.killed_by:
                raise StoreFaultError(str(self.home), action="write", reason="the power went off")
            if pixel in self.failing:
                raise ValueError(pixel)
            return source_image

        @self.table.computed_column(code_version="1")
        def shade(flipped: Image.Image) -> int:
            pixel = flipped.getpixel((0, 0))
            assert isinstance(pixel, int)
            return pixel

        self.move(0)

    @rule(place=st.integers(0, 2))
    def move(self, place: int) -> None:
        """The global destination changes."""
        self.manager = MediaIOManager(output_media_dest=str(self.home / f"files-{place}"))
        self.root = self.manager.installation.catalog

    @rule(row=NAMES, shade=SHADES)
    def insert(self, row: str, shade: int) -> None:
        """A new file, a replaced one, the same again, or one that was deleted."""
        record(
            self.manager.installation,
            self.table,
            find_files([self.save(row, shade)]),
            is_named=True,
        )
        self.rows[row] = shade
        self.deleted.pop(row, None)

    @rule(changes=st.dictionaries(NAMES, SHADES))
    def scan(self, changes: dict[str, int]) -> None:
        """Files appear, change or are touched, and a scan looks."""
        for row, shade in changes.items():
            self.save(row, shade)
        record(
            self.manager.installation,
            self.table,
            scan_uploads(self.manager.installation, self.table),
        )
        for row, shade in self.disk.items():
            if self.deleted.get(row) != shade:
                self.rows[row] = shade
                self.deleted.pop(row, None)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(sorted(self.rows)))
        delete_rows(StoredTable(self.root, "photos"), "source_image", [row])
        self.deleted[row] = self.rows.pop(row)
        self.made.pop(row, None)

    @rule()
    def materialize(self) -> None:
        """A run, or a retry, over every batch."""
        for partition in self.partitions():
            run_step(self.table, partition, manager=self.manager)
        shown = {row: made for row, made in self.shown("shade").items() if row in self.rows}
        for row, shade in self.rows.items():
            expected: set[int | str] = {ERROR} if self.is_impossible(row) else {shade}
            if row in self.maybe:
                expected.add(shade)
            if self.made.get(row) == shade:
                expected = {shade}
            assert shown[row] in expected, (row, shown[row], expected)
        assert shown.keys() == self.rows.keys()
        self.made, self.maybe = shown, set()

    @rule(shade=SHADES)
    def kill(self, shade: int) -> None:
        """A run dies where it meets a shade: with files, work records and a staged file."""
        self.killed_by = shade
        try:
            for partition in self.partitions():
                run_step(self.table, partition, manager=self.manager)
        except StoreFaultError:
            folder = next(self.home.glob("files-*/photos/flipped/*"))
            (folder / staging_name()).write_bytes(b"half a fi")
        self.killed_by = None
        self.maybe |= self.rows.keys()

    @rule(shade=SHADES)
    def break_or_mend(self, shade: int) -> None:
        """The function begins to fail for a shade, or stops."""
        self.failing ^= {shade}

    @precondition(lambda self: self.made.keys() == self.rows.keys() and self.rows)
    @rule(data=st.data())
    def lose_source(self, data: st.DataObject) -> None:
        """An upload that was computed is removed; its results stay."""
        row = data.draw(st.sampled_from(sorted(self.rows)))
        if self.made[row] == self.rows[row] and row in self.disk:
            (self.uploads / row).unlink()
            del self.disk[row]

    @rule(column=st.sampled_from(COMPUTED))
    def drop_column(self, column: str) -> None:
        if column in list_columns(self.root, "photos"):
            list(Drop(self.root, self.manager.storage, "photos", [column]).run())
        if column == "flipped":
            self.made = {}
            assert not list(self.home.glob("files-*/photos/flipped/*/*"))

    @rule(data=st.data())
    def restore_earlier(self, data: st.DataObject) -> None:
        """Any manifest that is kept can stand again."""
        manifests = [m for m in self.manifests() if m.header.column == "flipped"]
        if manifests:
            chosen = data.draw(st.sampled_from(range(len(manifests))))
            restore(
                StoredTable(self.root, "photos"),
                self.manager.installation.reader,
                [manifests[chosen]],
            )
            self.made, self.maybe = {}, set(self.rows)

    @rule(column=st.sampled_from(COMPUTED))
    def merge(self, column: str) -> None:
        """Manifests are merged: nothing that anybody sees changes."""
        merge_manifests(self.root, "photos", column)

    @rule(keep=st.integers(1, 3))
    def collect_garbage(self, keep: int) -> None:
        retention = Retention(grace=NO_GRACE, keep=keep)
        self.collect(retention)
        if keep == 1:
            newest = {m.header.column + m.header.partition: m for m in self.manifests()}
            assert len(newest) == len(self.manifests()), "one manifest each is left"
            assert self.stored() == self.named(), "no orphan is left"
            for column in COMPUTED:
                for file in list_merged(self.root, "photos", column):
                    held = read_merged(LocalCopies(self.root.store), file)
                    assert held
                    assert set(held.numbers.items()) <= self.numbers(column), "all are there"
            assert not [file for file in self.files() if file.name.startswith(".media-assets-")]
            assert not list((self.home / "media/catalog/_work").rglob("*.parquet"))

    @rule()
    def collect_with_grace(self) -> None:
        """All is young, so nothing goes."""
        before = sorted(self.files())

        self.collect(Retention())

        assert sorted(self.files()) == before

    @invariant()
    def the_catalog_has_exactly_the_rows_that_are_live(self) -> None:
        if hasattr(self, "table") and self.partitions():
            shown = Catalog(self.root).sql("select row from photos order by row")["row"]
            assert shown.to_list() == sorted(self.rows)

    @invariant()
    def every_file_that_any_manifest_names_is_there(self) -> None:
        if hasattr(self, "table"):
            assert self.named() <= self.stored()

    def collect(self, retention: Retention) -> None:
        """A dry run, and the run, which removes just what the dry run listed."""
        storage = self.manager.storage
        in_place = files_uploaded_in_place(self.root, storage)
        table = StoredTable(self.root, "photos")
        finder = GarbageFinder(table, storage, retention, in_place=in_place)
        found = list(finder.find())
        listed = [one.located.fileurl for folder in found for one in folder.all]
        removed = [one for folder in found for one in collect(self.root, storage, folder)]
        assert [one.located.fileurl for one in removed] == listed

    def save(self, row: str, shade: int) -> Path:
        """Saves a file, with a time of its own: the clock of a file system may be coarse."""
        path = self.uploads / row
        Image.new("L", (4, 4), shade).save(path)
        self.touched += 1
        os.utime(path, ns=(self.touched * 10**9, self.touched * 10**9))
        self.disk[row] = shade
        return path

    def is_impossible(self, row: str) -> bool:
        """Whether a cell that is not right yet cannot be made now."""
        return row not in self.disk or self.rows[row] in self.failing

    def partitions(self) -> list[str]:
        log = UploadLog(self.root, "photos")
        log.refresh()
        return log.partitions()

    def manifests(self) -> list[Manifest]:
        """All that are kept of computed columns."""
        return [
            read_manifest(folder.ledger(self.root), number)
            for column in COMPUTED
            for folder in column_folders(self.root, "photos", column)
            for number in folder.manifests
        ]

    def shown(self, column: str) -> dict[str, int | str]:
        """What the newest manifests say of live rows, errors as such."""
        catalog = Catalog(self.root)
        if column not in list_columns(self.root, "photos"):
            return {}
        cells = catalog.sql(f"select row, {column} as cell from photos where {column} is not null")  # noqa: S608
        errors = catalog.sql(f"select row from media_assets.errors where \"column\" = '{column}'")  # noqa: S608
        values: dict[str, int | str] = {
            r: int(c) for r, c in zip(cells["row"], cells["cell"], strict=True)
        }
        return values | dict.fromkeys(errors["row"], ERROR)

    def numbers(self, column: str) -> set[tuple[str, int]]:
        """The manifests of a column, each by the name of its folder and its number."""
        folders = column_folders(self.root, "photos", column)
        return {(folder.name, number) for folder in folders for number in folder.manifests}

    def named(self) -> set[str]:
        records = (r for manifest in self.manifests() for r in manifest.records.values())
        return {record.fileurl for record in records if record.fileurl}

    def stored(self) -> set[str]:
        return {file.as_uri() for file in self.home.glob("files-*/photos/flipped/*/*.png")}

    def files(self) -> Iterator[Path]:
        """All that is in the destinations and in the catalog."""
        for folder in (*self.home.glob("files-*"), self.home / "media"):
            yield from (file for file in folder.rglob("*") if file.is_file())


LifeOfRows.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLifeOfRows = LifeOfRows.TestCase
