"""The shipment of a branch's uploads: what its log says of rows becomes an entry of main's."""

from collections.abc import Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from media_assets.records.ledger import CatalogRoot
from media_assets.uploads.log import UPLOAD_FIELDS, LogPosition
from media_assets.uploads.parts import parent_of
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import History, Upload

_LINES = f"select action, {UPLOAD_FIELDS} from log where entry > ?"  # noqa: S608  fixed names
_UPLOAD, _DELETE = "upload", "delete"


@dataclass(slots=True)
class RowChanges:
    """What a shipment changes about the rows of a table.

    Attributes:
        uploads: Rows that get content.
        changes: Rows with other facts for the same content.
        deletions: Rows that are deleted.
        left: Rows that the branch changed and main has changed since, which stay as main has them.
    """

    uploads: list[Upload] = field(default_factory=list[Upload])
    changes: list[Upload] = field(default_factory=list[Upload])
    deletions: list[Upload] = field(default_factory=list[Upload])
    left: list[str] = field(default_factory=list[str])

    @property
    def all(self) -> list[Upload]:
        """All rows that it changes."""
        return [*self.uploads, *self.changes, *self.deletions]


class BranchRows:
    """The rows of one table, on a branch and on main."""

    def __init__(
        self, main: CatalogRoot, branch: CatalogRoot, table: str, *, parent: str | None = None
    ) -> None:
        """Reads nothing yet.

        Args:
            main: The catalog.
            branch: The catalog as the branch sees it.
            table: The table's name.
            parent: The table whose rows these are parts of, as declared.
        """
        self.main = StoredTable(main, table, parent=parent)
        self.branch = StoredTable(branch, table, parent=parent)
        self._base = _newest_in_base(branch, table)
        self._known_entries: dict[tuple[bool, str], Mapping[str, int]] = {}
        self._known_parents: dict[tuple[bool, str], Mapping[str, Upload]] = {}

    def changes(self) -> RowChanges:
        """Returns what a shipment would change now."""
        self.main.refresh()
        return self._changes()

    def ship(self) -> RowChanges:
        """Records in main's log what the branch's says, all or none; returns what that is."""
        while True:
            position: LogPosition = self.main.refresh()
            found = self._changes()
            log, own = self.main.log, self.branch.log
            if not found.all or log.append(
                position,
                found.uploads,
                changes=found.changes,
                deletions=found.deletions,
                value_types={**log.value_types(), **own.value_types()},
                parent=own.parent,
            ):
                return found

    @cached_property
    def touched(self) -> AbstractSet[str]:
        """The rows of which the branch's log says anything."""
        return self._own_lines.keys()

    @cached_property
    def _own_lines(self) -> Mapping[str, list[tuple[str, Upload]]]:
        found: dict[str, list[tuple[str, Upload]]] = {}
        for action, *facts in self.branch.log.query(_LINES, [self._base]):
            found.setdefault(facts[0], []).append((action, Upload(*facts)))
        return found

    def _changes(self) -> RowChanges:
        found = RowChanges()
        if not self.touched:
            return found
        self._known_entries.clear()
        self._known_parents.clear()
        on_branch = self.branch.log.histories(self.touched)
        on_main = self.main.log.histories(self.touched)
        at_address = self.main.log.rows_at(h.upload for h in on_branch.values())
        moved = self._moved_on_main()
        for row, history in sorted(on_branch.items()):
            wanted, held = self._on_main(history.upload), on_main.get(row)
            if wanted is not None and _is_same(held, wanted, is_deleted=history.is_deleted):
                continue
            is_taken = at_address.get(history.upload.address, row) != row
            if wanted is None or is_taken or _unit(history.upload) in moved:
                found.left.append(row)
            elif history.is_deleted:
                found.deletions.append(replace(wanted, supersedes=None))
            elif held is None or any(action == _UPLOAD for action, _ in self._own_lines[row]):
                before = held.upload.partition if held and not held.is_deleted else None
                found.uploads.append(replace(wanted, supersedes=before))
            else:
                found.changes.append(replace(wanted, supersedes=None))
        return found

    def _moved_on_main(self) -> AbstractSet[str]:
        """Returns the rows, or parents of parts, that main changed to what the branch never had."""
        changed: dict[str, tuple[bool, Upload]] = {}
        for action, *facts in self.main.log.query(f"{_LINES} order by entry", [self._base]):
            changed[facts[0]] = action == _DELETE, _facts(Upload(*facts))
        return {
            _unit(state[1])
            for row, state in changed.items()
            if not any(
                state == (action == _DELETE, _facts(own))
                for action, line in self._own_lines.get(row, ())
                if (own := self._on_main(line)) is not None
            )
        }

    def _on_main(self, upload: Upload) -> Upload | None:
        """Returns an upload as main's log has to have it.

        A part names the entry of its parent's content, which has another number there. None if main
        has other content of its parent.
        """
        if self.branch.parent is None:
            return upload
        parent, partition = _unit(upload), upload.partition
        entry = self._entries(self.branch, partition).get(parent)
        if str(entry) != upload.version:
            return upload  # of content that the parent no longer has
        mine, theirs = self._parents(self.branch, partition), self._parents(self.main, partition)
        if parent not in theirs or _content(mine[parent]) != _content(theirs[parent]):
            return None
        return replace(upload, version=str(self._entries(self.main, partition)[parent]))

    def _entries(self, table: StoredTable, partition: str) -> Mapping[str, int]:
        assert table.parent is not None  # noqa: S101  only parts are asked
        key = table is self.main, partition
        if key not in self._known_entries:
            self._known_entries[key] = table.parent.contents(partition)
        return self._known_entries[key]

    def _parents(self, table: StoredTable, partition: str) -> Mapping[str, Upload]:
        assert table.parent is not None  # noqa: S101  only parts are asked
        key = table is self.main, partition
        if key not in self._known_parents:
            self._known_parents[key] = dict(table.parent.live_rows(partition))
        return self._known_parents[key]


def partitions_of(uploads: Iterable[Upload]) -> list[str]:
    """Returns the partitions whose rows uploads change."""
    found = (each for upload in uploads for each in (upload.partition, upload.supersedes))
    return sorted({partition for partition in found if partition})


def _newest_in_base(branch: CatalogRoot, table: str) -> int:
    """Returns the number of the newest entry that the branch began with; 0 if there was none."""
    assert branch.on is not None  # noqa: S101  only a branch has a base
    ledger = branch.upload_ledger(table)
    path = ledger.prefix.removeprefix(branch.destination.prefix)
    names = (file.key.removeprefix(ledger.prefix) for file in branch.on.base.below(path))
    stems = (name.removesuffix(".parquet") for name in names)
    return max((int(stem) for stem in stems if stem.isdigit()), default=0)


def _unit(upload: Upload) -> str:
    """Returns what is shipped as a whole: a row, or all parts of a row."""
    return parent_of(upload) or upload.row


def _is_same(held: History | None, wanted: Upload, *, is_deleted: bool) -> bool:
    return (
        held is not None and held.is_deleted == is_deleted and _facts(held.upload) == _facts(wanted)
    )


def _facts(upload: Upload) -> Upload:
    return replace(upload, supersedes=None)


def _content(upload: Upload) -> tuple[str, str | None]:
    return upload.identity, upload.values
