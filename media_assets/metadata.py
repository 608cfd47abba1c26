"""The metadata of a materialization in Dagster: its keys and values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import dagster as dg

from media_assets.file_keys import partition_prefix
from media_assets.masking import breakable, mask_secrets
from media_assets.values import ColumnType, shown_stored

if TYPE_CHECKING:
    from media_assets.records.column_writer import Committed
    from media_assets.records.manifests import Record

DESTINATION = "media_assets/destination"
FORMAT = "media_assets/format"
SAVE_OPTIONS = "media_assets/save_options"
RESOLVED_DESTINATION = "media_assets/resolved_destination"
DECIDED_BY = "media_assets/decided_by"
ROWS = "media_assets/rows"
ERRORS = "media_assets/errors"
MADE = "media_assets/made"
MOVED = "media_assets/moved"
REUSED = "media_assets/reused"
EQUAL = "media_assets/equal"
BYTES = "media_assets/bytes"
SECONDS = "media_assets/seconds"
SECONDS_BY_STAGE = "media_assets/seconds_by_stage"
ROWS_PER_SECOND = "media_assets/rows_per_second"
PREVIEW = "media_assets/preview"
FIRST_FILES = "media_assets/first_files"
FIRST_ERRORS = "media_assets/first_errors"
FILES = "media_assets/files"
INHERITED_ERRORS = "media_assets/inherited_errors"
STALE = "media_assets/stale"
STALE_ROWS = "media_assets/stale_rows"
FAILING_ROWS = "media_assets/failing_rows"
COLUMN_TYPE = "media_assets/column_type"
TABLE = "media_assets/table"
WHERE = "media_assets/where"
CALLS = "media_assets/calls"
NOTE = "media_assets/note"

SHOWN = 10
"""Rows in a table of first files, errors or failing rows: few, as each run stores them."""

_SHOWN_CHARACTERS = 1_000
"""Characters of a value or message in such a table: an embedding has 20,000 or more."""


@dataclass(frozen=True, slots=True)
class StepTiming:
    """How the time of a step was spent, for all its columns together.

    Attributes:
        seconds: From the step's start to the commit of the column.
        seconds_by_stage: Thread seconds spent on fetch, decode, functions, encode, hash and write.
        rows: How many rows had cells to make.
        decodes: How many times source images were decoded.
    """

    seconds: float
    seconds_by_stage: Mapping[str, float] = field(default_factory=dict[str, float])
    rows: int = 0
    decodes: int = 0


@dataclass(frozen=True, slots=True)
class ColumnOutput:
    """The result that a step passes to the IO manager for one column: its commit and timing."""

    committed: "Committed"
    timing: StepTiming


def materialization_metadata(
    output: ColumnOutput, *, sheet: bytes | None = None
) -> dict[str, dg.MetadataValue]:
    """Returns what the Dagster UI shows of one column's materialization.

    Names and messages appear in tables and plain texts, which show them literally. Only the
    contact sheet is markup, and it contains no text from users.

    Args:
        output: The committed column.
        sheet: Its contact sheet, a WebP file; None if it has none.
    """
    committed, timing = output.committed, output.timing
    manifest, destination = committed.manifest, committed.destination
    rows, errors = len(manifest.records), manifest.errors
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/partition_row_count": dg.MetadataValue.int(rows),
        ROWS: dg.MetadataValue.int(rows),
        ERRORS: dg.MetadataValue.int(len(errors)),
    }
    if sheet is not None:
        from media_assets.images.thumbnails import data_uri

        metadata[PREVIEW] = dg.MetadataValue.md(f"![The first files]({data_uri(sheet)})")
    if destination is not None:
        uri = destination.destination.uri
        head = manifest.header
        folder = partition_prefix(head.table, head.column, head.partition)
        metadata["dagster/uri"] = dg.MetadataValue.text(
            destination.destination.fileurl(destination.destination.key(folder))
        )
        metadata[RESOLVED_DESTINATION] = dg.MetadataValue.text(uri)
        metadata[DECIDED_BY] = dg.MetadataValue.text(destination.decided_by.value)
    fine = (row for row, error in manifest.select("row", "error_class") if error is None)
    files = [manifest.records[row] for row in islice(fine, SHOWN)]
    if errors:
        metadata[FIRST_ERRORS] = dg.MetadataValue.table(error_records(errors[:SHOWN]))
    if files:
        is_image = manifest.header.type.is_medium
        metadata[FIRST_FILES] = (
            _files_table(files) if is_image else _values_table(files, manifest.header.type)
        )
    return metadata | {
        MADE: dg.MetadataValue.int(committed.made),
        MOVED: dg.MetadataValue.int(committed.moved),
        REUSED: dg.MetadataValue.int(committed.reused),
        EQUAL: dg.MetadataValue.int(committed.equal),
        BYTES: dg.MetadataValue.int(committed.bytes_written),
        SECONDS: dg.MetadataValue.float(round(timing.seconds, 3)),
        ROWS_PER_SECOND: dg.MetadataValue.float(round(timing.rows / (timing.seconds or 1e-9), 2)),
        SECONDS_BY_STAGE: dg.MetadataValue.json(
            {stage: round(seconds, 3) for stage, seconds in timing.seconds_by_stage.items()}
        ),
    }


def error_records(records: Iterable["Record"]) -> list[dg.TableRecord]:
    """Returns error rows as table records: the row, and its error's class and message.

    Class and message share a cell, which leaves the message room on the asset's overview.
    """
    return [
        dg.TableRecord({"row": r.row, "error": f"{r.error_class}: {_shown(r.error_message)}"})
        for r in records
    ]


def _files_table(records: Sequence["Record"]) -> dg.TableMetadataValue:
    """No addresses: they do not wrap, and would push the messages above out of view."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "row": record.row,
                    "width": record.width or 0,
                    "height": record.height or 0,
                    "size_bytes": record.size_bytes or 0,
                }
            )
            for record in records
        ]
    )


def _values_table(records: Sequence["Record"], of: ColumnType) -> dg.TableMetadataValue:
    values = [_shown(shown_stored(record.stored, of)) for record in records]
    rows = [record.row for record in records]
    return dg.MetadataValue.table(
        [dg.TableRecord({"row": row, "value": v}) for row, v in zip(rows, values, strict=True)]
    )


def _shown(text: str | None) -> str:
    """Returns a text shortened to fit a narrow cell, without secrets and long lines."""
    shown = mask_secrets(text or "")
    cut = shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
    return breakable(cut)
