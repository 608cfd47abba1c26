"""Definitions that a code location has once, however many of its tables bring them.

Dagster takes a name twice only for the very same object, and a project of `dg` copies what each
of its folders defines, to note where it is from. What serves all tables is from none of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg


class SharedSensor(dg.SensorDefinition):
    """A sensor that stays one object where Dagster notes an origin."""

    def with_attributes(
        self,
        *,
        jobs: Sequence[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> "SharedSensor":
        """Returns the sensor itself: it has no job, and no one origin."""
        del jobs, metadata
        return self


class SharedJob(dg.JobDefinition):
    """A job that stays one object where Dagster notes an origin."""

    def with_metadata(self, metadata: Mapping[str, Any]) -> "SharedJob":
        """Returns the job itself: it has no one origin."""
        del metadata
        return self
