"""Definitions that a code location has only once, although each of its tables adds them.

Dagster accepts a name twice only for the same object, but a `dg` project copies each definition to
note its origin. These definitions are not copied.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg


class SharedSensor(dg.SensorDefinition):
    """A sensor that is not copied when Dagster notes its origin."""

    def with_attributes(
        self,
        *,
        jobs: Sequence[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> "SharedSensor":
        """Returns the sensor itself."""
        del jobs, metadata
        return self


class SharedJob(dg.JobDefinition):
    """A job that is not copied when Dagster notes its origin."""

    def with_metadata(self, metadata: Mapping[str, Any]) -> "SharedJob":
        """Returns the job itself."""
        del metadata
        return self
