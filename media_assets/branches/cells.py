"""The shipment of a branch's cells: each partition of a column as main's next manifest."""

from collections.abc import Callable, Collection, Mapping, Set as AbstractSet
from dataclasses import dataclass, replace

from media_assets.errors import PublishError
from media_assets.installation import Installation
from media_assets.records.ledger import Ledger
from media_assets.records.manifests import (
    Header,
    Manifest,
    Record,
    commit_over,
    newest_manifest,
    read_manifest,
)
from media_assets.records.publications import Publications, has_names

_RUN = "ship"
Holds = Callable[
    [Mapping[str, Record], Mapping[str, Record], Mapping[str, Record]], Collection[str]
]
"""Returns the rows whose cells hold on main: of new cells, given main's of now and of the base."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a branch changed in one column of one partition.

    Attributes:
        ledger: The manifests of the branch, its base among them.
        base: The manifest that it began with; None if there was none.
        newest: The newest manifest of the branch.
        records: The cells that it changed, by row.
        live: Returns the rows that it still has; None if those are all of its manifest.
    """

    ledger: Ledger
    base: Manifest | None
    newest: Manifest
    records: Mapping[str, Record]
    live: Callable[[], Collection[str]] | None = None

    @classmethod
    def of(cls, ledger: Ledger, base: int) -> "Changed":
        """Reads what a branch changed, given the number of the manifest that it began with."""
        newest = newest_manifest(ledger)
        assert newest is not None  # noqa: S101  it has manifests of its own
        before = read_manifest(ledger, base) if base else None
        standing: Mapping[str, Record] = before.records if before else {}
        records = {row: r for row, r in newest.records.items() if standing.get(row) != r}
        return cls(ledger, before, newest, records)

    def beside(self, standing: Mapping[str, Record]) -> Mapping[str, Record]:
        """Returns the cells that main does not have, of rows that the branch still has."""
        differing = {row: r for row, r in self.records.items() if standing.get(row) != r}
        if not differing or self.live is None:
            return differing
        live = self.live()
        return {row: record for row, record in differing.items() if row in live}

    @property
    def gone(self) -> AbstractSet[str]:
        """The rows that left the partition on the branch."""
        before = set(self.base.records) if self.base else set[str]()
        return before.difference(self.newest.records)


@dataclass(frozen=True, slots=True)
class ShippedCells:
    """What became of the cells of one column in one partition.

    Attributes:
        manifest: The newest manifest of main; None if it has none.
        cells: How many cells of the branch main took.
        left: How many main did not take: what they are made from is other there by now.
        refused: Why the files could not be published, if so.
    """

    manifest: Manifest | None
    cells: int = 0
    left: int = 0
    refused: PublishError | None = None


def shipped_by(manifest: Manifest, branch: str) -> bool:
    """Whether a manifest was committed by a shipment of a branch."""
    return manifest.header.run_id == f"{_RUN} {branch}"


def ship_cells(
    installation: Installation,
    changed: Changed,
    branch: str,
    user: str,
    holds: Holds,
    live: Callable[[], Collection[str]],
) -> ShippedCells:
    """Commits what a branch changed as main's next manifest.

    If main commits in the meantime, its manifest is read, and cells are chosen again: those of the
    branch win as long as what they are made from is the same there. Nothing is computed, and what
    main has already is not committed again.

    Args:
        installation: The installation of main.
        changed: What the branch changed.
        branch: The branch.
        user: Who ships it.
        holds: Returns the rows whose cells hold on main.
        live: Returns the rows that main's partition has.
    """
    head, root = changed.newest.header, installation.catalog
    ledger = root.ledger(head.table, head.column, head.partition)
    base: Mapping[str, Record] = changed.base.records if changed.base else {}
    while True:
        newest = newest_manifest(ledger)
        standing: Mapping[str, Record] = newest.records if newest else {}
        pending = changed.beside(standing)
        held = set(holds(pending, standing, base)) if pending else set[str]()
        gone = standing.keys() & changed.gone
        gone = gone.difference(live()) if gone else gone
        left = len(pending) - len(held)
        if not held and not gone:
            return ShippedCells(newest, left=left)
        records = {row: pending[row] for row in held}
        header = _header(head, newest, records, gone)
        header = replace(header, run_id=f"{_RUN} {branch}", note=f"{user}: branch {branch}")
        published = Publications(root, installation.storage, head.table, head.column)
        is_published = has_names(changed.newest) or (newest and has_names(newest))
        note = published.begin(head.partition) if is_published else None
        committed = commit_over(ledger, header, records.values(), base=newest, gone=gone)
        if committed is None:
            continue
        refused = None
        if note is not None:
            try:
                published.publish(committed, newest, note=note)
            except PublishError as error:
                refused = error
        return ShippedCells(committed, len(held), left, refused)


def _header(
    head: Header, newest: Manifest | None, records: Mapping[str, Record], gone: Collection[str]
) -> Header:
    """Returns the branch's header, but main's code version as long as other cells are of that."""
    if newest is None:
        return head
    others = (
        made_by
        for row, made_by in newest.select("row", "code_version")
        if row not in records and row not in gone
    )
    if any(made_by not in (None, head.code_version) for made_by in others):
        return replace(head, code_version=newest.header.code_version)
    return head
