"""Which cells of a row are right already: made from these inputs by this code, and in place."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import metadata

from media_assets.columns import ComputedColumn
from media_assets.errors import StepDiedError, UndecodableImageError, UnsafeKeyError
from media_assets.file_keys import partition_prefix
from media_assets.media_types import medium_of
from media_assets.pipeline.plan import OutputPlan, Plan, RowPlan
from media_assets.publishing import PublishedName
from media_assets.records.facts import is_truncated
from media_assets.records.manifests import Record
from media_assets.row_templates import RowTemplate
from media_assets.stores.object_keys import check_object_key
from media_assets.uploads.changes import is_made_from
from media_assets.uploads.upload import Upload
from media_assets.values import ColumnType


def reusable_cells(plan: Plan, row: RowPlan) -> dict[str, Record] | None:
    """Returns a row's records if all of them are right already, without touching a file.

    Returns None if a cell has to be made.
    """
    if plan.force:
        return None
    if is_waiting(plan, row):
        known = {output.column.name: row.known.get(output.column.name) for output in plan.outputs}
        waiting = {name: record for name, record in known.items() if record and record.error_class}
        return waiting if len(waiting) == len(known) else None
    source = current_source(plan, row)
    records: dict[str, Record] = {}
    for output in plan.outputs:
        name = output.column.name
        digests: dict[str, str] = {}
        for read in output.column.reads:
            standing = source if read == plan.source else row.known.get(read)
            if standing is None or standing.error_class or standing.digest is None:
                return None
            digests[read] = standing.digest
        record = source if name == plan.source else row.known.get(name)
        if record is None or not stays(plan, row, record, output):
            return None
        if isinstance(output.column, ComputedColumn):
            expected = input_digest(output.column, digests)
            waits = not plan.retries_unreadable and is_deadly(record, output.column, expected)
            is_made = waits or is_right(record, output, expected)
        else:
            is_made = _address_of(plan, row, record) == record.fileurl
        if not is_made:
            return None
        records[name] = record
    return records


def current_source(plan: Plan, row: RowPlan) -> Record | None:
    """Returns the source's record if it is of this upload, not an error and not refused now."""
    record = row.known.get(plan.source)
    if record is None or record.error_class or not is_made_from(record, row.upload):
        return None
    return record if plan.keeps_truncated or not is_truncated(record.facts) else None


def is_waiting(plan: Plan, row: RowPlan) -> bool:
    """Whether a source could not be decoded, and nothing has changed since that could help."""
    record = row.known.get(plan.source)
    return (
        not (plan.force or plan.retries_unreadable)
        and record is not None
        and is_unreadable(
            record, row.upload, plan.source_type, keeps_truncated=plan.keeps_truncated
        )
    )


def is_deadly(record: Record, column: ComputedColumn, expected_input: str) -> bool:
    """Whether making a cell ended the process, and nothing has changed since that could help."""
    return (
        not column.processes
        and record.error_class == StepDiedError.__name__
        and record.input_digest == expected_input
        and record.code_version == column.code_version
    )


def is_unreadable(
    record: Record, upload: Upload, source_type: ColumnType, *, keeps_truncated: bool
) -> bool:
    """Whether an upload could not be decoded, and nothing has changed since that could help.

    If truncated files are kept now, and were not then, that could.
    """
    if record.error_class is None:
        return False
    tried = {unreadable_digest(upload, source_type, keeps_truncated=True)}
    if not keeps_truncated or record.error_class != UndecodableImageError.__name__:
        tried.add(unreadable_digest(upload, source_type, keeps_truncated=False))
    return record.input_digest in tried


def unreadable_digest(upload: Upload, source_type: ColumnType, *, keeps_truncated: bool) -> str:
    """Returns the input digest for the record of an upload that cannot be decoded.

    It depends on the decoder's version, which may be able to read what another one cannot, and on
    whether truncated files are kept.
    """
    packages = ("media-assets", *medium_of(source_type).packages)
    versions = [f"{name}={_version(name)}" for name in packages]
    tolerance = ["truncated=keep"] if keeps_truncated else []
    text = "\n".join([upload.identity, *versions, *tolerance])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def at_its_address(plan: Plan, row: RowPlan, record: Record) -> Record:
    """Returns a source's record with its current address, unless a copy of it is kept."""
    return replace(record, fileurl=_address_of(plan, row, record))


def _address_of(plan: Plan, row: RowPlan, record: Record) -> str:
    kept = partition_prefix(plan.table, plan.source, plan.partition)
    return address_now(record, row.upload, kept_below=kept)


def address_now(record: Record, upload: Upload, *, kept_below: str) -> str:
    """Returns where a source's file is: its kept copy, or the current place of the upload.

    Args:
        record: The source's record.
        upload: Its upload.
        kept_below: The folder of the source column's partition, which contains no uploads.
    """
    return record.fileurl if record.fileurl and kept_below in record.fileurl else upload.uri


def input_digest(column: ComputedColumn, digests: Mapping[str, str]) -> str:
    """Returns a digest of everything that a computed cell is made from.

    Args:
        column: The column, with the versions of the assets in its `ins`.
        digests: The digests of the cells that it reads, by column.
    """
    made_from = {**digests, **{name: column.versions[name] for name in column.ins}}
    text = "\n".join(f"{name}={made_from[name]}" for name in sorted(made_from))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def is_right(record: Record, output: OutputPlan, expected_input: str) -> bool:
    """Whether a cell was made from these inputs by this code, wherever its file is."""
    column = output.column
    return (
        record.error_class is None
        and record.input_digest == expected_input
        and record.code_version == column.code_version
    )


def stays(plan: Plan, row: RowPlan, record: Record, output: OutputPlan) -> bool:
    """Whether a cell's file stays as it is: in place and named as it should be, or nothing moves.

    A cell without a file, which is null, stays.
    """
    if output.destination is None or not plan.moves or record.fileurl is None:
        return True
    return is_in_place(record, output) and record.published == published_name(output, row, record)


def is_in_place(record: Record, output: OutputPlan) -> bool:
    """Whether a cell's file is where it should be, and kept with its column's options."""
    is_there = (record.fileurl or "").startswith(output.fileurl_prefix)
    return is_there and record.object_options == output.kept_with


def published_name(output: OutputPlan, row: RowPlan, record: Record) -> str | None:
    """Returns the fileurl of a cell's published copy.

    None if it has none, and an empty text if its column publishes, but no name can be made for it.
    """
    column, destination = output.column, output.destination
    if not isinstance(column, ComputedColumn) or column.publish is None:
        return None
    if destination is None or record.fileurl is None:
        return None
    values = {name: cell.value for name, cell in row.known.items() if cell.value is not None}
    extension = medium_of(column.type).extension(record.format or "").removeprefix(".")
    facts = {"width": record.width, "height": record.height, "format": extension}
    try:
        name = PublishedName(RowTemplate(column.publish)).fill(row.row, values, facts)
        check_object_key(destination.key(name))
    except UnsafeKeyError:
        return ""
    return destination.fileurl(destination.key(name))


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # of an extra
        return ""
