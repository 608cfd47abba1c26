"""The uploads sensor, which records new and changed uploads and requests runs."""

import dagster as dg

from media_assets.tables.assets import IO_MANAGER_KEY
from media_assets.tables.table import MediaTable

_INTERVAL_SECONDS = 3
"""Below the 5 seconds between two checks of the daemon."""


def uploads_sensor(table: MediaTable) -> dg.SensorDefinition:
    """Returns the sensor of a table's uploads, which is off by default."""

    @dg.sensor(
        name=f"{table.op_name}_uploads",
        job_name=table.job_name,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        required_resource_keys={IO_MANAGER_KEY},
        description=f"Assigns new and changed uploads of {table.name} to partitions, and requests "
        "their runs.",
    )
    def uploads(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from media_assets.automation.ticks import evaluate

        return evaluate(table, context)

    return uploads
