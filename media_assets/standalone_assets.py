"""Standalone assets: what one returns becomes a table with one column."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import cast

import dagster as dg
from PIL import Image

from media_assets import metadata
from media_assets.catalog.live_manifests import live_manifests
from media_assets.columns import ComputedColumn, check_declared_destination
from media_assets.errors import (
    ManyPartitionsError,
    NoAssetError,
    OutputTypeError,
    RowTwiceError,
)
from media_assets.images.allocator import keep_image_buffers
from media_assets.limits import Limits
from media_assets.machine import usable_cores
from media_assets.media_types import (
    IMAGE,
    MediaType,
    all_media,
    medium_of_class,
    medium_of_file,
    medium_of_format,
)
from media_assets.partitioning import UNPARTITIONED
from media_assets.pipeline import OutputPlan, Plan
from media_assets.pipeline.made_files import Closable
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter
from media_assets.reading import Reader
from media_assets.records.column_folders import list_columns
from media_assets.records.column_writer import ColumnWriter
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Manifest, Record
from media_assets.threads import Threads
from media_assets.uploads.stored_table import StoredTable

Made = Image.Image | Path | Closable
"""What is stored: an image, a file, or a video, ... that is written to one."""


@dataclass(frozen=True, slots=True)
class StandaloneAsset:
    """An asset outside media tables, as a table of one column.

    Attributes:
        name: The asset's key, used as the table's name: `posters`, or `team/posters`.
        partition: The partition's key; `_` for an asset without partitions.
        medium: What its column holds, which is named like it: `image`, `video`, ...
        column: The column.
        rows: What it returned, by row, as it comes.
    """

    table: str
    partition: str
    medium: MediaType
    column: ComputedColumn = field(repr=False)
    rows: Iterator[tuple[str, Made]] = field(repr=False)

    @classmethod
    def of(cls, context: dg.OutputContext, returned: object) -> "StandaloneAsset":
        """Reads an asset's destination, and how its files are written, from its metadata.

        Raises:
            NoAssetError: It is the output of an op, not of an asset.
            ManyPartitionsError: The run is of several partitions.
            OutputTypeError: It returned nothing that is stored.
            DestinationError: `media_assets/destination` cannot be understood.
            OutputFormatError: `media_assets/format` or `media_assets/save_options` cannot be used.
        """
        if not context.has_asset_key:
            raise NoAssetError(context.op_def.name, context.name)
        keys = context.asset_partition_keys if context.has_asset_partitions else [UNPARTITIONED]
        if len(keys) > 1:
            raise ManyPartitionsError("/".join(context.asset_key.path), sorted(keys))
        partition = keys[0]
        declared = context.definition_metadata
        name = "/".join(context.asset_key.path)
        destination = cast("str | None", declared.get(metadata.DESTINATION))
        check_declared_destination(destination, column=name)
        media_format = cast("str | None", declared.get(metadata.FORMAT))
        rows = _rows(name, returned)
        medium = medium_of_format(media_format) if media_format else None
        if medium is None:
            first = next(rows, None)
            medium = (_medium_of(first[1]) if first else None) or IMAGE
            rows = chain([first], rows) if first else rows
        encoding = medium.check_encoding(
            media_format, cast("Mapping[str, object]", declared.get(metadata.SAVE_OPTIONS) or {})
        )
        column = ComputedColumn(
            name=medium.name,
            function=dict,
            input_types={},
            type=medium.type,
            code_version="",
            destination=destination,
            encoding=encoding,
        )
        return cls(name, partition, medium, column, _checked(name, medium, rows))


def live_contents(
    root: CatalogRoot, asset: str, partitions: Sequence[str] | None
) -> list[Manifest]:
    """Reads an asset's current manifest in each of these partitions, if it has one, or in all.

    If it held other media before, those of its newest kind.
    """
    table, kinds = StoredTable(root, asset), {medium.name for medium in all_media()}
    columns = [name for name in list_columns(root, asset) if name in kinds]
    found = [live_manifests(table, column, partitions) for column in columns]
    return max(found, key=_committed_at) if found else []


def _committed_at(manifests: Iterable[Manifest]) -> str:
    return max((manifest.header.committed_at or "" for manifest in manifests), default="")


def write_files(
    asset: StandaloneAsset,
    writer: ColumnWriter,
    *,
    run_id: str,
    reader: Reader,
    limits: Limits,
) -> metadata.ColumnOutput:
    """Writes and stores files as they come, and commits them as the asset's new content.

    Earlier rows that are not among them are no longer part of the asset.

    Raises:
        OutputTypeError: It returned an item that is not a row's name and a medium of its kind.
        RowTwiceError: Two items have one row's name.
        UnreadableFileError: A file that it wrote is of another kind, or damaged.
        MissingExtraError: The packages of its kind of media are not installed.
        StoreFaultError: The destination accepts no files.
    """
    started, watch = perf_counter(), Stopwatch()
    asset.medium.require_packages()
    destination = writer.destination.destination if writer.destination else None
    output = OutputPlan.of(
        asset.column,
        destination,
        table=asset.table,
        partition=asset.partition,
        options=writer.options,
    )
    plan = Plan(
        *(asset.table, asset.partition, run_id, "", (output,)),
        limits={asset.medium.name: limits},
        reader=reader,
    )
    seen: set[str] = set()
    writer.open_destination()
    for record in _write(plan, output, asset.rows, watch):
        writer.add(record, is_reused=False)
        seen.add(record.row)
    standing = set(writer.base.records) if writer.base else set[str]()
    committed = writer.commit(gone=standing - seen)
    timing = metadata.StepTiming(perf_counter() - started, watch.seconds, rows=len(seen))
    return metadata.ColumnOutput(committed, timing)


def _rows(asset: str, returned: object) -> Iterator[tuple[str, Made]]:
    """Yields each row's name and what it holds, of any kind."""
    if _is_medium(returned):
        pairs: Iterable[object] = [(asset.rpartition("/")[2], returned)]
    elif isinstance(returned, Mapping):
        pairs = cast("Mapping[object, object]", returned).items()
    elif isinstance(returned, Iterable) and not isinstance(returned, str | bytes):
        pairs = cast("Iterable[object]", returned)
    else:
        raise OutputTypeError(asset, returned)
    seen: set[str] = set()
    for pair in pairs:
        match pair:
            case (str() as row, object() as made) if _is_medium(made):
                if row in seen:
                    raise RowTwiceError(asset, row)
                seen.add(row)
                yield row, cast("Made", made)
            case _:
                raise OutputTypeError(asset, cast("object", returned), item=pair)


