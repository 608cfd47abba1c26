"""Images that several row functions share, without a copy until one of them changes its own.

Pillow copies a `readonly` image before changing it, in all but a few of its methods. Those few are
made to do so here.
"""

from typing import Any

from PIL import Image

from media_assets.images.modes import share_pixels


def lend(image: Image.Image, *, is_last: bool = False) -> Image.Image:
    """Returns an image with the same pixels that can be changed without changing this one.

    Pixels are copied only when they are changed. The original must not be changed in the meantime.

    Args:
        image: A loaded image.
        is_last: The original is no longer needed, so its pixels are not copied at all.

    Example:
        >>> image = Image.new("L", (8, 8))
        >>> lend(image).putpixel((0, 0), 255)
        >>> image.getpixel((0, 0))
        0
    """
    if image.palette is not None:
        # A palette is stored apart from the pixels, and can be changed in other ways.
        lent = image if is_last else image.copy()
    else:
        lent = share_pixels(image, keeping=image.info)
        lent.__class__ = CopyOnWriteImage
        lent.readonly = 0 if is_last else 1
    lent.format = image.format
    return lent


class CopyOnWriteImage(Image.Image):
    """An image that copies its pixels before the first change."""

    def load(self) -> Any:  # noqa: ANN401  Pillow's type of it is not a class
        """See `Image.load`; reading single pixels is slower until one is changed."""
        pixels = super().load()
        return _LentPixels(self) if self.readonly else pixels

    def getim(self) -> Any:  # noqa: ANN401  a capsule, which has no type
        """See `Image.getim`: the caller may write to the memory."""
        self._ensure_mutable()
        return super().getim()

    def frombytes(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """See `Image.frombytes`, which writes into the existing memory."""
        self._ensure_mutable()
        super().frombytes(*arguments, **options)

    def putpalette(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """See `Image.putpalette`, which turns the existing memory into a palette image's."""
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
            self._image.putpixel(place, color)  # copies first
        self._current()[place] = color

    def _current(self) -> Any:  # noqa: ANN401
        if self._memory is not self._image.im:
            self._memory = self._image.im
            self._pixels = self._memory.pixel_access(0)
        return self._pixels
