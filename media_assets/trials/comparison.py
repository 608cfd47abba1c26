"""Comparison of a cell with the one that stands: whether they differ, and by how much."""

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from media_assets.amounts import amount
from media_assets.images.decode import decode_image, open_image
from media_assets.images.limits import limits_of_file
from media_assets.pixels.similarity import (
    difference_picture,
    have_equal_pixels,
    structural_similarity,
)
from media_assets.reading import Reader
from media_assets.records.facts import decode_facts
from media_assets.records.manifests import Record
from media_assets.thumbnails import pictured, thumbnail_of
from media_assets.trials.trial import TriedCell
from media_assets.values import ColumnType, decode_value

if TYPE_CHECKING:
    from PIL import Image

_SIZE = (512, 512)
"""The size at which posters, waveforms and first pages are compared."""


class Verdict(StrEnum):
    """What became of a cell."""

    EQUAL = "equal"
    EQUAL_PIXELS = "equal pixels"
    DIFFERS = "differs"
    NEW_ERROR = "new error"
    ERROR_GONE = "error gone"
    ERROR = "error as before"
    NEW = "no cell before"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A tried cell, and how it differs from the one that stands.

    Attributes:
        cell: The cell.
        verdict: What became of it.
        distance: How large the difference is, from 0 to 1; 2 for errors that come or go.
        told: The difference in words.
        similarity: The index SSIM, of pictures that differ.
        delta: The difference of numbers that differ; of arrays, the largest.
        picture: A picture of the difference, of pictures that differ.
    """

    cell: TriedCell
    verdict: Verdict
    distance: float = 0.0
    told: str = ""
    similarity: float | None = None
    delta: float | None = None
    picture: "Image.Image | None" = None


def compare(cell: TriedCell, reader: Reader) -> Comparison:
    """Compares a tried cell with the one that stands.

    A file that cannot be read for it counts as different; the text says why.
    """
    before, after = cell.before, cell.after
    if before is None and not after.error_class:
        return Comparison(cell, Verdict.NEW, told="no cell before")
    if before is None or before.error_class or after.error_class:
        return _compare_errors(cell, before, after)
    if before.digest == after.digest:
        told = "equal" if cell.is_made else "not made again: what it reads is equal"
        return Comparison(cell, Verdict.EQUAL, told=told)
    if before.fileurl is None or after.fileurl is None:
        return _compare_values(cell, before, after)
    try:
        return _compare_files(cell, before, after, reader)
    except Exception as error:  # noqa: BLE001  whatever keeps a file from being read
        return Comparison(cell, Verdict.DIFFERS, 1.0, f"cannot be compared: {error}")


def _compare_errors(cell: TriedCell, before: Record | None, after: Record) -> Comparison:
    if before is None or not before.error_class:
        return Comparison(cell, Verdict.NEW_ERROR, 2.0, "new error")
    if not after.error_class:
        return Comparison(cell, Verdict.ERROR_GONE, 2.0, "error gone")
    texts = [(each.error_class, each.error_message) for each in (before, after)]
    told = "error as before" if texts[0] == texts[1] else "another error than before"
    return Comparison(cell, Verdict.ERROR, 0.0 if texts[0] == texts[1] else 0.5, told)


def _compare_files(cell: TriedCell, before: Record, after: Record, reader: Reader) -> Comparison:
    kind = cell.column.type
    is_image = kind is ColumnType.IMAGE
    first, second = (
        _decoded(each, reader) if is_image else _poster(each, kind, reader)
        for each in (before, after)
    )
    is_whole = is_image and (before.frames or 1) == (after.frames or 1) == 1
    are_alike = have_equal_pixels(first, second)
    if are_alike and is_whole:
        return Comparison(cell, Verdict.EQUAL_PIXELS, told="equal pixels, other bytes")
    similarity = structural_similarity(first, second)
    what = "" if is_whole else "first frame " if is_image else "thumbnail "
    told = f"{what}{'equal' if are_alike else f'SSIM {_shown(similarity)}'}"
    return Comparison(
        cell,
        Verdict.DIFFERS,
        # Never 0: other frames, or sound, may differ.
        max(1 - similarity, 1e-6),
        ", ".join([told, *_changes(before, after)]),
        similarity,
        picture=difference_picture(first, second),
    )


def _changes(before: Record, after: Record) -> list[str]:
    """Returns the facts that changed, in words."""
    told: list[str] = []
    sizes = [f"{each.width} × {each.height}" for each in (before, after)]  # noqa: RUF001
    if after.width and sizes[0] != sizes[1]:
        told.append(" → ".join(sizes))
    counts = [each.frames or 1 for each in (before, after)]
    if counts[0] != counts[1]:
        told.append(f"{counts[0]} → {amount(counts[1], 'frame')}")
    if before.format != after.format:
        told.append(f"{before.format} → {after.format}")
    old, new = (decode_facts(each.facts) for each in (before, after))
    told += [
        f"{name} {old.get(name)} → {new.get(name)}"
        for name in ("duration", "pages", "fps", "codec")
        if old.get(name) != new.get(name)
    ]
    return told


def _decoded(record: Record, reader: Reader) -> "Image.Image":
    limits = limits_of_file((record.width, record.height), record.size_bytes, record.frames)
    data = reader.read_recorded(record.fileurl or "", record.digest, max_bytes=limits.max_bytes)
    return decode_image(open_image(data, limits))


def _poster(record: Record, kind: ColumnType, reader: Reader) -> "Image.Image":
    return thumbnail_of(pictured(record, kind), _SIZE, reader)


def _compare_values(cell: TriedCell, before: Record, after: Record) -> Comparison:
    if cell.column.type.is_medium:
        told = "null before" if before.fileurl is None else "null now"
        return Comparison(cell, Verdict.DIFFERS, 1.0, told)
    old, new = (_value(each, cell.column.type) for each in (before, after))
    if _is_number(old) and _is_number(new):
        return _compare_numbers(cell, cast("float", old), cast("float", new))
    if (apart := _apart(old, new)) is not None:
        delta, scale = apart
        told = f"at most {delta:.4g} apart"
        return Comparison(cell, Verdict.DIFFERS, _share(delta, scale), told, delta=delta)
    return Comparison(cell, Verdict.DIFFERS, 1.0, "another value")


def _compare_numbers(cell: TriedCell, old: float, new: float) -> Comparison:
    delta = new - old
    told = f"{delta:+.4g}" if math.isfinite(delta) else "another value"
    share = _share(abs(delta), max(abs(old), abs(new)))
    return Comparison(cell, Verdict.DIFFERS, share, told, delta=delta)


def _share(delta: float, scale: float) -> float:
    return delta / scale if math.isfinite(delta) and 0 < delta <= scale else 1.0


def _apart(old: object, new: object) -> tuple[float, float] | None:
    """Returns the largest difference of two lists of numbers, and their largest number."""
    import numpy as np  # noqa: PLC0415  slow to import

    try:
        one, other = (np.asarray(cast("Any", each), np.float64) for each in (old, new))
    except (TypeError, ValueError):
        return None
    if one.ndim == 0 or one.shape != other.shape or not one.size:
        return None
    return float(np.abs(other - one).max()), float(max(np.abs(one).max(), np.abs(other).max()))


def _value(record: Record, kind: ColumnType) -> object:
    """Returns a value; as text where it was kept for another type."""
    try:
        return decode_value(record.stored, kind)
    except (TypeError, ValueError, json.JSONDecodeError):
        return str(record.stored)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(similarity: float) -> str:
    """Returns an index with as many digits as it takes to differ from 1.

    >>> _shown(0.87654), _shown(0.99996), _shown(1.0)
    ('0.877', '0.99996', '1')
    """
    for digits in range(3, 9):
        text = f"{similarity:.{digits}f}"
        if float(text) < 1:
            return text
    return "1"
