"""Gray images with more than 8 bits, converted to 8 or 16 bits by scaling, never by clipping."""

from math import isfinite
from typing import cast

from PIL import Image

from media_assets.pixels.strips import in_strips, strips

WIDE_GRAY = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_FULL_8, _FULL_16 = 0xFF, 0xFFFF


def narrow(image: Image.Image) -> Image.Image:
    """Returns an L image from a gray one with more than 8 bits.

    I;16 is scaled by its full range: 65535 becomes 255, so equal files look equal. I and F have no
    stated range, so the smallest of these that holds all values is used: 0 to 1 (F only), 0 to 255,
    0 to 65535, or else the image's own lowest and highest value.
    """
    if image.mode in WIDE_GRAY:
        return _scale(image, 0, _FULL_16, top=_FULL_8)
    image = _finite(image)
    return _scale(image, *_range_of(image), top=_FULL_8)


def widen(image: Image.Image) -> Image.Image:
    """Returns an I;16 image from any gray one with more than 8 bits, or L where that holds it.

    I keeps its values if they fit in 0 to 65535 (labels stay labels), and becomes L if they fit in
    0 to 255; other values are scaled as by `narrow`.
    """
    if image.mode in WIDE_GRAY:
        return image.convert("I").convert("I;16")
    image = _finite(image)
    low, high = _range_of(image)
    if image.mode == "I" and (low, high) == (0, _FULL_8):
        return image.convert("L")
    return _scale(image, low, high, top=_FULL_16)


def scale_to_16_bits(image: Image.Image, bits: int) -> Image.Image:
    """Returns an I;16 image from one whose values have only so many bits: 4095 becomes 65535."""
    return _scale(image, 0, (1 << bits) - 1, top=_FULL_16)


def invert(image: Image.Image) -> Image.Image:
    """Returns an inverted wide gray image, within the range that `narrow` uses."""
    if image.mode in WIDE_GRAY:
        return in_strips(image, _invert_16_bits)
    low, high = _range_of(_finite(image))
    return image.point(lambda value: value * -1.0 + (low + high))


def _invert_16_bits(image: Image.Image) -> Image.Image:
    return image.convert("I").point(lambda value: value * -1 + _FULL_16).convert("I;16")


def _range_of(image: Image.Image) -> tuple[float, float]:
    low, high = _extrema(image)
    tops = (1, _FULL_8, _FULL_16) if image.mode == "F" else (_FULL_8, _FULL_16)
    fitting = next((top for top in tops if low >= 0 and high <= top), None)
    return (low, high) if fitting is None else (0, fitting)


def _scale(image: Image.Image, low: float, high: float, *, top: int) -> Image.Image:
    """Maps the values of a wide gray image from `low`..`high` to 0..`top`, rounded to nearest."""
    factor = top / (high - low) if high > low else 0.0

    def scaled(part: Image.Image) -> Image.Image:
        values = part.convert("I") if part.mode in WIDE_GRAY else part
        # Adding a half rounds, since the conversions below truncate.
        mapped = values.convert("F").point(lambda value: value * factor + (0.5 - low * factor))
        return mapped.convert("L") if top == _FULL_8 else mapped.convert("I").convert("I;16")

    return in_strips(image, scaled)


def _finite(image: Image.Image) -> Image.Image:
    """Returns an I or F image with infinities and NaN replaced by its lowest or highest value."""
    if image.mode != "F" or all(map(isfinite, _extrema(image))):
        return image
    import numpy as np  # noqa: PLC0415  slow to import

    ranges: list[tuple[float, float]] = []
    for _, strip in strips(image):
        values = np.asarray(strip)
        finite = values[np.isfinite(values)]
        if finite.size:
            ranges.append((float(finite.min()), float(finite.max())))
    low = min((low for low, _ in ranges), default=0.0)
    high = max((high for _, high in ranges), default=0.0)

    def within(part: Image.Image) -> Image.Image:
        values = np.nan_to_num(np.asarray(part), nan=low, posinf=high, neginf=low)
        return Image.fromarray(values)

    return in_strips(image, within)


def _extrema(image: Image.Image) -> tuple[float, float]:
    low, high = cast("tuple[float, float]", image.getextrema())
    return low, high
