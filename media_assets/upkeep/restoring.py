"""Restore of a column's partition: a new manifest with the content of an earlier one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from media_assets.addresses import is_part
from media_assets.errors import FilesCollectedError, UnknownNameError
from media_assets.reading import Reader
from media_assets.records.ledger import Ledger
from media_assets.records.manifests import (
    Manifest,
    Record,
    commit_manifest,
    read_header,
    read_manifest,
)
from media_assets.records.publications import Publications, has_names
from media_assets.upkeep.lookup import look_up
from media_assets.uploads.stored_table import StoredTable


def find_earlier(ledger: Ledger, to: str) -> Manifest | None:
    """Returns the manifest with a number, or the newest one of a run; None if there is none.

    Args:
        ledger: The manifests of one column in one partition.
        to: The number, or the run's id.
    """
    numbers = ledger.numbers()
    if to.isdigit():
        return read_manifest(ledger, int(to)) if int(to) in numbers else None
    for number in reversed(numbers):
        if read_header(ledger.read(number), key=ledger.key(number)).run_id == to:
            return read_manifest(ledger, number)
    return None


def restore(table: StoredTable, reader: Reader, earlier: Sequence[Manifest]) -> list[Manifest]:
    """Commits the content of earlier manifests again; no file is computed or changed.

    Rows that have been deleted or moved to another partition since do not come back.

    Args:
        table: The table that they are of.
        reader: Access to the files.
        earlier: One manifest of each column.

    Returns:
        The newest manifests now.

    Raises:
        FilesCollectedError: Files are gone or have another size; nothing was changed.
    """
    records = [table.still_live(manifest) for manifest in earlier]
    for manifest, kept in zip(earlier, records, strict=True):
        _check_files(reader, manifest, kept)
    return [_commit(table, reader, *pair) for pair in zip(earlier, records, strict=True)]


def _commit(
    table: StoredTable, reader: Reader, earlier: Manifest, records: Mapping[str, Record]
) -> Manifest:
    head = earlier.header
    newest = table.manifest(head.column, head.partition)
    if newest is None or newest.number == earlier.number:
        return earlier
    published = Publications(table.root, reader.storage, table.name, head.column)
    is_published = has_names(newest) or has_names(earlier)
    is_main = table.root.on is None  # a branch leaves the published copies to main
    note = published.begin(head.partition) if is_published and is_main else None
    restored = commit_manifest(
        table.ledger(head.column, head.partition),
        replace(head, run_id=f"restore of {earlier.number}"),
        records,
        base=newest,
        gone=newest.records.keys() - records.keys(),
    )
    if note is not None:
        published.publish(restored, newest, note=note)
    return restored


def check_found(
    found: Mapping[str, Manifest | None], ledgers: Mapping[str, Ledger], to: str
) -> None:
    """Refuses a number that a column does not have, and a run that committed nothing.

    Raises:
        UnknownNameError: The text lists the existing numbers.
    """
    missing = [column for column, manifest in found.items() if manifest is None]
    if not missing or (not to.isdigit() and len(missing) < len(found)):
        return
    known = [str(number) for number in ledgers[missing[0]].numbers()]
    where = f"of column {missing[0]!r}; a run id is accepted as well"
    raise UnknownNameError(kind="manifest", name=to, known=known, where=where)


def _check_files(reader: Reader, manifest: Manifest, records: Mapping[str, Record]) -> None:
    wanted = {
        record.fileurl: record
        for record in records.values()
        if record.fileurl is not None
        and not is_part(record.fileurl)
        and not reader.is_web(record.fileurl)
    }
    looked = look_up(reader.storage, wanted)
    for refused in looked.refused.values():
        raise refused
    found = looked.found
    missing = [
        record.row
        for fileurl, record in wanted.items()
        if fileurl not in found or found[fileurl].size_bytes != record.size_bytes
    ]
    if missing:
        raise FilesCollectedError(manifest.header.column, manifest.number, sorted(missing))
