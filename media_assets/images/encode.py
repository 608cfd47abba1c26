"""Encodes images in any output format, without metadata but what is to be kept."""

import os
from collections.abc import Mapping
from functools import partial
from typing import IO, BinaryIO, NamedTuple, cast

from PIL import Image

from media_assets.errors import ShortWriteError, UnencodableImageError
from media_assets.images import modes, profiles
from media_assets.images.colours import in_srgb
from media_assets.images.costs import is_affordable
from media_assets.images.formats import (
    DEFAULT_OPAQUE_FORMAT,
    DEFAULT_TRANSPARENT_FORMAT,
    OUTPUT_FORMATS,
    Encoding,
    OutputFormat,
)
from media_assets.pixels.strips import in_strips

_JPEG_END = b"\xff\xd9"
_LAST_RESORT = "PNG"


class Written(NamedTuple):
    """How a file was written.

    Attributes:
        format: The format's name.
        marks: What differs from the column's settings, for the record.
    """

    format: str
    marks: tuple[str, ...] = ()


class _Choice(NamedTuple):
    format: str
    options: Mapping[str, object]
    marks: tuple[str, ...] = ()


def _choose(image: Image.Image, encoding: Encoding) -> _Choice:
    """Returns format and options: the column's, or others if those cannot hold the image."""
    is_transparent = modes.has_transparency(image)
    chosen = DEFAULT_TRANSPARENT_FORMAT if is_transparent else DEFAULT_OPAQUE_FORMAT
    name = encoding.format or chosen
    options = encoding.save_options
    most = OUTPUT_FORMATS[name].max_side
    if encoding.format is None and max(image.size) > most:
        return _instead(name, options, because=f"it holds {most:,} pixels a side")
    if is_affordable(name, image, options, is_transparent=is_transparent):
        return _Choice(name, options)
    if name in _SPARING:
        dear = [option for option in _SPARING[name] if option in options]
        kept = {option: value for option, value in options.items() if option not in dear}
        return _Choice(name, kept, (f"written without {', '.join(dear)}: too many pixels",))
    return _instead(name, options, because="too many pixels for its encoder")


_SPARING = {"JPEG": ("optimize", "progressive"), "TIFF": ("compression",)}
"""Options without which a format's encoder needs almost no memory."""


def _instead(name: str, options: Mapping[str, object], *, because: str) -> _Choice:
    """Returns PNG, which can hold any image and is written row by row."""
    known = OUTPUT_FORMATS[_LAST_RESORT].options
    kept = {option: value for option, value in options.items() if option in known}
    mark = f"written as {_LAST_RESORT}, not {name}: {because}"
    return _Choice(_LAST_RESORT, kept, (mark,))


def encode_image(image: Image.Image, file: BinaryIO, encoding: Encoding) -> Written:
    """Writes an image of any mode, and returns the format and marks.

    Of the source, only the pixels, any colour profile that matters, and the facts that the encoding
    keeps are written: no other EXIF, no location, no comment. What the format cannot hold is
    converted: transparency is laid over the background, wide gray is scaled (see `pixels.shades`),
    colours are converted to sRGB.

    An image that is too long for the default format, or has too many pixels for its encoder's
    memory, is written as PNG.

    An RGB image without a profile gives the same bytes as `image.save(path, format)`.

    Args:
        image: It is not changed.
        file: An empty file opened as "w+b". JPEG is faster into a real file than into memory, and
            lets other threads run in the meantime.
        encoding: From `check_encoding`.

    Raises:
        UnencodableImageError: The image has no pixels, or a side longer than the format allows.
        ShortWriteError: The file ends early.
        OSError: The file cannot be written.
    """
    name, save_options, marks = _choose(image, encoding)
    output = OUTPUT_FORMATS[name]
    if not 0 < min(image.size) <= max(image.size) <= output.max_side:
        raise UnencodableImageError(name, image.size, max_side=output.max_side)
    prepared, profile = prepare(image, output)
    prepared.info.pop("icc_profile", None)  # Conversions leave one with the current date.
    options = {**output.defaults, **save_options}
    if profile is not None:
        options["icc_profile"] = profile.content
    kept = encoding.kept
    if kept is not None and name != "TIFF":
        options["exif"] = kept.block()
    if name == "JPEG" and file.readable():
        prepared.save(file, name, **options)
        _check_jpeg_end(file)
    else:
        prepared.save(cast("IO[bytes]", _Unbacked(file)), name, **options)
        if kept is not None and name == "TIFF":
            kept.add_to_tiff(file)
        file.flush()
    return Written(name, marks)


def prepare(
    image: Image.Image, output: OutputFormat
) -> tuple[Image.Image, profiles.Profile | None]:
    """Returns an image in a mode that the format can hold, and the profile to write with it."""
    profile = profiles.profile_of(image)
    keeping = ("transparency",) if modes.has_key(image) else ()
    clean = modes.share_pixels(image, keeping=keeping)
    fitted = _fit(clean, output)
    if profile is None or (output.has_profile and profiles.describes(profile, fitted.mode)):
        return fitted, profile
    shown = in_strips(clean, partial(in_srgb, profile=profile))
    return _fit(shown, output), None


def _fit(image: Image.Image, output: OutputFormat) -> Image.Image:
    """Returns the image in a mode that the format can hold; unchanged if it already is."""
    if not modes.has_transparency(image):
        if image.mode in output.modes or image.mode in {"I", "F"}:
            return modes.to_opaque(image, output.modes)
        return in_strips(image, partial(modes.to_opaque, modes=output.modes))
    if image.mode in output.modes and _keeps_transparency(image, output):
        return image
    if output.alpha == "key" or image.mode == "I":  # these depend on the whole image
        return _fit_transparency(image, output)
    return in_strips(image, partial(_fit_transparency, output=output))


def _fit_transparency(image: Image.Image, output: OutputFormat) -> Image.Image:
    """Returns a transparent image with as much of its transparency as the format can hold."""
    layered = modes.with_alpha(image)
    match output.alpha:
        case "full":
            return layered if layered.mode in output.modes else layered.convert("RGBA")
        case "key":
            return modes.to_keyed_palette(layered)
        case "none":
            return modes.to_opaque(modes.on_white(layered), output.modes)


def _keeps_transparency(image: Image.Image, output: OutputFormat) -> bool:
    """Returns whether the format can hold the image's transparency exactly."""
    if not modes.has_key(image):
        return output.alpha == "full" and image.mode != "P"
    is_one_colour = not isinstance(image.info["transparency"], bytes)
    return image.mode in output.key_modes and (output.alpha == "full" or is_one_colour)


def _check_jpeg_end(file: BinaryIO) -> None:
    """Checks that a JPEG is complete: Pillow does not notice a disk taking part of a write."""
    try:
        file.seek(-len(_JPEG_END), os.SEEK_END)
        is_whole = file.read() == _JPEG_END
    except OSError:  # The file has not even two bytes.
        is_whole = False
    if not is_whole:
        raise ShortWriteError(str(getattr(file, "name", "memory")))


class _Unbacked:
    """A file without its file descriptor, so that Pillow writes through Python.

    Python writes everything or raises; with a descriptor, Pillow ignores partial writes to a full
    disk.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
        self.seek = file.seek
        self.tell = file.tell
        self.flush = file.flush
