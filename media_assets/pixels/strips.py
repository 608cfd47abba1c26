"""Large images in strips, so that conversions of several steps do not hold several copies."""

from collections.abc import Callable, Iterator

from PIL import Image

_PIXELS = 2_000_000
"""The size of a strip; smaller images are converted whole."""


def in_strips(
    image: Image.Image, convert: Callable[[Image.Image], Image.Image], *, shrinks_by: int = 1
) -> Image.Image:
    """Returns an image converted pixel by pixel or block by block.

    Args:
        image: It is not changed.
        convert: The conversion. Its result for a pixel must not depend on other pixels, or if it
            shrinks, on other blocks.
        shrinks_by: How many rows become one; the last one may be made from fewer.
    """
    if image.width * image.height <= _PIXELS:
        return convert(image)
    whole: Image.Image | None = None
    for top, strip in strips(image, multiple_of=shrinks_by):
        part = convert(strip)
        if whole is None:
            whole = Image.new(part.mode, (part.width, -(-image.height // shrinks_by)))
            whole.info = dict(part.info)
        whole.paste(part, (0, top // shrinks_by))
    return whole if whole is not None else convert(image)


def strips(image: Image.Image, *, multiple_of: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Yields an image in strips from top to bottom, each with the row that it begins at."""
    rows = max(_PIXELS // max(image.width, 1) // multiple_of, 1) * multiple_of
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))
