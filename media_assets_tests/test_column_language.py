"""Tables with random columns and rows, compared with plain Python for every cell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings, strategies as st
from PIL import Image

from media_assets.columns import in_order
from media_assets.errors import InputNotMaterializedError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import find_files
from media_assets.uploads.log import UploadLog
from media_assets_tests.column_graphs import (
    SOURCE,
    Cell,
    Failed,
    Spec,
    evaluate,
    graphs,
    photo,
    table_of,
)
from media_assets_tests.runs import catalog, insert, materialize
from media_assets_tests.steps import run_step

ROWS = [f"{name}.png" for name in "abcdef"]

Run = Callable[[MediaTable, str, tuple[str, ...], bool], None]
"""Materializes columns of a partition, with or without force."""


@st.composite
def actions(draw: st.DrawFn, specs: list[Spec]) -> list[tuple[str, Any]]:
    """Actions on a table with a few rows and all columns, in any order."""
    names = [spec.name for spec in specs]
    rows = st.dictionaries(st.sampled_from(ROWS), st.integers(0, 9), min_size=1, max_size=3)
    columns = st.lists(st.sampled_from([SOURCE, *names]), min_size=1, unique=True)
    one = st.one_of(
        st.tuples(st.just("insert"), rows),
        st.tuples(st.just("materialize"), columns),
        st.tuples(st.just("force"), columns),
        st.tuples(st.just("edit"), st.sampled_from(names)),
    )
    first = [("insert", draw(rows)), ("materialize", draw(st.just([SOURCE, *names]) | columns))]
    return [*first, *draw(st.lists(one, min_size=2, max_size=4))]


class Expected:
    """The expected cells of a table, kept by a model without any reuse."""

    def __init__(self) -> None:
        self.uploads: dict[str, int] = {}
        self.partition_of: dict[str, str] = {}
        self.materialized: dict[str, set[str]] = {}
        self.cells: dict[tuple[str, str, str], Cell] = {}

    def misses_input(self, specs: dict[str, Spec], partition: str, columns: list[str]) -> bool:
        there = {SOURCE, *columns, *self.materialized.get(partition, ())}
        return any(not there.issuperset(specs[name].reads) for name in columns if name != SOURCE)

    def materialize(self, ordered: list[Spec], partition: str, columns: list[str]) -> None:
        self.materialized.setdefault(partition, set()).update(columns)
        for row in (row for row, held_by in self.partition_of.items() if held_by == partition):
            for spec in ordered:
                if spec.name in columns:
                    inputs = {name: self._input(partition, row, name) for name in spec.reads}
                    self.cells[partition, row, spec.name] = evaluate(spec, inputs)

    def _input(self, partition: str, row: str, name: str) -> Cell:
        if name == SOURCE:
            return photo(self.uploads[row])
        return self.cells.get((partition, row, name), Failed())


class Session:
    """A table in use, and its expected contents."""

    def __init__(self, specs: list[Spec], folder: Path, rows_per_partition: int, run: Run) -> None:
        self.specs = {spec.name: spec for spec in specs}
        self.folder, self.rows_per_partition, self.run = folder, rows_per_partition, run
        self.expected = Expected()
        folder.mkdir(parents=True)

    @property
    def table(self) -> MediaTable:
        return table_of(list(self.specs.values()), rows_per_partition=self.rows_per_partition)

    def insert(self, rows: dict[str, int]) -> None:
        for row, seed in rows.items():
            path = self.folder / row
            if self.expected.uploads.get(row) != seed:
                photo(seed).save(path)
            else:
                path.touch()
        record(
            MediaIOManager().installation,
            self.table,
            find_files([self.folder / row for row in rows]),
        )
        self.expected.uploads |= rows
        log = UploadLog(MediaIOManager().installation.catalog, "graph")
        log.refresh()
        for partition in log.partitions():
            self.expected.partition_of |= dict.fromkeys(log.live_rows(partition), partition)

    def edit(self, name: str) -> None:
        self.specs[name] = self.specs[name].edited()

    def materialize(self, columns: list[str], *, force: bool = False) -> None:
        table = self.table
        ordered = [self.specs[c.name] for c in in_order(table.columns) if c.name != SOURCE]
        for partition in sorted(set(self.expected.partition_of.values())):
            if self.expected.misses_input(self.specs, partition, columns):
                with pytest.raises(InputNotMaterializedError):
                    self.run(table, partition, tuple(columns), force)
            else:
                self.run(table, partition, tuple(columns), force)
                self.expected.materialize(ordered, partition, columns)

    def check(self) -> None:
        shown = catalog().sql("select * from graph")
        assert sorted(shown["row"]) == sorted(self.expected.uploads)
        for line in shown.astype(object).where(shown.notna(), None).to_dict("records"):
            row, partition = str(line["row"]), str(line["partition"])
            assert self.expected.partition_of[row] == partition
            for name, spec in self.specs.items():
                expected = self.expected.cells.get((partition, row, name))
                assert is_shown(spec, line.get(name), expected), (row, name, expected)
        failed = {key for key, cell in self.expected.cells.items() if isinstance(cell, Failed)}
        live = {(partition, row) for row, partition in self.expected.partition_of.items()}
        errors = catalog().sql('select partition, row, "column" from media_assets.errors')
        assert set(errors.itertuples(index=False, name=None)) == {
            k for k in failed if k[:2] in live
        }


def is_shown(spec: Spec, found: object, expected: Cell) -> bool:
    """Whether the catalog shows the expected cell."""
    if expected is None or isinstance(expected, Failed):
        return found is None
    if spec.is_image:
        with Image.open(str(found).removeprefix("file://")) as image:
            return (image.mode, image.size, image.tobytes()) == (
                expected.mode,
                expected.size,
                expected.tobytes(),
            )
    return bool(found == expected)


def play(session: Session, acts: list[tuple[str, Any]]) -> None:
    last = ("materialize", [SOURCE, *session.specs])
    everything: list[tuple[str, Any]] = [*acts, last]
    for action, given_to in everything:
        note(f"{action} {given_to}")
        match action:
            case "insert":
                session.insert(given_to)
            case "edit":
                session.edit(given_to)
            case _:
                session.materialize(given_to, force=action == "force")
                session.check()


@pytest.fixture
def homes(
    tmp_path_factory: pytest.TempPathFactory, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Path]:
    """Creates a new home for each example."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("example")
        monkeypatch.setenv("DAGSTER_HOME", str(folder))
        return folder

    return make


