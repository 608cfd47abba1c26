"""The maximum memory that a row needs, estimated from the header of its image."""

from collections.abc import Callable, Iterable, Sequence

from PIL import Image

from media_assets.columns import ComputedColumn
from media_assets.images.costs import ROOM_BYTES, decoding_bytes, encoder_bytes, pixel_bytes
from media_assets.images.decode import OpenedImage
from media_assets.images.formats import (
    DEFAULT_OPAQUE_FORMAT,
    DEFAULT_TRANSPARENT_FORMAT,
    OUTPUT_FORMATS,
    Encoding,
)
from media_assets.images.modes import has_transparency
from media_assets.pipeline.plan import OutputPlan
from media_assets.values import ColumnType

_MADE_BYTES, _MADE_AND_READ = 4, 8
"""Bytes per pixel of an image that a function makes, in any mode."""
_OF_ANIMATION = 24
"""Bytes per pixel of the canvas, the frames before, and those that are made and written."""


def bytes_needed(
    outputs: Sequence[OutputPlan],
    opened: OpenedImage,
    *,
    of_part: Sequence[OutputPlan] = (),
    largest_part: Callable[[tuple[int, int]], tuple[int, int]] | None = None,
) -> int:
    """Returns the most that a row uses, if functions do not make images larger than their inputs.

    Args:
        outputs: The columns to make, each after the columns that it reads.
        opened: The image that the row reads first, usually its source.
        of_part: The columns to make of a part of the image, which stays in memory meanwhile.
        largest_part: Returns the size of the largest part; by default it is as large as the image.
    """
    pixels = opened.size[0] * opened.size[1]
    needed = max(decoding_bytes(opened), _bytes_at_work(outputs, opened, opened.size))
    if of_part:
        size = largest_part(opened.size) if largest_part else opened.size
        in_part = pixels * pixel_bytes(opened.mode) + _bytes_at_work(of_part, opened, size)
        needed = max(needed, in_part)
    return needed


def _bytes_at_work(
    outputs: Sequence[OutputPlan], opened: OpenedImage, size: tuple[int, int]
) -> int:
    """Returns what columns use for decoded images of this size, of the kind that was opened."""
    transparency = opened.png.key if opened.png else opened.file.info.get("transparency")
    is_transparent = "A" in opened.mode or transparency is not None
    read, makes_images = images_at_once(outputs)
    each = read * pixel_bytes(opened.mode) + _MADE_BYTES * makes_images
    each += _OF_ANIMATION * _has_animations(outputs)
    encoding = _encoding_bytes(outputs, opened.mode, size, is_transparent=is_transparent)
    return size[0] * size[1] * each + encoding


def _has_animations(outputs: Iterable[OutputPlan]) -> bool:
    columns = (output.column for output in outputs)
    return any(isinstance(column, ComputedColumn) and column.animations for column in columns)


def bytes_kept(outputs: Sequence[OutputPlan], images: Iterable[Image.Image]) -> int:
    """Returns the most that a row still allocates if it reads no further image."""
    held = list({id(image.im): image for image in images}.values())
    _, makes_images = images_at_once(outputs)
    taken = sum(image.width * image.height * pixel_bytes(image.mode) for image in held)
    made = (
        image.width * image.height * _MADE_BYTES * makes_images
        + _encoding_bytes(outputs, image.mode, image.size, is_transparent=has_transparency(image))
        for image in held
    )
    return taken + max(made, default=0)


def images_at_once(outputs: Iterable[OutputPlan]) -> tuple[int, bool]:
    """Returns how many images of a row are read together, and whether another is made from them."""
    columns = [output.column for output in outputs]
    last_reader = {name: column.name for column in columns for name in column.inputs}
    alive: set[str] = set()
    most, makes_images = 1, False
    for column in columns:
        if not isinstance(column, ComputedColumn):
            alive.add(column.name)
            continue
        kinds = column.input_types.items()
        alive |= {name for name, kind in kinds if kind is ColumnType.IMAGE}
        makes_images = makes_images or column.type is ColumnType.IMAGE
        most = max(most, len(alive))
        alive = {name for name in alive if last_reader.get(name) != column.name}
    return most, makes_images


def _encoding_bytes(
    outputs: Iterable[OutputPlan], mode: str, size: tuple[int, int], *, is_transparent: bool
) -> int:
    """Returns what the costliest column's encoder uses for an image, including conversions."""
    default = DEFAULT_TRANSPARENT_FORMAT if is_transparent else DEFAULT_OPAQUE_FORMAT
    pixels = size[0] * size[1]
    dearest = 0
    for column in (output.column for output in outputs):
        if not isinstance(column, ComputedColumn) or column.type is not ColumnType.IMAGE:
            continue
        encoding = column.encoding or Encoding()
        name = encoding.format or default
        extra = encoder_bytes(name, size, encoding.save_options, is_transparent=is_transparent)
        if _MADE_AND_READ * pixels + extra > ROOM_BYTES:
            extra = 0  # Another format is used then.
        is_converted = mode not in OUTPUT_FORMATS[name].modes
        dearest = max(dearest, extra, _MADE_BYTES * pixels if is_converted else 0)
    return dearest
