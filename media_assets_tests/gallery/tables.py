"""Contents for test galleries: rows with real files, without a catalog."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from media_assets.gallery.contents import Cell, Contents, File, Row
from media_assets.media_types import MediaType
from media_assets.values import ColumnType
from media_assets_tests.photos import save_photo


def file_at(path: Path) -> File:
    """The cell of a file, with its current digest and facts."""
    data = path.read_bytes()
    with Image.open(path) as opened:
        width, height, name = opened.width, opened.height, opened.format or ""
    return File(path.as_uri(), hashlib.sha256(data).hexdigest(), len(data), width, height, name)


def photo(path: Path, seed: int = 0) -> File:
    """The cell of a photo that is saved there."""
    return file_at(save_photo(path, seed, (96, 72)))


def media_file(path: Path, medium: MediaType) -> File:
    """The cell of a file of a medium, with its current digest and facts."""
    facts = medium.inspect(path, medium.limits())
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    known = {name: fact for name in medium.facts if (fact := facts.others[name]) is not None}
    size = facts.width or 0, facts.height or 0
    return File(path.as_uri(), digest, len(data), *size, facts.format, 1, medium.type, known)


def media_contents(rows: Mapping[str, Mapping[str, Cell]]) -> Contents:
    """A table with a column for each kind of media."""
    columns = {f"a_{kind}": ColumnType(kind) for kind in ("video", "audio", "document")}
    return Contents("media", columns, [Row(name, "p1", rows[name]) for name in sorted(rows)])


def contents_of(rows: Mapping[str, Mapping[str, Cell]]) -> Contents:
    """A table with two image columns and a value column."""
    columns = {
        "source_image": ColumnType.IMAGE,
        "flipped": ColumnType.IMAGE,
        "caption": ColumnType.STR,
    }
    listed = [Row(name, "p1", rows[name]) for name in sorted(rows)]
    return Contents("photos", columns, listed)
