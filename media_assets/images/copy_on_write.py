"""Images that several row functions read without a copy, until one of them changes its own.

Pillow copies before a change where an image is `readonly`, in all but a few of its ways to change
pixels. Those few are made to do so here.
"""

from typing import Any

from PIL import Image

from media_assets.images.modes import share_pixels


def lend(image: Image.Image, *, is_last: bool = False) -> Image.Image:
    """Returns an image of the same pixels that can be changed without changing this one.

    Pixels are copied only if and when they are changed. This one must stay as it is meanwhile.

    Args:
        image: A loaded image.
        is_last: Nobody needs this one any more, so its pixels are not even copied then.

    Example:
        >>> image = Image.new("L", (8, 8))
        >>> lend(image).putpixel((0, 0), 255)
        >>> image.getpixel((0, 0))
        0
    """
    if image.palette is not None:
        # A palette is kept beside the pixels, and is changed in further ways.
        lent = image if is_last else image.copy()
    else:
        lent = share_pixels(image, keeping=image.info)
        lent.__class__ = CopyOnWriteImage
        lent.readonly = 0 if is_last else 1
    lent.format = image.format
    return lent


class CopyOnWriteImage(Image.Image):
    """An image that takes a copy of its pixels before the first change."""

    def load(self) -> Any:  # noqa: ANN401  Pillow's type of it is no class
        """See `Image.load`; single pixels are slower to read until one was changed."""
        pixels = super().load()
        return _LentPixels(self) if self.readonly else pixels

    def getim(self) -> Any:  # noqa: ANN401  a capsule, for which there is no type
        """See `Image.getim`: whoever gets the memory may write to it."""
        self._ensure_mutable()
        return super().getim()

    def frombytes(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """See `Image.frombytes`, which writes into the memory that is there."""
        self._ensure_mutable()
        super().frombytes(*arguments, **options)

    def putpalette(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """See `Image.putpalette`, which makes the memory that is there a palette image's."""
        self._ensure_mutable()
        super().putpalette(*arguments, **options)


class _LentPixels:
    """Single pixels of a lent image, as `Image.load` returns them."""

    def __init__(self, image: CopyOnWriteImage) -> None:
        self._image, self._memory = image, image.im
        self._pixels = image.im.pixel_access(image.readonly)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401  what Pillow takes and returns
        return self._current()[place]

    def __setitem__(self, place: Any, color: Any) -> None:  # noqa: ANN401
        if self._image.readonly:
            self._image.putpixel(place, color)  # takes the copy
        self._current()[place] = color

    def _current(self) -> Any:  # noqa: ANN401
        if self._memory is not self._image.im:
            self._memory = self._image.im
            self._pixels = self._memory.pixel_access(0)
        return self._pixels
