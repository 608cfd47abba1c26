"""Parts of the rows of another table, as rows: recorded in an upload log of their own.

A line of a part has the number of the log's entry that gave its parent the content it was made
from, as `version`, and a digest of what decided the parent's parts, as `digest`. A parent that has
no parts is a deletion of a row of its name, which no view shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from media_assets.row_value import PARENT
from media_assets.uploads.log import UploadLog
from media_assets.uploads.row_values import unpack_values
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload

_PART = "part:"
"""The scheme of the address of a part, which is where its parent is."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one parent.

    Attributes:
        entry: The number of the log's entry that gave the parent its content.
        digest: What decided the parts; empty if it could not be split.
        values: The index values of each part, by its row.
        changed: The rows whose medium is not the one that was recorded before.
    """

    entry: int
    digest: str
    values: Mapping[str, str | None]
    changed: frozenset[str] = frozenset()


@dataclass(slots=True)
class StandingParts:
    """The parts of one parent, as they were last recorded.

    Attributes:
        split: Entry and digest of the parent; None if it was never split.
        uploads: The parts by row.
    """

    split: tuple[int, str] | None = None
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])


def part_upload(row: str, partition: str, entry: int, values: str | None) -> Upload:
    """Returns a part as the log has it."""
    return Upload(row, f"{_PART}{row}", 0, str(entry), partition, values=values)


def parent_of(upload: Upload) -> str:
    """Returns the row that a part is of; nothing for a row that was uploaded, before."""
    return unpack_values(upload.values).get(PARENT) or ""


def standing_parts(
    stored: StoredTable, partition: str, parents: Iterable[str]
) -> dict[str, StandingParts]:
    """Returns the recorded parts of a partition by parent, of gone parents as well.

    Args:
        stored: The table of the parts.
        partition: The partition.
        parents: The rows of its parents, which may have no parts.
    """
    found = {row: StandingParts() for row in parents}
    for row, history in stored.log.histories(list(found)).items():
        if history.is_deleted and history.upload.digest:
            found[row].split = _split_of(history.upload)
    for row, upload in stored.log.live_rows(partition).items():
        parent = parent_of(upload)
        if parent not in found:
            found[parent] = StandingParts()
        found[parent].uploads[row] = upload
    for standing in found.values():
        if standing.uploads:
            standing.split = _split_of(next(reversed(standing.uploads.values())))
    return found


def live_parts(
    standing: Mapping[str, StandingParts], contents: Mapping[str, int]
) -> dict[str, Upload]:
    """Returns the parts by row, without those of gone parents and of earlier content.

    Args:
        standing: The recorded parts by parent.
        contents: The number of the log's entry that gave each parent its content.
    """
    live: dict[str, Upload] = {}
    for parent, parts in standing.items():
        version = str(contents.get(parent))
        live |= {row: part for row, part in parts.uploads.items() if part.version == version}
    return {row: live[row] for row in sorted(live)}


def unsplit_parents(stored: StoredTable, partition: str) -> list[str]:
    """Returns the parents whose parts were not made from the content that they have."""
    assert stored.parent is not None  # noqa: S101  only parts have parents
    contents = stored.parent.contents(partition)
    return unsplit(standing_parts(stored, partition, contents), contents)


def unsplit(standing: Mapping[str, StandingParts], contents: Mapping[str, int]) -> list[str]:
    """Returns the parents whose parts were not made from the content that they have.

    Args:
        standing: The recorded parts by parent.
        contents: The number of the log's entry that gave each parent its content.
    """
    return [
        row
        for row, entry in contents.items()
        if (split := standing[row].split) is None or split[0] != entry
    ]


def record_parts(
    stored: StoredTable,
    partition: str,
    splits: Mapping[str, Parts],
    *,
    value_types: Mapping[str, str],
) -> None:
    """Records the parts of parents, and that those of gone parents are gone; all or none.

    If two runs split a parent, the parts of the last one count.
    """
    parents = stored.parent
    assert parents is not None  # noqa: S101  only parts are recorded
    while True:
        position = stored.refresh()
        live = parents.contents(partition)
        lines = _Lines()
        for row, standing in standing_parts(stored, partition, splits).items():
            if row not in live:
                lines.gone += standing.uploads.values()
            elif row in splits:
                lines.add(row, partition, splits[row], standing)
        lines.note_moved(stored.log, partition)
        if lines.are_empty or stored.log.append(
            position,
            lines.new,
            changes=lines.changes,
            deletions=lines.gone,
            value_types=value_types,
            parent=parents.name,
        ):
            return


@dataclass(slots=True)
class _Lines:
    """The lines of an entry."""

    new: list[Upload] = field(default_factory=list[Upload])
    changes: list[Upload] = field(default_factory=list[Upload])
    gone: list[Upload] = field(default_factory=list[Upload])

    @property
    def are_empty(self) -> bool:
        return not (self.new or self.changes or self.gone)

    def note_moved(self, log: UploadLog, partition: str) -> None:
        """Notes where parts come from whose parent was in another partition: they left that one."""
        before = log.histories(part.row for part in self.new if part.supersedes is None)
        for number, part in enumerate(self.new):
            history = before.get(part.row)
            if history and not history.is_deleted and history.upload.partition != partition:
                self.new[number] = replace(part, supersedes=history.upload.partition)

    def add(self, parent: str, partition: str, parts: Parts, standing: StandingParts) -> None:
        """Adds what is different about the parts of one parent."""
        before = standing.uploads
        digest = parts.digest or None
        for row, values in parts.values.items():
            part = replace(part_upload(row, partition, parts.entry, values), digest=digest)
            if row not in before:
                self.new.append(part)
            elif row in parts.changed:
                self.new.append(replace(part, supersedes=partition))
            elif part != replace(before[row], supersedes=None):
                self.changes.append(part)
        self.gone += (part for row, part in before.items() if row not in parts.values)
        if not parts.values and standing.split != (parts.entry, parts.digest):
            none = part_upload(parent, partition, parts.entry, None)
            self.gone = [one for one in self.gone if one.row != parent]
            self.gone.append(replace(none, digest=digest))


def _split_of(upload: Upload) -> tuple[int, str]:
    return int(upload.version), upload.digest or ""
