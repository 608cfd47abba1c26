"""Corrections of decoded images for keys, depths, frames and colours that Pillow misreads."""

from functools import partial

from PIL import GifImagePlugin, Image, ImageChops, ImageFile, PngImagePlugin, TiffImagePlugin

from media_assets.images import headers, heif, tiff
from media_assets.images.boxes import avif_properties
from media_assets.images.colours import convert_stated, in_srgb
from media_assets.images.exif import colours_of_exif
from media_assets.images.files import load_file, open_file
from media_assets.images.modes import has_key
from media_assets.images.png import Png
from media_assets.images.profiles import profile_of
from media_assets.images.stated import (
    Stated,
    from_code_points,
    from_gamma,
    stated_by_endpoints,
)
from media_assets.pixels.strips import in_strips, strips

_FULL_8 = _OPAQUE = 0xFF


def correct_decoded(
    image: Image.Image, file: ImageFile.ImageFile, content: bytes, png: Png | None, marks: list[str]
) -> Image.Image:
    """Returns a decoded image as its file specifies it.

    Args:
        image: Pillow's result for the file; it must not be used afterwards.
        file: The loaded file.
        content: The file's bytes.
        png: The chunks of a PNG.
        marks: A list to which uncorrected faults are added.
    """
    match file:
        case PngImagePlugin.PngImageFile() if png is not None:
            image = _of_png(image, png)
        case TiffImagePlugin.TiffImageFile():
            image = tiff.correct_tiff(image, file.tag_v2)
        case GifImagePlugin.GifImageFile():
            return _of_gif(image, content)
        case _ if file.format == "BMP" and (profile := headers.bmp_profile(content)):
            image.info["icc_profile"] = profile
        case _:
            pass
    return _shown(image, stated_colours(file, content, png), marks)


def stated_colours(file: ImageFile.ImageFile, content: bytes, png: Png | None) -> Stated:
    """Returns the colours that a file states, unless an ICC profile takes precedence."""
    if png is not None:
        return _stated_by_png(png)
    if file.format in {"AVIF", "HEIF"} and "icc_profile" not in file.info:
        is_heif = file.format == "HEIF"
        coding = heif.code_points(file) if is_heif else avif_properties(content).coding
        return Stated() if coding is None else from_code_points(*coding)
    if file.format == "BMP" and not headers.bmp_profile(content):
        endpoints = headers.bmp_endpoints(content)
        return Stated() if endpoints is None else stated_by_endpoints(*endpoints)
    if "icc_profile" in file.info:
        return Stated()
    if isinstance(file, TiffImagePlugin.TiffImageFile):
        stated = tiff.colours(file.tag_v2)
        return colours_of_exif(content) if stated == Stated() else stated
    block = file.info.get("exif")
    return colours_of_exif(block) if isinstance(block, bytes) else Stated()


def _stated_by_png(png: Png) -> Stated:
    if png.coding is not None:
        return from_code_points(*png.coding)
    if png.profile is not None or png.is_srgb:
        return Stated()
    if png.gamma is None and png.chromaticities is None and png.exif:
        return colours_of_exif(png.exif)
    return from_gamma(png.gamma, png.chromaticities)


def _of_png(image: Image.Image, png: Png) -> Image.Image:
    if png.key is not None:
        image = _apply_key(image, png, png.key)
    if png.profile is None or png.coding is not None:
        return image
    image.info["icc_profile"] = png.profile
    profile = None if png.carries_profile else profile_of(image)
    if profile is not None:
        image = in_strips(image, partial(in_srgb, profile=profile))
    if not png.carries_profile:
        image.info.pop("icc_profile", None)
    return image


def _apply_key(image: Image.Image, png: Png, key: tuple[int, ...]) -> Image.Image:
    """Returns an image in which the samples of the file's key colour are transparent."""
    if image.mode == "RGB" and png.depth > 8:  # noqa: PLR2004
        return _apply_16_bit_key(image, png, key)
    if image.mode == "L":
        # Pillow spread samples of 2 and 4 bits over 8, but not the key.
        key = (key[0] * (_FULL_8 // ((1 << png.depth) - 1)),)
    elif image.mode == "1":
        key = (_FULL_8 * key[0],)
    image.info["transparency"] = key if image.mode == "RGB" else key[0]
    return image


def _apply_16_bit_key(image: Image.Image, png: Png, key: tuple[int, ...]) -> Image.Image:
    """Returns an RGBA image, transparent where all 16 bits of each sample equal the key's.

    Pillow keeps the upper bytes of samples; reading the same file in the other byte order gives
    the lower ones.
    """
    file = open_file("PNG", png.pixels)
    [tile] = file.tile
    file.tile = [tile._replace(args="RGB;16L")]
    lower = load_file(file)
    differs = Image.new("L", image.size)
    for (top, upper_rows), (_, lower_rows) in zip(strips(image), strips(lower), strict=True):
        rows = Image.new("L", upper_rows.size)
        for half, shift in ((upper_rows, 8), (lower_rows, 0)):
            for band, sample in zip(half.split(), key, strict=True):
                wanted = sample >> shift & _FULL_8
                unequal = band.point([0 if shade == wanted else _OPAQUE for shade in range(256)])
                rows = ImageChops.lighter(rows, unequal)
        differs.paste(rows, (0, top))
    image.putalpha(differs)
    return image


def _of_gif(image: Image.Image, content: bytes) -> Image.Image:
    """Returns an image that is transparent where the first frame does not cover the screen."""
    box = headers.gif_frame_box(content)
    if box is None or box == (0, 0, *image.size) or has_key(image):
        return image
    layered = image.convert("LA" if image.mode == "L" else "RGBA")
    alpha = Image.new("L", image.size)
    alpha.paste(_OPAQUE, box)
    layered.putalpha(alpha)
    return layered


def _shown(image: Image.Image, stated: Stated, marks: list[str]) -> Image.Image:
    if stated.mark is not None:
        marks.append(stated.mark)
    if stated.rgb is None and stated.gray is None:
        return image
    return in_strips(image, partial(convert_stated, stated=stated))
