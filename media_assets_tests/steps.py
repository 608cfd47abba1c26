"""Steps without Dagster around them: what a run would make, in milliseconds."""

import logging

import dagster as dg

from media_assets.fan_out.resource import FanOut
from media_assets.io_manager import MediaIOManager
from media_assets.metadata import ColumnOutput
from media_assets.records.manifests import Record
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.derived_step import step_class
from media_assets.tables.step import StepOptions
from media_assets.tables.table import MediaTable

NO_VERSIONS = AssetVersions(dg.DagsterInstance.ephemeral)
"""For tables whose columns take no value of an asset."""


def run_step(
    table: MediaTable,
    partition: str,
    columns: tuple[str, ...] | None = None,
    *,
    force: bool = False,
    moves: bool = True,
    retries_unreadable: bool = False,
    manager: MediaIOManager | None = None,
) -> list[ColumnOutput]:
    """Runs a step over a partition and commits it; all columns by default."""
    manager = manager or MediaIOManager()
    fan_out = manager.fan_out if isinstance(manager.fan_out, FanOut) else FanOut()
    step = step_class(table)(
        manager.installation,
        table,
        partition,
        table.select(columns),
        run_id="a-run",
        options=StepOptions(force, moves, retries_unreadable, fan_out),
        log=logging.getLogger("test"),
    )
    return list(step.run())


def cells(outputs: list[ColumnOutput]) -> dict[str, dict[str, Record]]:
    """What stands in the partition now, by column and row."""
    manifests = [output.committed.manifest for output in outputs]
    return {m.header.column: dict(m.records) for m in manifests}


def made(outputs: list[ColumnOutput]) -> int:
    """How many cells a step made."""
    return sum(output.committed.made for output in outputs)
