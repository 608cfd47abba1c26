"""The check of all destinations as a job: by hand, or on a schedule of one's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import dagster as dg

from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.table import MediaTable

if TYPE_CHECKING:
    from media_assets.io_manager import MediaIOManager
    from media_assets.probe import Probe
    from media_assets.tables.destinations import Use

JOB_NAME = "check_destinations"


def destinations_check(tables: Sequence[MediaTable]) -> dg.JobDefinition:
    """Returns the job `check_destinations`: it fails when a destination does not work from here.

    Every destination of the tables, and the catalog's, is really written, read and deleted at.
    """

    @dg.op(
        name="try_destinations",
        required_resource_keys={IO_MANAGER_KEY},
        out=dg.Out(dg.Nothing),
        description="Writes, reads and deletes a small file at every destination.",
    )
    def check(context: dg.OpExecutionContext) -> None:
        from media_assets.tables.destinations import try_destinations

        manager = cast("MediaIOManager", context.resources.media_io_manager)
        tried = try_destinations(manager, tables)
        for use, probe in tried:
            context.log.info(_told(use, probe))
        failed = [(use, probe) for use, probe in tried if probe.problem]
        if failed:
            raise dg.Failure(
                description=f"{len(failed)} of {len(tried)} destinations do not work.",
                metadata={probe.destination.uri: _told(use, probe) for use, probe in failed},
            )

    @dg.job(
        name=JOB_NAME,
        description="Whether every destination can be written, read and deleted from here; with "
        "what to do where it cannot.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        check()

    return job


def _told(use: "Use", probe: "Probe") -> str:
    users = ", ".join(use.users)
    result = str(probe.problem) if probe.problem else f"works ({probe.seconds:.2f} s)"
    return f"{probe.destination.uri} (for {users}): {result}"
