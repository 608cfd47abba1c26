"""Partitions of a table in YAML."""

from typing import Annotated, Literal

import dagster as dg
from pydantic import Field

from media_assets.errors import DeclarationError


class PartitionsModel(dg.Resolvable, dg.Model):
    """Partitions other than partitions of uploads: spans of time, or a fixed list of keys."""

    type: Literal["hourly", "daily", "weekly", "monthly", "static"]
    start_date: Annotated[
        str | None,
        Field(description="Start of the first partition: 2026-01-01, hourly 2026-01-01-00:00."),
    ] = None
    end_date: str | None = None
    timezone: Annotated[str | None, Field(description="Default: UTC.")] = None
    partition_keys: Annotated[list[str] | None, Field(description="For `static`: its keys.")] = None

    def definition(self, *, table: str) -> dg.PartitionsDefinition:
        """Returns Dagster's definition.

        Raises:
            DeclarationError: `start_date` or `partition_keys` is missing, or both are given.
        """
        is_static = self.type == "static"
        if is_static == bool(self.start_date) or is_static != bool(self.partition_keys):
            raise DeclarationError(
                what=f"The partitions of table {table!r} are {self.type}, with "
                f"start_date={self.start_date!r} and partition_keys={self.partition_keys!r}.",
                accepted="static with partition_keys; hourly, daily, weekly and monthly with "
                "start_date.",
                fix="Write it like `partitions: {type: daily, start_date: 2026-01-01}`.",
            )
        if is_static:
            return dg.StaticPartitionsDefinition(self.partition_keys or [])
        spans = {
            "hourly": dg.HourlyPartitionsDefinition,
            "daily": dg.DailyPartitionsDefinition,
            "weekly": dg.WeeklyPartitionsDefinition,
            "monthly": dg.MonthlyPartitionsDefinition,
        }
        return spans[self.type](
            start_date=self.start_date or "", end_date=self.end_date, timezone=self.timezone
        )


class DimensionsModel(dg.Resolvable, dg.Model):
    """Two named dimensions; each pair of their keys is a partition."""

    dimensions: Annotated[
        dict[str, PartitionsModel], Field(description="Two dimensions, each like `partitions`.")
    ]

    def definition(self, *, table: str) -> dg.PartitionsDefinition:
        """Returns Dagster's definition.

        Raises:
            DeclarationError: There are not exactly two dimensions, or one of them is incomplete.
        """
        dimensions = {
            name: dimension.definition(table=table) for name, dimension in self.dimensions.items()
        }
        try:
            return dg.MultiPartitionsDefinition(dimensions)
        except (dg.DagsterInvalidInvocationError, dg.DagsterInvalidDefinitionError) as error:
            raise DeclarationError(
                what=f"The dimensions {', '.join(map(repr, dimensions))} of table {table!r} cannot "
                f"be used: {error}",
                accepted="Exactly two dimensions, whose keys do not contain '|', ',', '[' or ']'.",
                fix="Write them like `dimensions: {day: {type: daily, start_date: 2026-01-01}, "
                "cam: {type: static, partition_keys: [north, south]}}`.",
            ) from error
