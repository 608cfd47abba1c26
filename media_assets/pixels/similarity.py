"""Comparison of two images: how alike they are, and where they differ."""

from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops

from media_assets.pixels.blending import on_color, to_drawable

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[np.float64]]

_SHORT_SIDE = 256
"""Images are compared as a viewer sees them: reduced until their shorter side is about this."""

_WINDOW = 7
_STABLE_MEANS, _STABLE_VARIANCES = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_PAGE_SHARE = 0.75
_VISIBLE = 6
"""A difference of 43 of 255 is drawn in full colour, so that small ones can be seen."""


def have_equal_pixels(first: Image.Image, second: Image.Image) -> bool:
    """Returns whether two images have the same size and look the same in every pixel.

    Modes do not count: gray as RGB is equal to gray.

    Examples:
        >>> have_equal_pixels(Image.new("L", (8, 8), 7), Image.new("RGB", (8, 8), (7, 7, 7)))
        True
    """
    if first.size != second.size:
        return False
    one, other = _in_one_mode(first, second)
    return ImageChops.difference(one, other).getbbox(alpha_only=False) is None


def structural_similarity(first: Image.Image, second: Image.Image) -> float:
    """Returns how alike two images look: 1 if they are equal, about 0 if they have nothing shared.

    It is the index SSIM of Wang et al. (2004) with even windows of 7 pixels, over all channels,
    each image reduced so that its shorter side has about 256 pixels. Images of different sizes are
    compared at the smaller width and height.

    Examples:
        >>> black, white = Image.new("L", (64, 64), 0), Image.new("L", (64, 64), 255)
        >>> structural_similarity(black, black), round(structural_similarity(black, white), 3)
        (1.0, 0.0)
    """
    one, other = map(_pixels, _at_one_size(*_in_one_mode(first, second)))
    if (one == other).all():
        return 1.0
    of_one, of_other = _means(one), _means(other)
    variances = _means(one * one) - of_one**2 + _means(other * other) - of_other**2
    covariance = _means(one * other) - of_one * of_other
    shared = (2 * of_one * of_other + _STABLE_MEANS) * (2 * covariance + _STABLE_VARIANCES)
    whole = (of_one**2 + of_other**2 + _STABLE_MEANS) * (variances + _STABLE_VARIANCES)
    return float((shared / whole).mean())


def difference_picture(first: Image.Image, second: Image.Image) -> Image.Image:
    """Returns the first image faded to gray, in red where the second one differs.

    The larger the difference, the fuller the red. It has the size at which images are compared.

    Examples:
        >>> black, white = Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 255)
        >>> difference_picture(black, white).getpixel((0, 0))
        (200, 30, 20)
    """
    one, other = _at_one_size(*_in_one_mode(first, second))
    largest = Image.new("L", one.size)
    for channel in ImageChops.difference(one, other).split():
        largest = ImageChops.lighter(largest, channel)
    strength = largest.point([min(255, value * _VISIBLE) for value in range(256)])
    faded = Image.blend(
        on_color(one, "white").convert("L"), Image.new("L", one.size, 255), _PAGE_SHARE
    )
    return Image.composite(
        Image.new("RGB", one.size, (200, 30, 20)), faded.convert("RGB"), strength
    )


def _in_one_mode(first: Image.Image, second: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Returns both as RGB, or as RGBa if one of them may be transparent.

    There, a colour counts as much as it is seen.
    """
    one, other = to_drawable(first), to_drawable(second)
    if one.mode == other.mode == "RGB":
        return one, other
    return one.convert("RGBA").convert("RGBa"), other.convert("RGBA").convert("RGBa")


def _at_one_size(first: Image.Image, second: Image.Image) -> tuple[Image.Image, Image.Image]:
    width, height = map(min, first.size, second.size)
    factor = max(1, round(min(width, height) / _SHORT_SIDE))
    size = max(1, width // factor), max(1, height // factor)
    return _resized(first, size), _resized(second, size)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BOX)


def _pixels(image: Image.Image) -> "Pixels":
    import numpy as np  # noqa: PLC0415  slow to import

    return np.dstack([np.asarray(band, np.float64) for band in image.split()])


def _means(pixels: "Pixels") -> "Pixels":
    """Returns the mean of every window, by sums of all pixels up to its corners."""
    import numpy as np  # noqa: PLC0415  slow to import

    height, width, _ = pixels.shape
    side = min(_WINDOW, height, width)
    sums = np.pad(pixels, ((1, 0), (1, 0), (0, 0))).cumsum(0).cumsum(1)
    windows = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return windows / side**2
