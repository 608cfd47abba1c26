"""Partitions of a table in YAML."""

from typing import Annotated, Literal

import dagster as dg
from pydantic import Field

from media_assets.errors import DeclarationError


class PartitionsModel(dg.Resolvable, dg.Model):
    """What a partition is, where it is no batch: a span of time, or one of some keys."""

    type: Literal["hourly", "daily", "weekly", "monthly", "static"]
    start_date: Annotated[
        str | None, Field(description="The first span's start: 2026-01-01, or with -00:00 hourly.")
    ] = None
    end_date: str | None = None
    timezone: Annotated[str | None, Field(description="UTC by default.")] = None
    partition_keys: Annotated[list[str] | None, Field(description="The keys of `static`.")] = None

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
    """Two dimensions by name, of which each pair of keys is a partition."""

    dimensions: Annotated[
        dict[str, PartitionsModel], Field(description="Two dimensions, each as partitions are.")
    ]

    def definition(self, *, table: str) -> dg.PartitionsDefinition:
        """Returns Dagster's definition.

        Raises:
            DeclarationError: There are not two dimensions, or one of them lacks what it needs.
        """
        dimensions = {
            name: dimension.definition(table=table) for name, dimension in self.dimensions.items()
        }
        try:
            return dg.MultiPartitionsDefinition(dimensions)
        except (dg.DagsterInvalidInvocationError, dg.DagsterInvalidDefinitionError) as error:
            raise DeclarationError(
                what=f"The dimensions {', '.join(map(repr, dimensions))} of table {table!r} make "
                f"no partitions: {error}",
                accepted="Two dimensions, whose keys have no '|', ',', '[' or ']'.",
                fix="Write them like `dimensions: {day: {type: daily, start_date: 2026-01-01}, "
                "cam: {type: static, partition_keys: [north, south]}}`.",
            ) from error
