"""The tests of a run as a list: what takes long comes first, and it is not searched for garbage."""

import gc
import sys
from multiprocessing import forkserver
from pathlib import Path

import pytest

_TESTS = Path(__file__).parent
_LONGEST = (
    "test_docs.py",
    "pipeline/test_memory.py",
    "test_histories_of_uploads.py",
    "test_second_project.py",
    "browser/test_accessibility.py",
    "deploy/test_postgres.py",
    "examples/test_projects.py",
    "tables/test_asset_values.py",
    "test_shared_location.py",
    "test_partitioning.py",
    "browser/test_gallery.py",
    "faults/test_names.py",
    "verbs/test_notebook.py",
    "test_machine.py",
    "test_column_language.py",
    "test_runbook.py",
    "faults/test_home_disk.py",
    "browser/test_trial.py",
    "components/test_media_table.py",
    "automation/test_uploads_sensor.py",
)
"""Files with a test that takes half a minute or more where two cores are shared."""


_FORKING = {
    *("media_assets_tests.faults.kills", "media_assets_tests.faults.test_limits"),
    *("media_assets_tests.stores.processes", "media_assets_tests.tables.deaths"),
    "media_assets_tests.tables.test_deadly_parents",
}
"""Modules of tests whose processes are forks of one server."""


def pytest_collectstart() -> None:
    gc.disable()  # what is collected stays


@pytest.hookimpl(trylast=True)  # once those are left out that the run does not ask for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lets the share of each process begin with files that take long, so that all end together."""
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = _in_shares(items, workers)


def _in_shares(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    ranks = {_TESTS / name: rank for rank, name in enumerate(_LONGEST)}
    assert [path for path in ranks if not path.exists()] == []
    longest = [item for item in items if item.path in ranks]
    longest.sort(key=lambda item: ranks[item.path])
    others = iter([item for item in items if item.path not in ranks])
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        # As xdist shares them out: of what is left, the same number for each process that is left.
        size = (len(items) - len(ordered)) // (workers - worker)
        own = [item for item in longest if ranks[item.path] % workers == worker]
        ordered += own
        ordered += [item for item, _ in zip(others, range(size - len(own)), strict=False)]
    return ordered + list(others)


def pytest_collection_finish() -> None:
    if _FORKING & sys.modules.keys():
        # Its environment stays what it is now, and not that of the test that needs it first.
        forkserver.ensure_running()
    gc.collect()
    gc.freeze()  # what makes up the tests is not searched again and again
    gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()  # DuckDB complains of what is not collected
