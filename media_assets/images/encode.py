"""Writes any image to a file of any output format, with nothing in it but the picture."""

import os
from typing import IO, BinaryIO, cast

from PIL import Image

from media_assets.errors import ShortWriteError, UnencodableImageError
from media_assets.images import modes, profiles
from media_assets.images.colours import in_srgb
from media_assets.images.formats import (
    DEFAULT_OPAQUE_FORMAT,
    DEFAULT_TRANSPARENT_FORMAT,
    OUTPUT_FORMATS,
    Encoding,
    OutputFormat,
)

_JPEG_END = b"\xff\xd9"


def choose_format(image: Image.Image, encoding: Encoding) -> str:
    """Returns the format that `encode_image` writes: the encoding's, else JPEG or WEBP.

    Example:
        >>> choose_format(Image.new("RGBA", (8, 8)), Encoding())
        'WEBP'
    """
    if encoding.format is not None:
        return encoding.format
    is_transparent = modes.has_transparency(image)
    return DEFAULT_TRANSPARENT_FORMAT if is_transparent else DEFAULT_OPAQUE_FORMAT


def encode_image(image: Image.Image, file: BinaryIO, encoding: Encoding) -> str:
    """Writes an image of any mode, and returns the format's name.

    Of the source nothing is written but its pixels and, where it matters, its colour profile: no
    EXIF, no place, no comment. What the format cannot hold is converted: transparency is laid over
    the background, wide gray is scaled (see `transforms.shades`), colours are turned into sRGB.

    An RGB image without a profile becomes the very bytes of `image.save(path, format)`.

    Args:
        image: It is not changed.
        file: An empty file opened as "w+b". JPEG is faster into a real file than into memory, and
            lets other threads run meanwhile.
        encoding: From `check_encoding`.

    Raises:
        UnencodableImageError: The image has no pixels, or more a side than the format holds.
        ShortWriteError: The file ends early.
        OSError: The file cannot be written.
    """
    name = choose_format(image, encoding)
    output = OUTPUT_FORMATS[name]
    if not 0 < min(image.size) <= max(image.size) <= output.max_side:
        raise UnencodableImageError(name, image.size, max_side=output.max_side)
    prepared, profile = _prepare(image, output, encoding.background)
    prepared.info.pop("icc_profile", None)  # Conversions leave one, dated now, in their results.
    options = {**output.defaults, **encoding.save_options}
    if profile is not None:
        options["icc_profile"] = profile.content
    if name == "JPEG" and file.readable():
        prepared.save(file, name, **options)
        _check_jpeg_end(file)
    else:
        prepared.save(cast("IO[bytes]", _Unbacked(file)), name, **options)
        file.flush()
    return name


def _prepare(
    image: Image.Image, output: OutputFormat, background: tuple[int, int, int]
) -> tuple[Image.Image, profiles.Profile | None]:
    """Returns an image of a mode that the format holds, and the profile to write with it."""
    profile = profiles.profile_of(image)
    keeping = ("transparency",) if modes.has_key(image) else ()
    clean = modes.shared_copy(image, keeping=keeping)
    fitted = _fit(clean, output, background)
    if profile is None or (output.has_profile and profiles.describes(profile, fitted.mode)):
        return fitted, profile
    return _fit(in_srgb(clean, profile), output, background), None


def _fit(image: Image.Image, output: OutputFormat, background: tuple[int, int, int]) -> Image.Image:
    """Returns the image in a mode that the format holds, the same image if it is in one."""
    if not modes.has_transparency(image):
        return modes.to_opaque(image, output.modes)
    if image.mode in output.modes and _keeps_transparency(image, output):
        return image
    layered = modes.with_alpha(image)
    match output.alpha:
        case "full":
            return layered if layered.mode in output.modes else layered.convert("RGBA")
        case "key":
            return modes.to_keyed_palette(layered, background)
        case "none":
            return modes.to_opaque(modes.on_background(layered, background), output.modes)


def _keeps_transparency(image: Image.Image, output: OutputFormat) -> bool:
    """Says whether the format holds the transparency of this image just as it is."""
    if not modes.has_key(image):
        return output.alpha == "full" and image.mode != "P"
    is_one_colour = not isinstance(image.info["transparency"], bytes)
    return image.mode in output.key_modes and (output.alpha == "full" or is_one_colour)


def _check_jpeg_end(file: BinaryIO) -> None:
    """Checks that a JPEG is whole: Pillow takes a write for done of which a disk took a part."""
    try:
        file.seek(-len(_JPEG_END), os.SEEK_END)
        is_whole = file.read() == _JPEG_END
    except OSError:  # Not even two bytes are there.
        is_whole = False
    if not is_whole:
        raise ShortWriteError(str(getattr(file, "name", "memory")))


class _Unbacked:
    """A file without its file descriptor, so that Pillow writes through Python.

    Python writes all or raises; Pillow, given a descriptor, ignores that a full disk takes less.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
        self.seek = file.seek
        self.tell = file.tell
        self.flush = file.flush