def _is_medium(made: object) -> bool:
    return isinstance(made, Path) or medium_of_class(type(made)) is not None


def _medium_of(made: object) -> MediaType | None:
    """Returns the kind of media of what an asset returned, or of a file; None if it is none."""
    return medium_of_file(made) if isinstance(made, Path) else medium_of_class(type(made))


def _checked(
    asset: str, medium: MediaType, rows: Iterable[tuple[str, Made]]
) -> Iterator[tuple[str, Made]]:
    """Yields rows, all of one kind of media."""
    for row, made in rows:
        is_file = isinstance(made, Path) and not medium.is_decoded
        if not is_file and _medium_of(made) is not medium:
            raise OutputTypeError(asset, made, medium=medium.name)
        yield row, made


def _write(
    plan: Plan, output: OutputPlan, rows: Iterable[tuple[str, Made]], watch: Stopwatch
) -> Iterator[Record]:
    """Writes and places files on all cores, a few ahead of the one that is yielded."""
    keep_image_buffers()
    threads = usable_cores()
    encoding = output.column.encoding if isinstance(output.column, ComputedColumn) else None
    assert encoding is not None  # noqa: S101  standalone assets hold files

    def write(row: str, made: Made) -> Record:
        cell = Record(row, written_at=datetime.now(UTC), run_id=plan.run_id, code_version="")
        record, placement = writer.encode(output, cell, made, encoding, Stopwatch())
        placement.place()
        return record

    pending = deque[Future[Record]]()
    with FileWriter(plan) as writer, Threads(threads) as pool, watch.stage("write"):
        for row, made in rows:
            pending.append(pool.submit(write, row, made))
            if len(pending) > 2 * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
