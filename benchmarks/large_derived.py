"""A thousand videos of 600 frames each, and as many uploads, as records without any file."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import media_assets as ma
from benchmarks.inputs import KEPT
from media_assets.columns import Column, ComputedColumn, declared_types
from media_assets.file_keys import partition_prefix
from media_assets.pipeline.reuse import input_digest
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Header, Record, commit_manifest
from media_assets.tables.parents import split_plan
from media_assets.tables.stored import stored_table
from media_assets.uploads.parts import Parts, record_parts
from media_assets.uploads.row_values import pack_values
from media_assets.uploads.upload import Upload

FRAMES, VIDEOS = 600, 100
"""Of a video, and of a partition."""
_MADE_AT = datetime(2026, 11, 22, tzinfo=UTC)
_DESTINATION = "memory://large-derived/"


def tables() -> tuple[ma.MediaTable, ma.MediaTable, ma.MediaTable]:
    """Returns videos, their frames with three columns, and photos with as many cells."""
    videos = ma.MediaTable("videos", media=ma.Video, rows_per_partition=VIDEOS)
    frames = videos.derived_table("frames", ma.split.frames(fps=10), destination=_DESTINATION)
    photos = ma.MediaTable("photos", rows_per_partition=FRAMES * VIDEOS)

    @frames.computed_column(code_version="1", destination=_DESTINATION)
    def thumbnail(frame: ma.Image) -> ma.Image:
        return ma.transforms.thumbnail(frame, (128, 128))

    @frames.computed_column(code_version="1")
    def brightness(frame: ma.Image) -> float:
        return ma.transforms.mean_luminance(frame)

    @photos.computed_column(name="thumbnail", code_version="1", destination=_DESTINATION)
    def small(source_image: ma.Image) -> ma.Image:
        return ma.transforms.thumbnail(source_image, (128, 128))

    @photos.computed_column(name="brightness", code_version="1")
    def bright(source_image: ma.Image) -> float:
        return ma.transforms.mean_luminance(source_image)

    return videos, frames, photos


def partition_key(number: int) -> str:
    """Returns the key of a partition."""
    return f"20260101T0000-{number:04d}"


def make_derived_catalog(partitions: int) -> Path:
    """Returns the folder of a catalog with this many partitions of videos, and one of photos."""
    folder = KEPT / f"derived-{partitions}x{VIDEOS}x{FRAMES}"
    if folder.exists():
        return folder
    staged = folder.with_suffix(".part")
    shutil.rmtree(staged, ignore_errors=True)
    videos, frames, photos = tables()
    root = CatalogRoot.open(str(staged))
    for number in range(partitions):
        _record_uploads(root, videos, number, list(_videos(number)))
        _record_frames(root, frames, number)
    _record_uploads(root, photos, 0, list(_frames(0)))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(_commit, staged), range(-1, partitions)))
    staged.replace(folder)
    return folder


def _videos(partition: int) -> Iterator[str]:
    return (f"clip-{partition * VIDEOS + n:05d}.mp4" for n in range(VIDEOS))


def _frames(partition: int) -> Iterator[str]:
    return (f"{row}/{n * 100:09d}" for row in _videos(partition) for n in range(FRAMES))


def _upload(row: str, partition: str) -> Upload:
    return Upload(row, f"file:///gone/{row}", 1_000_000, "1", partition)


def _record_uploads(
    root: CatalogRoot, table: ma.MediaTable, number: int, rows: Sequence[str]
) -> None:
    stored = stored_table(root, table)
    uploads = [_upload(row, partition_key(number)) for row in sorted(rows)]
    assert stored.log.append(stored.refresh(), uploads)


def _record_frames(root: CatalogRoot, table: ma.MediaTable, number: int) -> None:
    stored, plan = stored_table(root, table), split_plan(table)
    assert stored.parent is not None
    splits: dict[str, Parts] = {}
    for row, entry in stored.parent.contents(partition_key(number)).items():
        of_inputs = input_digest(plan.column, {"source_video": _digest(row)})
        values = {
            f"{row}/{n * 100:09d}": pack_values(
                {"parent": row, "time": str(n / 10), "number": str(n + 1)}
            )
            for n in range(FRAMES)
        }
        splits[row] = Parts(entry, plan.digest(of_inputs), values)
    record_parts(stored, partition_key(number), splits, value_types=declared_types(table.values))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _commit(folder: Path, number: int) -> None:
    """Commits the cells of a partition of videos and frames; -1 stands for the photos."""
    videos, frames, photos = tables()
    root = CatalogRoot.open(str(folder))
    if number < 0:
        _commit_table(root, photos, partition_key(0), list(_frames(0)))
        return
    key = partition_key(number)
    _commit_table(root, videos, key, list(_videos(number)))
    _commit_table(root, frames, key, list(_frames(number)))


def _commit_table(
    root: CatalogRoot, table: ma.MediaTable, partition: str, rows: Sequence[str]
) -> None:
    for position, column in enumerate(table.columns):
        header = Header(
            table.name, column.name, partition, column.type, column.code_version, "a-run", position
        )
        record = _record_of(table, column, partition)
        commit_manifest(
            root.ledger(table.name, column.name, partition),
            header,
            {row: record(row) for row in rows},
            base=None,
        )


def _record_of(table: ma.MediaTable, column: Column, partition: str) -> Callable[[str], Record]:
    """Returns what makes the cell of a row, as a run would have it."""
    prefix = f"{_DESTINATION}{partition_prefix(table.name, column.name, partition)}"
    same: Mapping[str, object] = {
        "size_bytes": 50_000,
        "width": 1280,
        "height": 720,
        "format": "JPEG",
        "code_version": column.code_version,
        "written_at": _MADE_AT,
        "run_id": "a-run",
    }

    def record(row: str) -> Record:
        if not isinstance(column, ComputedColumn):
            upload = _upload(row, partition)
            return Record(
                row,
                fileurl=upload.uri,
                digest=_digest(row),
                input_digest=upload.identity,
                **same,  # pyright: ignore[reportArgumentType]
            )
        (read,) = column.reads
        of_read = row.partition("/")[0] if read == "source_video" else row
        made_from = _digest(of_read) if read.startswith("source") else _digest(f"frame {row}")
        digest = _digest(f"{column.name} {row}")
        found = Record(
            row,
            digest=digest,
            input_digest=input_digest(column, {read: made_from}),
            **same,  # pyright: ignore[reportArgumentType]
        )
        return _value(found) if not column.type.is_medium else _file(found, prefix)

    return record


def _value(record: Record) -> Record:
    return replace(record, value="0.5", size_bytes=None, width=None, height=None, format=None)


def _file(record: Record, prefix: str) -> Record:
    return replace(record, fileurl=f"{prefix}{(record.digest or '')[:16]}.jpg")
