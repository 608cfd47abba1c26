"""The origin of a file: the cell or upload that it is or was, and all that is recorded of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from media_assets.catalog.asked_file import AskedFile
from media_assets.catalog.file_search import CellFound, SearchResult
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.selection import select_columns
from media_assets.errors import StoredFileMissingError, UnknownNameError
from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.records.manifests import Header, Manifest, Record, newest_manifest, read_manifest
from media_assets.uploads.log import UploadLog
from media_assets.uploads.parts import parent_of
from media_assets.uploads.row_history import PastUpload, history_of_row, upload_at
from media_assets.uploads.row_values import unpack_values
from media_assets.values import ColumnType, Stored, decode_value


class State(StrEnum):
    """Whether a file is still that of its row."""

    CURRENT = "current"
    REPLACED = "replaced"
    MOVED = "moved"
    """The same content is at another address."""
    DELETED = "row deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input of a cell, as it was when the cell was made.

    Attributes:
        column: The column.
        fileurl: Its file in this row; None for a value.
        value: Its value in this row.
        is_kept: Whether it is known: earlier manifests may have been collected.
    """

    column: str
    fileurl: str | None = None
    value: object = None
    is_kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """All that is recorded of one file of one row.

    Attributes:
        table: The table.
        column: The column; None for an upload that was recorded and never materialized.
        row: The row.
        partition: The partition.
        state: Whether the file is still that of its row.
        ended_at: When it was replaced or moved, or its row was deleted.
        successor: The row's cell in this column now, if the file was replaced.
        upload: The upload that the cell was made from; None for an asset outside tables.
        upload_now: The row's upload now, if it is another one.
        inputs: The cells that it was made from.
        record: The cell as recorded; None for an upload that was never materialized.
        destination: The destination below which it was written; None if it was left in place.
        decided_by: Who decided that; None if the manifest that says it was collected.
        made_by: The code version of the run that made it, if known; the record has another one if
            the cell was accepted as made by that.
        is_source: Whether the column holds uploads.
        read_by: The table's columns that read this one.
    """

    table: str
    column: str | None
    row: str
    partition: str
    state: State
    ended_at: datetime | None = None
    successor: Record | None = None
    upload: PastUpload | None = None
    upload_now: PastUpload | None = None
    inputs: tuple[Input, ...] = ()
    record: Record | None = None
    destination: str | None = None
    decided_by: str | None = None
    made_by: str | None = None
    is_source: bool = False
    read_by: tuple[str, ...] = ()


def origins_of(
    root: CatalogRoot, files: CatalogFiles, asked: AskedFile, found: SearchResult
) -> tuple[Origin, ...]:
    """Returns the origin of a file for each cell and upload that it is or was."""
    cells = [_of_cell(files, root, asked, cell) for cell in found.cells]
    return (*cells, *(_of_upload(files, root, asked, *place) for place in found.uploads))


def _of_cell(files: CatalogFiles, root: CatalogRoot, asked: AskedFile, cell: CellFound) -> Origin:
    header, record = cell.manifest.header, cell.record
    log = files.log(header.table)
    history = history_of_row(log, record.row)
    above = _above(log, history)
    uploads = history
    if above is not None:
        uploads = _history_of_upload(files, *above) or history
    partition = history[-1].upload.partition if history else header.partition
    now = _newest(root.ledger(header.table, header.column, partition), cell)
    successor = now.records.get(record.row) if now else None
    state, ended_at = State.CURRENT, None
    gone = next((past[-1] for past in (history, uploads) if past and past[-1].is_deletion), None)
    if gone is not None:
        state, ended_at, successor = State.DELETED, gone.recorded_at, None
    elif successor is None or not asked.is_at(successor.fileurl or ""):
        state, ended_at = State.REPLACED, successor.written_at if successor else None
    made_from = upload_at(uploads, record.written_at)
    written = _written_with(cell, record)
    headers = _headers(files, header.table)
    return Origin(
        table=header.table,
        column=header.column,
        row=record.row,
        partition=header.partition,
        state=state,
        ended_at=ended_at,
        successor=successor if state is State.REPLACED else None,
        upload=made_from,
        upload_now=_if_other(made_from, uploads),
        inputs=tuple(_inputs(files, root, written or header, record, above, headers)),
        record=record,
        destination=written.destination if written else None,
        decided_by=written.decided_by if written else None,
        made_by=written.code_version if written else None,
        is_source=header.position == 0 and bool(history) and above is None,
        read_by=_readers(headers, header.column),
    )


def _of_upload(
    files: CatalogFiles, root: CatalogRoot, asked: AskedFile, table: str, row: str
) -> Origin:
    """Returns the origin of a file that is or was a row's upload."""
    history = history_of_row(files.log(table), row)
    of_file = [past for past in history if asked.is_at(past.upload.uri)]
    last = [past for past in of_file if not past.is_deletion or past is of_file[0]][-1]
    headers = _headers(files, table)
    source = next((name for name, head in headers.items() if head.position == 0), None)
    manifest = (
        newest_manifest(root.ledger(table, source, last.upload.partition)) if source else None
    )
    record = manifest.records.get(row) if manifest else None
    state, ended_at = State.CURRENT, None
    if history[-1].is_deletion:
        state, ended_at = State.DELETED, history[-1].recorded_at
    elif history[-1].upload.address != last.upload.address:
        is_same = history[-1].upload.identity == last.upload.identity
        state = State.MOVED if is_same else State.REPLACED
        ended_at = history[history.index(last) + 1].recorded_at
    return Origin(
        table=table,
        column=source,
        row=row,
        partition=last.upload.partition,
        state=state,
        ended_at=ended_at,
        upload=last,
        upload_now=_if_other(last, history),
        record=record if state is State.CURRENT else None,
        destination=manifest.header.destination if manifest else None,
        decided_by=manifest.header.decided_by if manifest else None,
        is_source=True,
        read_by=_readers(headers, source) if source else (),
    )


