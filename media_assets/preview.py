"""The contact sheet of a materialization: its first files in one small picture."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from heapq import nsmallest
from threading import Lock

from PIL import Image

from media_assets.column_types import ColumnType
from media_assets.images.allocator import return_freed_memory
from media_assets.images.thumbnails import webp_bytes
from media_assets.machine import usable_cores
from media_assets.pixels.blending import to_drawable
from media_assets.reading import Reader
from media_assets.records.manifests import Manifest, Record
from media_assets.threads import Threads
from media_assets.thumbnails import pictured, thumbnail_of

_COLUMNS, _ROWS = 3, 2
"""Eight images would take more than 1 % of a light step over a thousand photos."""

_SMALL_BYTES = 8_000_000
_ONE_LARGE_FILE = Lock()
"""Each thread holds one large file at a time, within the memory for a step's images."""

_FETCHED_BYTES = 64_000_000
"""A larger video elsewhere is left out, unless it is in the cache."""

_SIDE = 192
_GAP = 4
MOST_BYTES = 32_000
"""Dagster stores every event twice and sends up to 100 of them to the browser in one page: 4 MB.
Six photos take 20 to 30 KB; for busier images, the quality is reduced until they fit."""

_QUALITIES = (60, 40, 20)


def contact_sheet(manifest: Manifest, reader: Reader) -> bytes | None:
    """Returns a WebP file of at most 32 KB with the first files of a manifest, side by side.

    Files made by the latest run come first: images, posters, waveforms, first pages. None if no
    file can be read: a missing contact sheet never fails a run.
    """
    run_id = manifest.header.run_id
    cells = manifest.select("row", "run_id", "fileurl")
    files = ((by != run_id, row) for row, by, fileurl in cells if fileurl is not None)
    first = [manifest.records[row] for _, row in nsmallest(_COLUMNS * _ROWS, files)]
    images = list(_small_images(first, manifest.header.type, reader))
    return _bounded(_arrange(images)) if images else None


def _bounded(sheet: Image.Image) -> bytes:
    """Returns a sheet's file, with lower quality if it is too large, then at half the size."""
    for quality in _QUALITIES:
        content = webp_bytes(sheet, quality=quality)
        if len(content) <= MOST_BYTES:
            return content
    return _bounded(sheet.reduce(2))


def _small_images(
    records: Sequence[Record], medium: ColumnType, reader: Reader
) -> Iterator[Image.Image]:
    """Yields a small picture of each file that can be read, in order."""

    def small_image(record: Record) -> Image.Image | None:
        is_small = (record.size_bytes or 0) <= _SMALL_BYTES
        try:
            with nullcontext() if is_small else _ONE_LARGE_FILE:
                if not is_small:
                    return_freed_memory()
                file = pictured(record, medium)
                return thumbnail_of(file, (_SIDE, _SIDE), reader, fetched_bytes=_FETCHED_BYTES)
        except Exception:  # noqa: BLE001  whatever is wrong with a file, the others are shown
            return None

    with Threads(usable_cores()) as pool:
        yield from filter(None, pool.map(small_image, records))


def _arrange(images: Sequence[Image.Image]) -> Image.Image:
    """Lays images out on a transparent page, each centered in its square."""
    across, down = min(len(images), _COLUMNS), -(-len(images) // _COLUMNS)
    step = _SIDE + _GAP
    sheet = Image.new("RGBA", (across * step - _GAP, down * step - _GAP))
    for place, image in enumerate(images):
        left, top = place % _COLUMNS * step, place // _COLUMNS * step
        middle = left + (_SIDE - image.width) // 2, top + (_SIDE - image.height) // 2
        sheet.paste(to_drawable(image), middle)
    return sheet
