"""Conflicts: files whose name belongs to another file, or that are already another row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from shlex import quote

from media_assets.errors import UploadConflictError, UploadNamedAlreadyError
from media_assets.masking import mask_secrets
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import History, Upload


class Reason(Enum):
    """Why a file is not recorded."""

    OTHER_CONTENT = auto()
    """The row of its name has different content, from another address."""
    TWIN = auto()
    """Another file found at the same time has the same name."""
    NAMED_ALREADY = auto()
    """It is already a row with another name."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file that is not recorded.

    Attributes:
        row: The name that its row would have.
        recorded: The address of the row with this name, or of the twin; for a file that is already
            a row, that row's name.
        found: The address of the file.
        reason: What it collides with.
    """

    row: str
    recorded: str
    found: str
    reason: Reason = Reason.OTHER_CONTENT

    def __str__(self) -> str:
        """Describes the conflict, beginning with the row."""
        match self.reason:
            case Reason.OTHER_CONTENT:
                text = f"row {self.row!r}: {self.recorded} and {self.found} have different content"
            case Reason.TWIN:
                text = f"row {self.row!r}: {self.recorded} and {self.found} both have this name"
            case Reason.NAMED_ALREADY:
                text = f"row {self.row!r}: its file {self.found} is already row {self.recorded!r}"
        return mask_secrets(text)


def describe_conflicts(conflicts: Sequence[Conflict]) -> str:
    """Returns the number of conflicts, and a description of the first one of each kind."""
    return "; ".join(
        f"{len(alike)} refused, first {alike[0]}" for alike in _by_reason(conflicts).values()
    )


def ways_out(conflicts: Sequence[Conflict], table: str) -> list[str]:
    """Returns what to do about the conflicts of a scan, one sentence for each kind."""
    texts = {
        Reason.OTHER_CONTENT: f"To replace the rows: media-assets scan {table} --replace",
        Reason.TWIN: "To record both, rename one of the files, or name rows by their addresses: "
        "MediaTable(name_by='url').",
    }
    found = _by_reason(conflicts)
    if alike := found.get(Reason.NAMED_ALREADY):
        texts[Reason.NAMED_ALREADY] = (
            "A file can be only one row. To keep its name, leave name_by and uploads as they "
            f"were; to rename it, delete the old row first: media-assets delete {table} "
            f"{quote(alike[0].recorded)}"
        )
    return [texts[reason] for reason in found]


def refuse(conflicts: Sequence[Conflict], table: str, *, recorded: int = 0) -> None:
    """Raises an error if there are any conflicts, so that none of these files is inserted.

    Args:
        conflicts: The conflicts.
        table: The table's name.
        recorded: How many rows of the same data were recorded before.

    Raises:
        UploadNamedAlreadyError: Files are already rows with other names.
        UploadConflictError: Files have the names of rows with different content.
    """
    found = _by_reason(conflicts)
    if alike := found.get(Reason.NAMED_ALREADY):
        raise UploadNamedAlreadyError(
            table, [(c.recorded, c.found, c.row) for c in alike], recorded=recorded
        )
    if conflicts:
        raise UploadConflictError(
            table, [(c.row, c.recorded, c.found) for c in conflicts], recorded=recorded
        )


def named_already(
    log: UploadLog, uploads: Sequence[Upload], histories: Mapping[str, History]
) -> dict[str, Conflict]:
    """Returns the files that other rows are made from, by the names that they would have here.

    A row that gets a new address together with these files no longer uses its old one.
    """
    unknown = [u for u in uploads if not _is_at(histories.get(u.row), u)]
    held = log.rows_at(unknown) if unknown else {}
    if not held:
        return {}
    address_of = {upload.row: upload.address for upload in uploads}
    return {
        u.row: Conflict(u.row, row, u.uri, Reason.NAMED_ALREADY)
        for u in unknown
        if (row := held.get(u.address)) not in (None, u.row)
        and address_of.get(row, u.address) == u.address
    }


def one_of_each(uploads: Iterable[Upload]) -> tuple[list[Upload], list[Conflict]]:
    """Returns the first file of each row, and the others as conflicts with it."""
    first: dict[str, Upload] = {}
    twins: list[Conflict] = []
    for upload in uploads:
        other = first.setdefault(upload.row, upload)
        if other.uri != upload.uri:
            twins.append(Conflict(upload.row, other.uri, upload.uri, Reason.TWIN))
    return list(first.values()), twins


def _is_at(history: History | None, upload: Upload) -> bool:
    return (
        history is not None and not history.is_deleted and history.upload.address == upload.address
    )


def _by_reason(conflicts: Iterable[Conflict]) -> dict[Reason, list[Conflict]]:
    found: dict[Reason, list[Conflict]] = {}
    for conflict in conflicts:
        found.setdefault(conflict.reason, []).append(conflict)
    return found
