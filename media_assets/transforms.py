"""Transforms: ready row functions for images, videos and audio.

None changes what it is given. Those of images accept images of every mode: palette and bilevel
images become RGB, RGBA or L before their pixels are mixed, and 16-bit gray stays 16-bit if only
geometry changes. Nothing here knows Dagster, tables or storage.
"""

from media_assets.audio.transforms import clip_audio, resample, waveform
from media_assets.pixels.geometry import (
    border,
    crop,
    fill,
    fit,
    flip,
    pad,
    rotate,
    thumbnail,
)
from media_assets.pixels.look import blur, convert, grayscale, sharpen, strip, watermark
from media_assets.pixels.measures import (
    average_color,
    dominant_color,
    mean_luminance,
    perceptual_hash,
    sharpness,
)
from media_assets.video.transforms import clip, contact_sheet, extract_audio, mute, poster, resize

__all__ = [
    "average_color",
    "blur",
    "border",
    "clip",
    "clip_audio",
    "contact_sheet",
    "convert",
    "crop",
    "dominant_color",
    "extract_audio",
    "fill",
    "fit",
    "flip",
    "grayscale",
    "mean_luminance",
    "mute",
    "pad",
    "perceptual_hash",
    "poster",
    "resample",
    "resize",
    "rotate",
    "sharpen",
    "sharpness",
    "strip",
    "thumbnail",
    "watermark",
    "waveform",
]
