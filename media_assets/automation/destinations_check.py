"""The job that checks all destinations, to run by hand or on your own schedule."""

from typing import TYPE_CHECKING, cast

import dagster as dg

from media_assets.automation.location_definitions import SharedJob
from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.built import list_built

if TYPE_CHECKING:
    from media_assets.installation import Installation
    from media_assets.probe import Probe
    from media_assets.tables.destinations_in_use import Use

JOB_NAME = "media_assets_check_destinations"


@dg.op(
    name="media_assets_try_destinations",
    required_resource_keys={IO_MANAGER_KEY},
    out=dg.Out(dg.Nothing),
    description="Writes, reads and deletes a small file at every destination.",
)
def _try_destinations(context: dg.OpExecutionContext) -> None:
    from media_assets.tables.destinations_in_use import try_destinations

    installation = cast("Installation", context.resources.media_io_manager.installation)
    tried = try_destinations(installation, list(list_built().values()))
    for use, probe in tried:
        context.log.info(_describe(use, probe))
    failed = [(use, probe) for use, probe in tried if probe.problem]
    if failed:
        raise dg.Failure(
            description=f"{len(failed)} of {len(tried)} destinations do not work.",
            metadata={probe.destination.uri: _describe(use, probe) for use, probe in failed},
        )


destinations_check = SharedJob(
    name=JOB_NAME,
    graph_def=dg.GraphDefinition(JOB_NAME, node_defs=[_try_destinations]),
    description="Checks that files can be written, read and deleted at every destination of this "
    "code location's media tables, and says what to do if not.",
    executor_def=dg.in_process_executor,
)
"""Fails if a destination of a table of this code location, or of the catalog, does not work."""


def _describe(use: "Use", probe: "Probe") -> str:
    users = ", ".join(use.users)
    result = str(probe.problem) if probe.problem else f"works ({probe.seconds:.2f} s)"
    return f"{probe.destination.uri} (for {users}): {result}"
