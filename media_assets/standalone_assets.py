"""Standalone assets: what one returns becomes a table with one column."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import ClassVar, cast

import dagster as dg
from PIL import Image

from media_assets import metadata
from media_assets.columns import ComputedColumn, check_declared_destination
from media_assets.errors import NoAssetError, OutputTypeError, RowTwiceError
from media_assets.images.allocator import keep_image_buffers
from media_assets.images.formats import check_encoding
from media_assets.partitioning import UNPARTITIONED
from media_assets.pipeline import OutputPlan, Plan
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter
from media_assets.reading import Reader
from media_assets.records.column_writer import ColumnWriter
from media_assets.records.manifests import Record
from media_assets.threads import Threads
from media_assets.values import ColumnType


@dataclass(frozen=True, slots=True)
class StandaloneAsset:
    """An asset outside media tables, as a table of one column.

    Attributes:
        name: The asset's key, used as the table's name: `posters`, or `team/posters`.
        partition: The partition's key; `_` for an asset without partitions.
        column: The column, always named `image`.
    """

    COLUMN: ClassVar[str] = "image"

    table: str
    partition: str
    column: ComputedColumn = field(repr=False)

    @classmethod
    def of(cls, context: dg.OutputContext) -> "StandaloneAsset":
        """Reads an asset's destination, and how its images are encoded, from its metadata.

        Raises:
            NoAssetError: It is the output of an op, not of an asset.
            DestinationError: `media_assets/destination` cannot be understood.
            DeclarationError: `media_assets/format` or `media_assets/save_options` cannot be used.
        """
        if not context.has_asset_key:
            raise NoAssetError(context.op_def.name, context.name)
        declared = context.definition_metadata
        name = "/".join(context.asset_key.path)
        destination = cast("str | None", declared.get(metadata.DESTINATION))
        check_declared_destination(destination, column=name)
        encoding = check_encoding(
            cast("str | None", declared.get(metadata.FORMAT)),
            cast("Mapping[str, object]", declared.get(metadata.SAVE_OPTIONS) or {}),
        )
        column = ComputedColumn(
            name=cls.COLUMN,
            function=dict,
            input_types={},
            type=ColumnType.IMAGE,
            code_version="",
            destination=destination,
            encoding=encoding,
        )
        partition = context.asset_partition_key if context.has_asset_partitions else UNPARTITIONED
        return cls(name, partition, column)


def write_images(
    asset: StandaloneAsset, returned: object, writer: ColumnWriter, *, run_id: str, reader: Reader
) -> metadata.ColumnOutput:
    """Encodes and stores images as they come, and commits them as the asset's new content.

    Earlier rows that are not among them are no longer part of the asset.

    Raises:
        OutputTypeError: The returned value is not an image, a mapping or an iterable of pairs.
        RowTwiceError: Two images have one row's name.
        StoreFaultError: The destination accepts no files.
    """
    started, watch = perf_counter(), Stopwatch()
    rows = _rows(asset, returned)
    destination = writer.destination.destination if writer.destination else None
    output = OutputPlan.of(asset.column, destination, table=asset.table, partition=asset.partition)
    plan = Plan(asset.table, asset.partition, run_id, "", (output,), reader=reader)
    seen: set[str] = set()
    writer.open_destination()
    for record in _write(plan, output, rows, watch):
        writer.add(record, is_reused=False)
        seen.add(record.row)
    standing = set(writer.base.records) if writer.base else set[str]()
    committed = writer.commit(gone=standing - seen)
    timing = metadata.StepTiming(perf_counter() - started, watch.seconds, rows=len(seen))
    return metadata.ColumnOutput(committed, timing)


def _rows(asset: StandaloneAsset, returned: object) -> Iterator[tuple[str, Image.Image]]:
    if isinstance(returned, Image.Image):
        pairs: Iterable[object] = [(asset.table.rpartition("/")[2], returned)]
    elif isinstance(returned, Mapping):
        pairs = cast("Mapping[object, object]", returned).items()
    elif isinstance(returned, Iterable) and not isinstance(returned, str | bytes):
        pairs = cast("Iterable[object]", returned)
    else:
        raise OutputTypeError(asset.table, returned)
    seen: set[str] = set()
    for pair in pairs:
        match pair:
            case (str() as row, Image.Image()) if row in seen:
                raise RowTwiceError(asset.table, row)
            case (str() as row, Image.Image() as image):
                seen.add(row)
                yield row, image
            case _:
                raise OutputTypeError(asset.table, cast("object", returned), item=pair)


def _write(
    plan: Plan, output: OutputPlan, rows: Iterable[tuple[str, Image.Image]], watch: Stopwatch
) -> Iterator[Record]:
    """Encodes and places images on all cores, a few ahead of the one that is yielded."""
    keep_image_buffers()
    threads = len(os.sched_getaffinity(0))
    encoding = output.column.encoding if isinstance(output.column, ComputedColumn) else None
    assert encoding is not None  # noqa: S101  standalone assets hold images

    def write(row: str, image: Image.Image) -> Record:
        cell = Record(row, written_at=datetime.now(UTC), run_id=plan.run_id, code_version="")
        record, placement = writer.encode(output, cell, image, encoding, Stopwatch())
        placement.place()
        return record

    pending = deque[Future[Record]]()
    with FileWriter(plan) as writer, Threads(threads) as pool, watch.stage("write"):
        for row, image in rows:
            pending.append(pool.submit(write, row, image))
            if len(pending) > 2 * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
