"""Checks of the options that a table is declared with."""

import dagster as dg

from media_assets.columns import check_name
from media_assets.errors import DeclarationError
from media_assets.media_types import MediaType
from media_assets.row_names import Naming


def check_table_name(name: str) -> None:
    """Refuses a name that a table cannot have, or that Dagster reserves."""
    for part in name.split("/"):
        check_name(part, what="Table" if part == name else f"In table {name!r} the")
    try:
        dg.GraphDefinition(name.replace("/", "__"))
    except dg.DagsterInvalidDefinitionError as error:
        raise DeclarationError(
            what=f"Table name {name!r} cannot be used: its step would have the same name.",
            accepted="Any name that is not reserved by Python or Dagster (`config`, `type`).",
            fix="Name it after its contents, or put it into a folder: `team/photos`.",
        ) from error


def check_rows_per_partition(rows: int, table: str, *, default: int) -> None:
    """Refuses partitions without rows."""
    if rows < 1:
        raise DeclarationError(
            what=f"Table {table!r} has rows_per_partition={rows}.",
            accepted="A whole number, 1 or more; each run costs seconds of start-up.",
            fix=f"Keep the default of {default}, or choose a larger number.",
        )


def check_gather_seconds(seconds: float, table: str, *, default: float) -> None:
    """Refuses a negative time."""
    if seconds < 0:
        raise DeclarationError(
            what=f"Table {table!r} has gather_seconds={seconds}.",
            accepted="A number of seconds, 0 or more.",
            fix=f"Keep the default of {default}, or choose another number.",
        )


def check_keeps_folders(
    naming: Naming, table: str, *, uploads: str | None, name_by: str | None
) -> None:
    """Refuses names without the folders from which a row's partition is read."""
    if not naming.keeps_folders:
        raise DeclarationError(
            what=f"Table {table!r} has uploads={uploads!r} and name_by={name_by!r}.",
            accepted="name_by='stem' or none: the partition is read from a row's name.",
            fix="Drop name_by, or return a row's partition by partition_of=.",
        )


def check_truncated(truncated: str, table: str, medium: MediaType) -> None:
    """Refuses to keep files that end early, unless they are images."""
    if truncated not in ("error", "keep") or (truncated == "keep" and not medium.is_decoded):
        raise DeclarationError(
            what=f"Table {table!r} of {medium.plural} has truncated={truncated!r}.",
            accepted='"error"; for images also "keep", which decodes them as far as they go.',
            fix="Drop it, or correct it.",
        )
