"""Datasets of drawn photos, recorded without a run."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from media_assets.exports import MediaDataset
from media_assets.records.manifests import Record
from media_assets.values import ColumnType, encode_value
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    header,
    image,
    memory_root,
    record_rows,
)
from media_assets_tests.photos import save_photo

_FORMATS = {".jpg": "JPEG", ".png": "PNG"}


def stored(folder: Path, row: str, seed: int, suffix: str = ".jpg") -> Record:
    """The cell of a photo that is saved in a folder."""
    path = save_photo(folder / f"{seed}{suffix}", seed)
    return image(
        row,
        path.as_uri(),
        digest=sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        format=_FORMATS[suffix],
    )


def dataset_of(
    folder: Path,
    rows: Sequence[str],
    values: Mapping[str, tuple[ColumnType, Sequence[object]]] | None = None,
) -> MediaDataset:
    """A dataset of photos, and of one value for each row in each column of values."""
    root = memory_root()
    record_rows(root, "p1", rows)
    commit(root, header("thumbnail"), [stored(folder, row, n) for n, row in enumerate(rows)])
    for place, (name, (kind, held)) in enumerate((values or {}).items(), start=1):
        kept = [encode_value(value, kind) for value in held]
        cells = [
            Record(row, value_bytes=each) if isinstance(each, bytes) else Record(row, value=each)
            for row, each in zip(rows, kept, strict=True)
        ]
        commit(root, header(name, type=kind, position=place), cells)
    return catalog_of(root).dataset("photos")
