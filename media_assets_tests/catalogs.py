"""Catalogs for tests: uploads and manifests as plain values, recorded without a run."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pyarrow.parquet as pq

from media_assets.catalog import Catalog
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import (
    Header,
    Manifest,
    Record,
    commit_manifest,
    newest_manifest,
)
from media_assets.uploads.log import UploadLog
from media_assets.uploads.recording import Recorder
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload
from media_assets.values import ColumnType

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def memory_root() -> CatalogRoot:
    """A catalog in memory that no other test has seen."""
    return CatalogRoot.open(f"memory://{uuid4().hex}/catalog")


def upload(row: str, partition: str = "", **values: object) -> Upload:
    """An upload; `values` are its other fields."""
    known: dict[str, object] = {"uri": f"file:///uploads/{row}", "size_bytes": 1, "version": "1"}
    return Upload(row, partition=partition, **(known | values))  # type: ignore[arg-type]


def recorder(
    root: CatalogRoot,
    *,
    rows: int = 100,
    partition_of: Callable[[str], str] | None = None,
    reader: Reader | None = None,
) -> Recorder:
    """What records uploads of `photos`, up to so many rows in a partition."""
    reader = reader or Reader()
    return Recorder(
        StoredTable(root, "photos"),
        "source_image",
        reader,
        rows_per_partition=rows,
        partition_of=partition_of,
    )


def record_rows(
    root: CatalogRoot, partition: str, rows: Iterable[str], *, table: str = "photos"
) -> None:
    """Appends one entry to a table's upload log; what is there already is replaced."""
    log = UploadLog(root, table)
    position = log.refresh()
    newest = log.newest_of(rows)
    held_by = {row: one.partition for row, one in newest.items()}
    uploads = [upload(row, partition, supersedes=held_by.get(row)) for row in rows]
    assert log.append(position, uploads)


def delete_rows(root: CatalogRoot, rows: Iterable[str], *, table: str = "photos") -> None:
    """Appends one entry of deletions."""
    log = UploadLog(root, table)
    position = log.refresh()
    assert log.append(position, deletions=list(log.newest_of(rows).values()))


def image(row: str, fileurl: str, **values: object) -> Record:
    """An image cell; `values` are its other fields."""
    known: dict[str, object] = {"digest": sha256(fileurl.encode()).hexdigest(), "written_at": NOON}
    return Record(row, fileurl, **(known | values))  # type: ignore[arg-type]


def value(row: str, text: str | None) -> Record:
    """A value cell."""
    return Record(row, value=text, digest=sha256((text or "").encode()).hexdigest())


def failure(row: str, message: str = "too dark") -> Record:
    """An error cell."""
    return Record(row, error_class="DarkError", error_message=message, written_at=NOON)


def without_checksum(data: bytes, header: Mapping[str, object]) -> bytes:
    """A file of the catalog as older versions wrote it: only its pages have checksums."""
    text, file = json.dumps({"format_version": 2, **header}), BytesIO()
    table = pq.read_table(BytesIO(data)).replace_schema_metadata({"media_assets": text})
    pq.write_table(table, file, row_group_size=1_000, write_page_checksum=True)
    return file.getvalue()


def header(
    column: str = "flipped",
    partition: str = "p1",
    *,
    table: str = "photos",
    type: ColumnType = ColumnType.IMAGE,  # noqa: A002  the header's own word
    position: int = 0,
) -> Header:
    """A header with something in each field."""
    return Header(table, column, partition, type, "1", "run", position, "/media/", "column")


def commit(root: CatalogRoot, head: Header, cells: Iterable[Record]) -> Manifest:
    """Commits cells over what stands there."""
    ledger = root.ledger(head.table, head.column, head.partition)
    computed: Mapping[str, Record] = {cell.row: cell for cell in cells}
    return commit_manifest(ledger, head, computed, base=newest_manifest(ledger))


def catalog_of(root: CatalogRoot) -> Catalog:
    """A catalog that has read nothing yet."""
    return Catalog(root)
