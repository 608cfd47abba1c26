"""Tiles of an image: equal boxes in rows, which overlap or meet."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

from PIL import Image

from media_assets.column_types import ColumnType
from media_assets.images.modes import exact_format, has_transparency
from media_assets.split.options import as_box, is_whole, refusal
from media_assets.split.splitter import Part, Splitter, check_count, version_of

_VERSION = 1
_LOSSY = {"JPEG", "MPO", "WEBP", "AVIF", "HEIF"}
_QUALITY = 95
_MOST_IN_A_LINE = 9_999


class Box(NamedTuple):
    """A part of an image, in pixels from its top left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Tiles(Splitter):
    """Splits images into tiles; made by `tiles`.

    Attributes:
        size: Width and height of a tile.
        overlap: Pixels that neighbours share.
    """

    size: tuple[int, int]
    overlap: int

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the tiles, row by row from the top left."""
        image = cast("Image.Image", source)
        across = starts(image.width, self.size[0], self.overlap)
        down = starts(image.height, self.size[1], self.overlap)
        fewer = f"larger tiles than {self.size[0]} x {self.size[1]} pixels"
        check_count(len(across) * len(down), max_parts, parts="tiles", fewer=fewer)
        in_line = max(len(across), len(down))
        check_count(in_line, _MOST_IN_A_LINE, parts="tiles in a line", fewer=fewer)
        for row, y in enumerate(down):
            for column, x in enumerate(across):
                key = f"{row:04d}x{column:04d}"
                wide, high = min(self.size[0], image.width - x), min(self.size[1], image.height - y)
                fields = Box(x, y, wide, high)._asdict()
                yield self._part(image, key, fields, is_skipped=skip(key))

    def _part(
        self, image: Image.Image, key: str, fields: Mapping[str, object], *, is_skipped: bool
    ) -> Part:
        """Returns a part, which alone holds its picture."""
        made = None if is_skipped else self.extract(image, key, fields)
        return Part(key, fields, made, *_format_of(image), exact_format(image.mode))

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns a tile."""
        del part_key
        x, y, width, height = _box(fields)
        return cast("Image.Image", source).crop((x, y, x + width, y + height))

    def largest_part(self, size: tuple[int, int]) -> tuple[int, int]:
        """Returns the size of a whole tile."""
        return min(self.size[0], size[0]), min(self.size[1], size[1])

    def fragment(self, fields: Mapping[str, object]) -> str:
        """Returns the tile's box: `xywh=0,0,256,256`."""
        return f"xywh={','.join(map(str, _box(fields)))}"


def tiles(size: int | tuple[int, int], *, overlap: int = 0) -> Splitter:
    """Splits images into tiles, row by row from the top left; those at the edges may be smaller.

    Together they cover the image. Their keys are the row and the column of the tile, from 0:
    `0003x0001`. Index values are `x`, `y`, `width` and `height`, in pixels of the upright image.
    Files are PNG, or JPEG of quality 95 where the image was stored with losses and is opaque.

    Args:
        size: Width and height of a tile in pixels; one number for both.
        overlap: Pixels that neighbours share.

    Raises:
        DeclarationError: An option cannot be used.

    Example:
        >>> tiles(256, overlap=32).description
        'tiles of 256 x 256 pixels that overlap by 32'
    """
    box, example = as_box(size), "tiles(512, overlap=32)"
    if box is None:
        accepted = "a number of pixels, or a width and a height, each 1 or more"
        raise refusal(size, option="size", accepted=accepted, example=example)
    if not is_whole(overlap, 0, min(box) - 1):
        accepted = f"a whole number of pixels from 0 to {min(box) - 1}, less than a tile"
        raise refusal(overlap, option="overlap", accepted=accepted, example=example)
    version = version_of("tiles", _VERSION, box, overlap)
    shared = f" that overlap by {overlap}" if overlap else ""
    return Tiles(
        name="tiles",
        reads=ColumnType.IMAGE,
        makes=ColumnType.IMAGE,
        column="tile",
        fields=dict.fromkeys(Box._fields, int),
        code_version=version,
        part_version=version,
        description=f"tiles of {box[0]} x {box[1]} pixels{shared}",
        version=_VERSION,
        size=box,
        overlap=overlap,
    )


def starts(length: int, side: int, overlap: int) -> range:
    """Returns where tiles begin along one side; the last one reaches the end.

    Example:
        >>> list(starts(1000, 512, 0)), list(starts(512, 512, 32)), list(starts(1000, 512, 32))
        ([0, 512], [0], [0, 480, 960])
    """
    return range(0, max(length - overlap, 1), side - overlap)


def _box(fields: Mapping[str, object]) -> Box:
    return Box(**{name: int(str(fields[name])) for name in Box._fields})


def _format_of(image: Image.Image) -> tuple[str, Mapping[str, object] | None]:
    is_lossy = image.format in _LOSSY and not has_transparency(image)
    return ("JPEG", {"quality": _QUALITY}) if is_lossy else ("PNG", None)