def test_columns_can_distinguish_none_from_an_empty_text(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    photo(1).save(path)
    seen: list[object] = []

    def table_with(text: str | None) -> MediaTable:
        table = MediaTable("texts")

        @table.computed_column(code_version=repr(text))
        def caption(source_image: Image.Image) -> str | None:
            return text

        @table.computed_column(code_version="1")
        def has_caption(caption: str | None) -> bool:
            seen.append(caption)
            return caption is not None

        return table

    for text in ("", None):
        (partition,) = insert(table_with(text), path)
        run_step(table_with(text), partition)

    assert seen == ["", None]
    assert catalog().sql("select has_caption from texts")["has_caption"].to_list() == [False]


BOUNDED = settings(
    # Shrinking examples that take a second each would take minutes; failures note their actions.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(BOUNDED, max_examples=10)
@given(data=st.data(), specs=graphs(), rows_per_partition=st.sampled_from([2, 9]))
def test_steps_make_what_plain_python_makes(
    homes: Callable[[], Path], data: st.DataObject, specs: list[Spec], rows_per_partition: int
) -> None:
    def run(table: MediaTable, partition: str, columns: tuple[str, ...], force: bool) -> None:  # noqa: FBT001
        run_step(table, partition, columns, force=force)

    session = Session(specs, homes() / "in", rows_per_partition, run)

    play(session, data.draw(actions(specs)))


@settings(BOUNDED, max_examples=2)
@given(data=st.data(), specs=graphs())
def test_dagster_runs_make_what_plain_python_makes(
    homes: Callable[[], Path], data: st.DataObject, specs: list[Spec]
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:

        def run(table: MediaTable, partition: str, columns: tuple[str, ...], force: bool) -> None:  # noqa: FBT001
            config = {"ops": {"graph": {"config": {"force": force}}}}
            instance.add_dynamic_partitions(table.partitions_name or "", [partition])
            result = materialize(instance, table, partition, columns=columns, run_config=config)
            raise_what_it_missed(result)

        session = Session(specs, homes() / "in", 3, run)

        play(session, data.draw(actions(specs)))


def raise_what_it_missed(result: dg.ExecuteInProcessResult) -> None:
    """A run that fails because functions raise has committed; one without its inputs has not."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            text = error.to_string() if error else ""
            if "InputNotMaterializedError" in text:
                raise InputNotMaterializedError(column="", reads="", partition="")
            assert "All rows are committed" in text, text
