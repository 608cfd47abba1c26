"""Transforms: image in, image or value out.

No function changes the image that it is given, and all accept images of every mode: palette and
bilevel images become RGB, RGBA or L before their pixels are mixed, and 16-bit gray stays 16-bit
if only geometry changes. Nothing here knows Dagster, tables or storage.
"""

from media_assets.transforms.geometry import (
    border,
    crop,
    fill,
    fit,
    flip,
    pad,
    rotate,
    thumbnail,
)
from media_assets.transforms.look import blur, convert, grayscale, sharpen, strip, watermark
from media_assets.transforms.measures import average_color, dominant_color, mean_luminance

__all__ = [
    "average_color",
    "blur",
    "border",
    "convert",
    "crop",
    "dominant_color",
    "fill",
    "fit",
    "flip",
    "grayscale",
    "mean_luminance",
    "pad",
    "rotate",
    "sharpen",
    "strip",
    "thumbnail",
    "watermark",
]
