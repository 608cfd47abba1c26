"""A catalog of a million rows, written directly as files: manifests and an upload log."""

import hashlib
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.inputs import KEPT
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import SCHEMA, Header
from media_assets.records.parquet import table_of, write_parquet
from media_assets.uploads.log import LogPosition, UploadLog
from media_assets.uploads.upload import Upload
from media_assets.values import ColumnType

TABLE = "photos"
ROWS_OF_PARTITION = 1_000
IMAGES = ("source_image", "flipped", "rotated", "thumbnail", "gray", "square", "sepia", "poster")
VALUES = ("brightness", "contrast")
COLUMNS = (*IMAGES, *VALUES)
_MADE_AT = datetime(2026, 11, 22, tzinfo=UTC)
_BYTES = 300_000
_SIZE = 1600, 1200
_BATCH = 25


def make_catalog(
    partitions: int,
    columns: Sequence[str] = COLUMNS,
    *,
    rows_of_partition: int = ROWS_OF_PARTITION,
) -> Path:
    """Returns the folder of a catalog that holds a table of this many partitions and rows."""
    folder = KEPT / f"catalog-{partitions}x{rows_of_partition}x{len(columns)}"
    if folder.exists():
        return folder
    staged = folder.with_suffix(".part")
    shutil.rmtree(staged, ignore_errors=True)
    numbers = list(range(partitions))
    batches = [numbers[n : n + _BATCH] for n in range(0, partitions, _BATCH)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(_write, staged, columns, rows_of_partition), batches))
    log = UploadLog(CatalogRoot.open(str(staged)), TABLE)
    for number in numbers:
        uploads = [
            Upload(row, f"file:///gone/{row}", _BYTES, "1", partition_key(number))
            for row in row_names(number, rows_of_partition)
        ]
        assert log.append(LogPosition(number), uploads)
    staged.replace(folder)
    return folder


def partition_key(number: int) -> str:
    """Returns the key of a partition."""
    return f"20260101T0000-{number:04d}"


def row_names(number: int, rows_of_partition: int = ROWS_OF_PARTITION) -> list[str]:
    """Returns the names of a partition's rows."""
    first = number * rows_of_partition
    return [f"album/photo-{row:07d}.jpg" for row in range(first, first + rows_of_partition)]


def _write(
    folder: Path, columns: Sequence[str], rows_of_partition: int, numbers: Sequence[int]
) -> None:
    root = CatalogRoot.open(str(folder))
    for number in numbers:
        partition, rows = partition_key(number), row_names(number, rows_of_partition)
        digests = [hashlib.sha256(row.encode()).hexdigest() for row in rows]
        for position, column in enumerate(columns):
            ledger = root.ledger(TABLE, column, partition)
            path = root.store.path(ledger.key(1))
            assert path is not None
            path.parent.mkdir(parents=True)
            path.write_bytes(_manifest(column, position, partition, rows, digests))


def _manifest(
    column: str, position: int, partition: str, rows: Sequence[str], digests: Sequence[str]
) -> bytes:
    is_value = column in VALUES
    kind = ColumnType.FLOAT if is_value else ColumnType.IMAGE
    header = Header(TABLE, column, partition, kind, "v1", "a-run", position)
    folder = f"file:///data/files/{TABLE}/{column}/{partition}/"
    same: dict[str, object] = {
        "partition": partition,
        "size_bytes": None if is_value else _BYTES,
        "width": None if is_value else _SIZE[0],
        "height": None if is_value else _SIZE[1],
        "frames": None if is_value else 1,
        "format": None if is_value else "JPEG",
        "value_bytes": None,
        "facts": None,
        "object_options": None,
        "published": None,
        "code_version": "v1",
        "error_class": None,
        "error_message": None,
        "written_at": _MADE_AT,
        "run_id": "a-run",
    }
    cells: dict[str, Sequence[object]] = {name: [value] * len(rows) for name, value in same.items()}
    cells["row"] = rows
    cells["digest"] = [digest[position:] + digest[:position] for digest in digests]
    cells["input_digest"] = [digest[-32:] for digest in digests]
    nothing = [None] * len(rows)
    cells["fileurl"] = nothing if is_value else [f"{folder}{d[:16]}.jpg" for d in digests]
    cells["value"] = [f"0.{int(d[:6], 16)}" for d in digests] if is_value else nothing
    return write_parquet(asdict(header), table_of(SCHEMA, {name: cells[name] for name in SCHEMA}))
