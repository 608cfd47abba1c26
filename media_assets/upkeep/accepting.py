"""Acceptance of standing cells as made by another version of the code: nothing is computed."""

from dataclasses import dataclass, replace

from media_assets.records.ledger import Ledger
from media_assets.records.manifests import Manifest, commit_over, newest_manifest

_RUN = "accept"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is accepted.

    Attributes:
        code_version: The code version that cells count as made by from now on.
        instead_of: The code version that they were made by; None if there is none.
        run_id: What stands in place of a run in the history.
        note: Who accepts them, and why.
    """

    code_version: str
    instead_of: str | None
    run_id: str
    note: str


def acceptance_id(suffix: str) -> str:
    """Returns what stands in place of a run for one acceptance, whose suffix is its own."""
    return f"{_RUN} {suffix}"


def is_acceptance(manifest: Manifest) -> bool:
    """Whether a manifest was committed by an acceptance."""
    return manifest.header.run_id.startswith(f"{_RUN} ")


def accept(ledger: Ledger, acceptance: Acceptance) -> tuple[Manifest, int] | None:
    """Commits a partition's cells of one code version as cells of another.

    Cells that a run commits at the same time are as that run made them.

    Returns:
        The new manifest, and how many cells it accepts; None if there are none.
    """
    while True:
        base = newest_manifest(ledger)
        if base is None or acceptance.instead_of is None:
            return None
        earlier = (r for r in base.records.values() if r.code_version == acceptance.instead_of)
        records = [replace(record, code_version=acceptance.code_version) for record in earlier]
        if not records:
            return None
        header = replace(
            base.header,
            code_version=acceptance.code_version,
            run_id=acceptance.run_id,
            note=acceptance.note,
        )
        if (committed := commit_over(ledger, header, records, base=base)) is not None:
            return committed, len(records)
