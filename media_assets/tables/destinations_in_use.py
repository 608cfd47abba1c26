"""The destinations of all tables: each once, with its columns and who decided it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from media_assets.destinations import Destination
from media_assets.installation import Installation
from media_assets.probe import Probe, probe_all
from media_assets.tables.table import MediaTable

_CATALOG = "catalog"


@dataclass(frozen=True, slots=True)
class Use:
    """What a destination is used for.

    Attributes:
        users: The columns whose files are stored there, as `table/column`, and the catalog.
        decided_by: Who chose it for them.
    """

    users: list[str] = field(default_factory=list[str])
    decided_by: list[str] = field(default_factory=list[str])

    def add(self, user: str, decided_by: str | None) -> None:
        """Adds one more user."""
        self.users.append(user)
        if decided_by and decided_by not in self.decided_by:
            self.decided_by.append(decided_by)


def destinations_in_use(
    installation: Installation, tables: Sequence[MediaTable]
) -> dict[Destination, Use]:
    """Returns the destinations of all tables, the catalog's first.

    Raises:
        DestinationError: A destination cannot be understood.
    """
    uses = {installation.catalog.destination: Use()}
    for use in uses.values():
        use.add(_CATALOG, None)
    for table in tables:
        for column in table.columns:
            resolved = installation.decide(table.name, column)
            if resolved is not None:
                use = uses.setdefault(resolved.destination, Use())
                use.add(f"{table.name}/{column.name}", resolved.decided_by.value)
    return uses


def try_destinations(
    installation: Installation, tables: Sequence[MediaTable]
) -> list[tuple[Use, Probe]]:
    """Writes, reads and deletes a small file at each destination of the tables and the catalog.

    Raises:
        DestinationError: A destination cannot be understood. Failing ones are part of the result.
    """
    uses = destinations_in_use(installation, tables)
    catalog = installation.catalog.destination
    probes = probe_all({one: one == catalog for one in uses}, installation.storage)
    return [(use, probes[destination]) for destination, use in uses.items()]