def _newest(ledger: Ledger, cell: CellFound) -> Manifest | None:
    """Reads the newest manifest of a ledger, unless it is the one in which the cell was found."""
    number = ledger.latest()
    if (ledger.prefix, number) == (cell.ledger.prefix, cell.manifest.number):
        return cell.manifest
    return read_manifest(ledger, number) if number else None


def _if_other(then: PastUpload | None, history: list[PastUpload]) -> PastUpload | None:
    """Returns the row's upload now if it has other content or another address."""
    if then is None or not history or history[-1].is_deletion:
        return None
    now = history[-1].upload
    is_same = (now.address, now.identity) == (then.upload.address, then.upload.identity)
    return None if is_same else history[-1]


def _headers(files: CatalogFiles, table: str) -> dict[str, Header]:
    """Returns the newest header of each column; none if nothing was ever materialized."""
    try:
        return select_columns(files, table, None)
    except UnknownNameError:
        return {}


def _readers(headers: dict[str, Header], column: str) -> tuple[str, ...]:
    return tuple(name for name, header in headers.items() if column in header.inputs)


def _written_with(cell: CellFound, record: Record) -> Header | None:
    """Returns the header of the manifest of the run that wrote a cell, if it is kept."""
    manifest = cell.manifest
    if manifest.header.run_id == record.run_id:
        return manifest.header
    for earlier in _earlier(cell.ledger, manifest.number):
        if earlier.header.run_id == record.run_id:
            return earlier.header
    return None


def _above(log: UploadLog, history: list[PastUpload]) -> tuple[str, str] | None:
    """Returns the table and row that a row is a part of; None for a row that was uploaded."""
    rows = (parent_of(past.upload) for past in reversed(history))
    row = next(filter(None, rows), None)
    return None if log.parent is None or row is None else (log.parent, row)


def _history_of_upload(files: CatalogFiles, table: str, row: str) -> list[PastUpload]:
    """Returns what became of the upload that a row is, or is a part of a part of."""
    log = files.log(table)
    history = history_of_row(log, row)
    above = _above(log, history)
    return history if above is None else _history_of_upload(files, *above)


def _inputs(
    files: CatalogFiles,
    root: CatalogRoot,
    header: Header,
    record: Record,
    above: tuple[str, str] | None,
    headers: Mapping[str, Header],
) -> Iterator[Input]:
    """Yields the inputs of a cell as they were when it was made; those of a part's parent, too."""
    known, values = {header.table: headers}, {header.table: files.value_headers(header.table)}
    own = {*headers, *values[header.table]}
    for name in header.inputs:
        is_own = above is None or (header.position > 0 and name in own)
        table, row = (header.table, record.row) if is_own or above is None else above
        if table not in known:
            known[table], values[table] = _headers(files, table), files.value_headers(table)
        if (value := values[table].get(name)) is not None:
            yield Input(column=name, value=_value(files, table, row, name, value.type, record))
            continue
        if name not in known[table] and files.log(f"{table}/{name}").parent == table:
            yield Input(column=name, value=f"the row's parts in {table}/{name}")
            continue
        ledger = root.ledger(table, name, header.partition)
        was = next((r for m in _earlier(ledger) if (r := _made_before(m, row, record))), None)
        if was is None:
            yield Input(column=name, is_kept=False)
            continue
        kind = known[table][name].type if name in known[table] else ColumnType.IMAGE
        decoded = None if was.fileurl else _decode(was.stored, kind)
        yield Input(column=name, fileurl=was.fileurl, value=decoded)


def _value(
    files: CatalogFiles, table: str, row: str, name: str, kind: ColumnType, made: Record
) -> object:
    """Returns a row value as it was when a cell was made; parts are recorded after their cells."""
    history = history_of_row(files.log(table), row)
    past = upload_at(history, made.written_at) or next(iter(history), None)
    return _decode(unpack_values(past.upload.values).get(name) if past else None, kind)


def _made_before(manifest: Manifest, row: str, made: Record) -> Record | None:
    """Returns a row's cell in another column if it was made before a cell."""
    cell = manifest.records.get(row)
    if cell is None or made.written_at is None or cell.written_at is None:
        return cell
    return cell if cell.written_at <= made.written_at else None


def _earlier(ledger: Ledger, below: int | None = None) -> Iterator[Manifest]:
    """Yields the kept manifests below a number, or all, newest first."""
    for number in reversed(ledger.numbers()):
        if below is None or number < below:
            try:
                yield read_manifest(ledger, number)
            except StoredFileMissingError:  # it was collected meanwhile
                continue


def _decode(stored: Stored, kind: ColumnType) -> object:
    """Returns a value; null where it was kept for another type."""
    try:
        return decode_value(stored, kind)
    except (TypeError, ValueError):
        return None
