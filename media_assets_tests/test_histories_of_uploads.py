"""Random histories of uploads: a table always equals a model that reads every file."""

import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from uuid import uuid4

import dagster as dg
import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PIL import Image

from media_assets.automation.partition_selection import PartitionState
from media_assets.automation.uploads_scan import ScanPosition, UploadsScan
from media_assets.catalog import Catalog
from media_assets.errors import UploadConflictError
from media_assets.home import BRANCH_VARIABLE, CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.records.branches import drop_branch, make_branch
from media_assets.records.ledger import CatalogRoot
from media_assets.split import tiles
from media_assets.stores import Store
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import uploads_listing
from media_assets.upkeep.collection import collect
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.garbage import GarbageFinder
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.log import UploadLog
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.ship import ship
from media_assets_tests.automation.sensors import Ticker
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import NO_VERSIONS, run_step

BRANCH = "blur"
NAMES = ("a.bmp", "b.bmp")
FOLDERS = ("uploads", "other", "third")
"""The table's uploads, which scans and the sensor look through, and places to insert from."""
SHADES = st.integers(0, 3)
File = tuple[str, str]
Change = tuple[str, File, File, int]

WHAT = ("write", "overwrite", "overwrite", "touch", "copy", "move", "remove")
"""What happens to a file: an overwriting keeps its size and its time, a move may take a name."""
FILES = st.tuples(st.sampled_from(("uploads", *FOLDERS)), st.sampled_from(NAMES))
CHANGES = st.lists(st.tuples(st.sampled_from(WHAT), FILES, FILES, SHADES), min_size=1, max_size=2)


@dataclass(frozen=True)
class Held:
    """What the model knows of a row.

    `seen` is the state of each of its own files when it was last recorded.
    """

    file: File
    shade: int
    seen: dict[File, object]
    is_deleted: bool = False


@dataclass
class LocalFiles:
    """Files of this machine; every write, move and touch is another state of a file."""

    root: Path
    states: dict[File, tuple[int, object]] = field(default_factory=dict[File, tuple[int, object]])
    writes: int = 0

    def path(self, file: File) -> Path:
        path = self.root / file[0] / file[1]
        path.parent.mkdir(exist_ok=True)
        return path

    def uri(self, file: File) -> str:
        return self.path(file).as_uri()

    def note(self, file: File, shade: int) -> None:
        self.writes += 1
        self.states[file] = shade, self.writes

    def write(self, file: File, shade: int, *, keeps_time: bool) -> None:
        path = self.path(file)
        before = path.stat().st_mtime_ns if path.exists() else None
        path.write_bytes(picture(shade))
        if keeps_time and before is not None:
            os.utime(path, ns=(before, before))
        self.note(file, shade)

    def touch(self, file: File) -> None:
        os.utime(self.path(file), ns=(0, self.path(file).stat().st_mtime_ns + 10**9))
        self.note(file, self.states[file][0])

    def copy(self, file: File, to: File) -> None:
        shutil.copy2(self.path(file), self.path(to))
        self.note(to, self.states[file][0])

    def move(self, file: File, to: File) -> None:
        self.path(file).rename(self.path(to))
        self.note(to, self.states.pop(file)[0])

    def delete(self, file: File) -> None:
        self.path(file).unlink()
        del self.states[file]


@dataclass
class Objects:
    """Objects of a bucket: equal bytes are the same state, since a digest is their version."""

    store: Store
    root: str
    states: dict[File, tuple[int, object]] = field(default_factory=dict[File, tuple[int, object]])

    def key(self, file: File) -> str:
        return "/".join(file)

    def uri(self, file: File) -> str:
        return f"{self.root}{self.key(file)}"

    def write(self, file: File, shade: int, *, keeps_time: bool) -> None:
        self.store.put(self.key(file), picture(shade))
        self.states[file] = shade, shade

    def touch(self, file: File) -> None:
        self.write(file, self.states[file][0], keeps_time=False)

    def copy(self, file: File, to: File) -> None:
        self.store.copy(self.key(file), self.key(to))
        self.states[to] = self.states[file]

    def move(self, file: File, to: File) -> None:
        self.copy(file, to)
        self.delete(file)

    def delete(self, file: File) -> None:
        self.store.delete([self.key(file)])
        del self.states[file]


