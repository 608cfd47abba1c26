"""Loaders that run once per process, however many threads ask."""

from pathlib import Path
from threading import Barrier, Thread

import dagster as dg
import pytest
from PIL import Image
from pydantic import PrivateAttr

from media_assets.build import build_defs
from media_assets.loaders import load_once
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.pipeline.plans import plan_for, records_of, rows_of, run
from media_assets_tests.runs import catalog, inserted


def test_threads_that_ask_at_the_same_time_get_one_model() -> None:
    together, loaded, got = Barrier(8), list[object](), list[object]()

    @load_once
    def model() -> object:
        loaded.append(object())
        return loaded[0]

    def ask() -> None:
        together.wait()
        got.append(model())

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(loaded) == 1
    assert got == loaded * 8


def test_each_model_is_loaded_once_and_one_that_failed_again() -> None:
    asked: list[str] = []

    @load_once
    def model(name: str) -> str:
        asked.append(name)
        if len(asked) == 1:
            raise OSError
        return name.upper()

    with pytest.raises(OSError):  # noqa: PT011  its class is all there is
        model("a")
    assert [model("a"), model("b"), model("a")] == ["A", "B", "A"]
    assert asked == ["a", "a", "b"]


def test_row_functions_on_all_threads_share_what_was_loaded(tmp_path: Path) -> None:
    table, loaded = MediaTable("photos"), list[int]()

    @load_once
    def model() -> int:
        loaded.append(1)
        return 7

    @table.computed_column()
    def answer(source_image: Image.Image) -> int:
        return model()

    rows = rows_of(save_photos(tmp_path, 8))
    records = records_of(run(plan_for(table, tmp_path / "out"), rows, workers=4))

    assert {cells["answer"].value for cells in records.values()} == {"7"}
    assert loaded == [1]


class Model(dg.ConfigurableResource):  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument]
    """A model that is loaded when a run starts."""

    name: str
    _words: list[str] = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        del context
        LOADED.append(self.name)
        self._words = [self.name.upper()]

    def describe(self, image: Image.Image) -> str:
        return f"{self._words[0]} {image.width}"


LOADED: list[str] = []


def test_a_resource_is_set_up_once_per_run(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    table = MediaTable("photos")
    LOADED.clear()

    @table.computed_column(max_concurrency=2)
    async def text(source_image: Image.Image, model: Model) -> str:
        return model.describe(source_image)

    partition = inserted(instance, table, *save_photos(tmp_path / "in", 4))
    job = build_defs(
        [table], {"model": Model(name="small")}
    ).resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=instance,
        partition_key=partition,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )

    assert result.success
    assert LOADED == ["small"]
    assert set(catalog().sql("select text from photos")["text"]) == {"SMALL 48"}
