"""Plans over files in a test's folder, and the results of their rows."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from media_assets.destinations import parse_destination
from media_assets.images.decode import ImageLimits
from media_assets.pipeline import OutputPlan, Plan, RowPlan, RowResult, run_plan
from media_assets.records.manifests import Record
from media_assets.stores import Storage
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import file_upload

PARTITION = "20261122T1513-0001"


def plan_for(
    table: MediaTable,
    destination: str | Path,
    *,
    columns: Sequence[str] | None = None,
    force: bool = False,
    limits: ImageLimits | None = None,
) -> Plan:
    """A plan of these columns, or of all, with one destination for files."""
    where = parse_destination(str(destination))
    outputs = [
        OutputPlan.of(
            column,
            where if column.type.is_medium and column is not table.source else None,
            table=table.name,
            partition=PARTITION,
        )
        for column in table.columns
        if columns is None or column.name in columns
    ]
    return Plan(
        table=table.name,
        partition=PARTITION,
        run_id="a-run",
        source=table.source.name,
        outputs=tuple(outputs),
        force=force,
        limits={"image": limits} if limits else {},
    )


def rows_of(
    paths: Sequence[Path], known: Mapping[str, Mapping[str, Record]] | None = None
) -> list[RowPlan]:
    """A row per file, named after it, with its known records by row and column."""
    return [
        RowPlan(path.name, file_upload(path, path.name), (known or {}).get(path.name, {}))
        for path in paths
    ]


def run(
    plan: Plan, rows: Sequence[RowPlan], *, workers: int = 2, room_bytes: int | None = None
) -> dict[str, RowResult]:
    """Makes all rows, and returns the result of each."""
    made = run_plan(plan, rows, workers=workers, room_bytes=room_bytes)
    return {result.row: result for result in made if isinstance(result, RowResult)}


def records_of(results: Mapping[str, RowResult]) -> dict[str, dict[str, Record]]:
    return {row: result.records for row, result in results.items()}


def content(record: Record) -> bytes:
    """The bytes of a cell's file."""
    store, key = Storage().store_of(record.fileurl or "")
    return store.get(key)


def files_in(destination: str) -> list[str]:
    """The keys of all files at a destination."""
    root = parse_destination(destination)
    return [file.key for file in Storage().open(root).list(root.prefix)]


def jpeg_bytes(image: Image.Image) -> bytes:
    """The file that Pillow itself writes."""
    file = BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()