class HistoriesOfUploads(RuleBasedStateMachine):
    """Files in three folders of one store, a table, and the rows that it should hold."""

    server: ClassVar[S3Server | AzureServer | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.home = Path(self.folder.name)
        (self.home / "dagster.yaml").touch()
        self.environment = pytest.MonkeyPatch()
        self.environment.setenv("DAGSTER_HOME", str(self.home))
        for name in (CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE):
            self.environment.delenv(name, raising=False)
        self.instance = dg.DagsterInstance.local_temp(str(self.home))
        self.rows: dict[str, Held] = {}
        self.on_branch: dict[str, Held] | None = None
        self.began: int = 0

    def teardown(self) -> None:
        self.instance.dispose()
        self.environment.undo()
        self.folder.cleanup()

    @initialize(keeps=st.booleans())
    def declare(self, keeps: bool) -> None:  # noqa: FBT001  whether copies of uploads are kept
        kept = str(self.home / "kept") if keeps else None
        self.keeps = keeps
        self.manager = MediaIOManager(input_media_dest=kept)
        if self.server is None:
            self.files: LocalFiles | Objects = LocalFiles(self.home / "files")
            self.files.root.mkdir()
            (self.files.root / "uploads").mkdir()
            uploads = str(self.files.root / "uploads")
        else:
            name = f"histories-{uuid4().hex}"
            if isinstance(self.server, S3Server):
                root = f"s3://{self.server.make_bucket(name)}/"
            else:
                root = f"az://{self.server.make_container(name)}/"
            store, _ = self.manager.storage.store_of(f"{root}x")
            self.files = Objects(store, root)
            uploads = f"{root}uploads/"
        self.table = MediaTable("photos", uploads=uploads, rows_per_partition=1)

        @self.table.computed_column(code_version="1")
        def shade(source_image: Image.Image) -> int:
            pixel = source_image.getpixel((0, 0))
            assert isinstance(pixel, int)
            return pixel

        self.halves = self.table.derived_table("halves", tiles((2, 4)))

        @self.halves.computed_column(code_version="1")
        def tone(tile: Image.Image) -> int:
            return shade(tile)

        self.root = self.manager.installation.catalog
        self.ticker = Ticker(self.instance, self.table, manager=self.manager)

    def has(self, file: File) -> bool:
        return file in self.files.states

    def make(self, changes: list[Change]) -> None:
        for change in changes:
            self.change(change)

    def change(self, change: Change) -> None:
        """What people do to files; a file that is not there is not changed."""
        what, file, to, shade = change
        if what in ("write", "overwrite"):
            self.files.write(file, shade, keeps_time=what == "overwrite")
        elif not self.has(file):
            return
        elif what == "touch":
            self.files.touch(file)
        elif what == "remove":
            self.files.delete(file)
        elif file != to:
            (self.files.copy if what == "copy" else self.files.move)(file, to)

    # What people do to the table

    @precondition(lambda self: any(not held.is_deleted for held in self.rows.values()))
    @rule(data=st.data())
    def delete_row(self, data: st.DataObject) -> None:
        self.remove(data)

    def remove(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from([r for r, h in self.rows.items() if not h.is_deleted]))
        delete_rows(StoredTable(self.root, "photos"), "source_image", [row])
        self.rows[row] = replace(self.rows[row], is_deleted=True)
        self.check()

    @rule(changes=CHANGES, data=st.data(), replaces=st.booleans())
    def insert(self, changes: list[Change], data: st.DataObject, replaces: bool) -> None:  # noqa: FBT001  the option
        self.record(changes, data, replaces=replaces)

    def record(self, changes: list[Change], data: st.DataObject, *, replaces: bool) -> None:
        self.make(changes)
        if not self.files.states:
            return
        folder = data.draw(st.sampled_from(sorted({folder for folder, _ in self.files.states})))
        named = sorted(file for file in self.files.states if file[0] == folder)
        found = find_named(
            [self.files.uri(file) for file in named], self.manager.installation.reader
        )
        refused = [file for file in named if self.is_conflict(file)]

        if refused and not replaces:
            with pytest.raises(UploadConflictError, match=f"{len(refused)} files? ha(s|ve)"):
                record(self.manager.installation, self.table, found, is_named=True)
            self.check()
            return
        recorded = record(
            self.manager.installation, self.table, found, is_named=True, replaces=replaces
        )
        for file in named:
            self.take(file)
        self.run(recorded.partitions)

    @rule(changes=CHANGES, replaces=st.booleans())
    def scan(self, changes: list[Change], replaces: bool) -> None:  # noqa: FBT001  the option
        self.look_through(changes, replaces=replaces)

    def look_through(self, changes: list[Change], *, replaces: bool) -> None:
        self.make(changes)
        intake = UploadsScan(self.manager.installation, self.table, replaces=replaces)
        listing = uploads_listing(self.manager.installation, self.table)
        look = intake.look(listing, ScanPosition())
        expected = self.look(replaces=replaces)
        assert [conflict.row for conflict in look.conflicts] == expected
        stored = StoredTable(self.root, "photos")
        state = PartitionState(self.manager.installation, self.table, self.table.columns, stored)
        self.run(p for p in stored.partitions() if state.is_stale(p, versions=NO_VERSIONS))

    @rule(changes=CHANGES)
    def ticks(self, changes: list[Change]) -> None:
        """The sensor sees files twice before it takes them, and gathers for a while."""
        self.make(changes)
        looks = [self.ticker.tick(after=61.0) for _ in range(3)]
        expected = self.look(replaces=False)
        refused = {conflict.row for look, _ in looks for conflict in look.conflicts}
        assert sorted(refused) == expected
        self.run(str(request.partition_key) for _, due in looks for request in due)

    # What people do on a branch of the table

    @contextmanager
    def branch(self) -> Generator[None]:
        """Lets everything below work on the branch, and the model with it."""
        assert self.on_branch is not None
        main = self.root, self.rows
        self.environment.setenv(BRANCH_VARIABLE, BRANCH)
        self.root, self.rows = self.manager.installation.catalog, self.on_branch
        yield
        self.environment.delenv(BRANCH_VARIABLE)
        self.on_branch = self.rows
        self.root, self.rows = main

    def make_branch(self) -> None:
        make_branch(self.root, BRANCH, made_by="somebody")
        self.manager.opened.clear()  # it may be that of an earlier branch
        self.on_branch = dict(self.rows)
        self.began = UploadLog(self.root, "photos").refresh().entry

    @rule(changes=CHANGES, beside=CHANGES, data=st.data(), ships=st.booleans())
    def insert_on_branch(
        self,
        changes: list[Change],
        beside: list[Change],
        data: st.DataObject,
        ships: bool,  # noqa: FBT001  now, beside a scan of main
    ) -> None:
        if self.on_branch is None:
            self.make_branch()
        with self.branch():
            self.record(changes, data, replaces=True)
        if ships:
            self.look_through(beside, replaces=False)
            self.end(ships=True)

    @precondition(lambda self: any(not h.is_deleted for h in (self.on_branch or {}).values()))
    @rule(data=st.data())
    def delete_on_branch(self, data: st.DataObject) -> None:
        with self.branch():
            self.remove(data)
        self.check()

    @precondition(lambda self: self.on_branch is not None)
    @rule(ships=st.sampled_from((True, True, False)))
    def end_branch(self, ships: bool) -> None:  # noqa: FBT001  or drops it
        self.end(ships=ships)

    def end(self, *, ships: bool) -> None:
        """Main takes what the branch has, but for what main changed since, and makes nothing."""
        assert self.on_branch is not None
        if ships:
            touched = self.touched(self.root.on_branch(BRANCH))
            moved = self.touched(self.root)
            declared = {table.name: table for table in (self.table, self.halves)}
            shipped = ship(self.manager.installation, declared, BRANCH, self.instance)
            assert touched - moved <= touched - {*shipped.left_rows}
            for row in touched.difference(shipped.left_rows):
                theirs, mine = self.on_branch[row], self.rows.get(row)
                seen = {**(mine.seen if mine else {}), theirs.file: theirs.seen[theirs.file]}
                self.rows[row] = replace(theirs, seen=seen)
            again = ship(self.manager.installation, declared, BRANCH, self.instance)
            assert (again.rows, again.cells) == (0, 0)
        drop_branch(self.root, BRANCH)
        self.on_branch = None
        self.check()

    def touched(self, root: CatalogRoot) -> set[str]:
        """The rows of which a log says anything since the branch was made."""
        log = UploadLog(root, "photos")
        log.refresh()
        query = "select distinct row from log where entry > ?"
        return {row for (row,) in log.query(query, [self.began])}

    def run(self, partitions: Iterable[str]) -> None:
        """The run that was asked for, and no other."""
        for partition in dict.fromkeys(partitions):
            run_step(self.table, partition, manager=self.manager, moves=False)
            run_step(self.halves, partition, manager=self.manager, moves=False)
        self.check()

    @rule()
    def collect(self) -> None:
        """Whatever is not needed goes, and nothing else."""
        storage = self.manager.installation.storage
        in_place = files_uploaded_in_place(self.root, storage)
        for name in ("photos", "photos/halves"):
            table = StoredTable(self.root, name)
            finder = GarbageFinder(table, storage, ONLY_CURRENT, in_place=in_place)
            for found in finder.find():
                list(collect(self.root, storage, found))
        self.check()
        if self.on_branch is not None:
            with self.branch():
                self.check()
        elif StoredTable(self.root, "photos").partitions():
            named = set(Catalog(self.root).sql('select tile from "photos/halves"')["tile"])
            files = Path(self.manager.installation.home.local_storage.removeprefix("file://"))
            folder = files / "photos" / "halves" / "tile"
            assert {path.as_uri() for path in folder.rglob("*.png")} == named, "no orphan"

    # The model

    def is_conflict(self, file: File) -> bool:
        held = self.rows.get(file[1])
        return (
            held is not None
            and not held.is_deleted
            and file not in held.seen
            and held.shade != self.files.states[file][0]
        )

    def take(self, file: File) -> None:
        """The row is the file's, whatever it was."""
        shade, state = self.files.states[file]
        held = self.rows.get(file[1])
        seen = {**(held.seen if held else {}), file: state}
        self.rows[file[1]] = Held(file, shade, seen)

    def look(self, *, replaces: bool) -> list[str]:
        """What a look through the uploads changes; returns the rows of refused files."""
        refused: list[str] = []
        for file in sorted(file for file in self.files.states if file[0] == "uploads"):
            shade, state = self.files.states[file]
            held = self.rows.get(file[1])
            if held is not None and held.seen.get(file) == state:
                continue
            if held is not None and held.is_deleted and held.shade == shade:
                self.rows[file[1]] = replace(held, file=file, seen={**held.seen, file: state})
            elif self.is_conflict(file) and not replaces:
                refused.append(file[1])
            else:
                self.take(file)
        return refused

    def check(self) -> None:
        """The table has the rows of the model, with what was made of them."""
        live = {row: held for row, held in self.rows.items() if not held.is_deleted}
        if not StoredTable(self.root, "photos").partitions():
            assert not live  # a row may be gone before main had it
            return
        shown = Catalog(self.root).sql("select row, source_image, shade from photos order by row")
        assert shown["row"].to_list() == sorted(live)
        for row, source, shade in shown.itertuples(index=False):
            assert shade == live[row].shade, row
            if self.keeps:
                assert "/kept/photos/source_image/" in source
            else:
                assert source == self.files.uri(live[row].file), row
        halves = Catalog(self.root).sql(
            'select row, parent, tone from "photos/halves" order by row'
        )
        assert halves["row"].to_list() == [
            f"{row}/0000x000{half}" for row in sorted(live) for half in (0, 1)
        ]
        for row, parent, tone in halves.itertuples(index=False):
            assert tone == live[parent].shade, row


def picture(shade: int) -> bytes:
    """A picture whose size never tells its content."""
    file = BytesIO()
    Image.new("L", (4, 4), shade).save(file, "BMP")
    return file.getvalue()


@contextmanager
def on(server: S3Server | AzureServer | None) -> Generator[type[HistoriesOfUploads]]:
    HistoriesOfUploads.server = server
    yield HistoriesOfUploads
    HistoriesOfUploads.server = None


def lives(server: S3Server | AzureServer | None, examples: int, *, at_random: bool) -> None:
    """Tries histories: the same ones each time, or others."""
    options = settings(
        max_examples=examples,
        stateful_step_count=12,
        deadline=None,
        derandomize=not at_random,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    with on(server) as machine:
        run_state_machine_as_test(machine, settings=options)


def several(few: int, many: int) -> pytest.MarkDecorator:
    """A few histories in the ordinary suite, many others with all faults."""
    marks = [pytest.mark.faults, pytest.mark.timeout(3600)]
    cases = [(few, False), pytest.param(many, True, marks=marks)]
    return pytest.mark.parametrize(("examples", "at_random"), cases, ids=["few", "many"])


@several(8, 200)
def test_a_table_of_local_files_equals_a_model_that_reads_every_file(
    examples: int,
    at_random: bool,  # noqa: FBT001  the case
) -> None:
    lives(None, examples, at_random=at_random)


@several(2, 40)
def test_a_table_of_objects_equals_a_model_that_reads_every_file(
    s3_environment: S3Server,
    examples: int,
    at_random: bool,  # noqa: FBT001  the case
) -> None:
    lives(s3_environment, examples, at_random=at_random)


@several(2, 40)
def test_a_table_of_blobs_equals_a_model_that_reads_every_file(
    azure_environment: AzureServer,
    examples: int,
    at_random: bool,  # noqa: FBT001  the case
) -> None:
    lives(azure_environment, examples, at_random=at_random)


class Chosen:
    """Draws what is given."""

    def __init__(self, value: object) -> None:
        self.value = value

    def draw(self, _: object) -> Any:  # noqa: ANN401  as Hypothesis does
        return self.value


def test_parts_leave_a_partition_with_the_row_that_leaves_it() -> None:
    row, copy, moved = ("uploads", "b.bmp"), ("other", "a.bmp"), ("other", "b.bmp")
    with on(None) as machine:
        history = machine()
    try:
        history.declare(keeps=True)
        history.ticks([("write", row, row, 0)])
        history.ticks([("write", row, row, 3)])
        history.insert([("copy", row, copy, 0)], Chosen("uploads"), replaces=True)  # pyright: ignore[reportArgumentType]
        history.insert([("move", row, moved, 0)], Chosen("other"), replaces=False)  # pyright: ignore[reportArgumentType]
        history.collect()
        history.ticks([("overwrite", row, row, 1)])
        history.collect()
    finally:
        history.teardown()
