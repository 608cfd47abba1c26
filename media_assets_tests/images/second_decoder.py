"""Files as decoded by libvips, which shares no code with Pillow."""

import warnings
from typing import Any

import numpy as np
from PIL import Image

from media_assets.images import modes
from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets_tests.images.made_by_hand import Samples

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyvips


def seen_by_libvips(content: bytes) -> Samples:
    """Red, green, blue and alpha of the upright picture, each 0 to 255."""
    vips: Any = pyvips
    image = vips.Image.new_from_buffer(content, "").autorot().colourspace("srgb")
    if image.bands == 3:
        image = image.bandjoin(255)
    return image.cast("uchar").numpy().astype(int)


def seen_by_us(content: bytes) -> Samples:
    """The same, as decoded by the code under test."""
    image = decode_image(open_image(content, ImageLimits()))
    if modes.has_transparency(image):
        image = modes.with_alpha(image)
    else:
        image = modes.to_opaque(image, {"L", "RGB"})
    return np.asarray(image.convert("RGBA")).astype(int)


def difference(ours: Samples, theirs: Samples) -> int:
    """The largest visible difference, of 255: colours count as far as they are opaque."""
    assert ours.shape == theirs.shape
    shown = np.maximum(ours[..., 3:], theirs[..., 3:]) / 255
    colours = np.abs(ours[..., :3] - theirs[..., :3]) * shown
    alphas = np.abs(ours[..., 3] - theirs[..., 3])
    return int(max(colours.max(), alphas.max()))


def pillow(content: Samples) -> Image.Image:
    """8-bit samples as an image."""
    return Image.fromarray(content.astype(np.uint8))


def vips_avif(image: Image.Image, bits: int) -> bytes:
    """An AVIF of 8, 10 or 12 bits, which Pillow does not write."""
    vips: Any = pyvips
    return bytes(
        vips.Image.new_from_array(np.asarray(image)).heifsave_buffer(
            compression="av1", bitdepth=bits, subsample_mode="off"
        )
    )
