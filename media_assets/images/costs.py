"""The memory needed to decode and encode an image, estimated from its header.

The figures are peaks measured with Pillow 13 on images of 24 megapixels: the larger of the values
for noise and for gradients.
"""

from collections.abc import Mapping

from PIL import Image

from media_assets.images.boxes import avif_properties
from media_assets.images.codecs import avif_library, webp_library
from media_assets.images.corrections import stated_colours
from media_assets.images.decode import OpenedImage
from media_assets.images.webp import is_animation

ROOM_BYTES = 560_000_000
"""For all images in flight; a process uses up to 800 MB with it."""

_PIXEL_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
"""Bytes per pixel of Pillow's modes; all others use 4, including RGB and LA."""
_WIDEST = 4
_COMPONENTS = {"L": 1, "RGB": 3, "CMYK": 4}
_COEFFICIENT_BYTES = 2
_WEBP_FRAME, _AVIF_FRAME, _DEEP_AVIF_FRAME = 9, 10, 15
"""The decoder's own memory, and the pixels that it produces."""
_HEIF_FRAME = 9
_PILLOWS_FRAME = 14
"""For WEBP and AVIF decoded by Pillow: planes or canvases, and the frame besides the image."""
_WEBP, _WEBP_IN_FULL, _AVIF, _GIF = 22, 38, 30, 28
_ALL_COEFFICIENTS, _HALF_COEFFICIENTS = 8, 4
_COMPRESSED_TIFF = 10
_IN_FLIGHT = 8
"""An image passed to a function, and the one that it returned."""


def pixel_bytes(mode: str) -> int:
    """Returns the bytes per pixel of a mode in memory."""
    return _PIXEL_BYTES.get(mode, _WIDEST)


def decoding_bytes(opened: OpenedImage) -> int:
    """Returns the maximum memory for decoding a file, including its own bytes."""
    width, height = opened.size
    each = pixel_bytes(opened.mode)
    copies = 1
    match opened.format:
        case "JPEG" if opened.file.info.get("progressive"):
            each += _COEFFICIENT_BYTES * _COMPONENTS.get(opened.mode, _WIDEST)
        case "WEBP" | "AVIF":
            each, copies = _frame_bytes(opened), 2
        case "HEIF":
            each, copies = _HEIF_FRAME, 2
        case "GIF":
            each += _WIDEST  # if a small frame leaves parts of the screen uncovered
        case "PNG" if opened.png is not None:
            copies += opened.png.pixels is not opened.content
            is_keyed_by_16_bits = opened.png.key is not None and opened.png.depth > 8  # noqa: PLR2004
            each += 6 if is_keyed_by_16_bits else 0
        case _:
            pass
    stated = stated_colours(opened.file, opened.content, opened.png)
    is_remade = opened.orientation > 1 or opened.clean or stated.rgb is not None
    return width * height * max(each, 2 * pixel_bytes(opened.mode) if is_remade else 0) + (
        copies * len(opened.content)
    )


def _frame_bytes(opened: OpenedImage) -> int:
    """Returns the maximum bytes per pixel while libwebp or libavif decodes the file."""
    if opened.format == "AVIF":
        is_deep = avif_properties(opened.content).is_deep
        is_direct = avif_library() is not None
        frame = _DEEP_AVIF_FRAME if is_deep else _AVIF_FRAME
    else:
        frame, is_direct = (
            _WEBP_FRAME,
            webp_library() is not None and not is_animation(opened.content),
        )
    return frame if is_direct else max(frame, _PILLOWS_FRAME)


def encoder_bytes(
    name: str, size: tuple[int, int], options: Mapping[str, object], *, is_transparent: bool
) -> int:
    """Returns the maximum memory of an encoder, besides the image that it is given.

    Args:
        name: The format.
        size: The image's width and height.
        options: Pillow's options for saving it.
        is_transparent: Whether it may have transparent pixels.
    """
    each = 0
    match name:
        case "WEBP":
            each = _WEBP_IN_FULL if is_transparent or options.get("lossless") else _WEBP
        case "AVIF":
            each = _AVIF
        case "GIF":
            each = _GIF
        case "JPEG" if options.get("progressive") or options.get("optimize"):
            is_whole = options.get("subsampling") in {0, "4:4:4", 1, "4:2:2"}
            each = _ALL_COEFFICIENTS if is_whole else _HALF_COEFFICIENTS
        case "TIFF" if options.get("compression") not in {None, "raw"}:
            each = _COMPRESSED_TIFF
        case _:
            pass
    return size[0] * size[1] * each


def is_affordable(
    name: str, image: Image.Image, options: Mapping[str, object], *, is_transparent: bool
) -> bool:
    """Returns whether an encoder fits in memory with an image and the image it was made from."""
    taken = image.width * image.height * _IN_FLIGHT
    extra = encoder_bytes(name, image.size, options, is_transparent=is_transparent)
    if image.mode not in {"L", "RGB", "RGBA"}:
        taken += image.width * image.height * _WIDEST  # for the mode to write
    return not extra or taken + extra <= ROOM_BYTES
