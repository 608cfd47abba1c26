"""Colours, sharpness, and watermarks."""

from typing import Literal

from PIL import Image, ImageFilter

from media_assets.pixels.animation import of_frames
from media_assets.pixels.blending import to_drawable
from media_assets.pixels.shades import WIDE_GRAY, narrow

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"]
_MARGIN = 0.02
_SEEN = {"icc_profile", "transparency"}
"""The keys of an image's `info` that affect how its pixels look."""
_MORE_THAN_8_BITS = WIDE_GRAY | {"I", "F"}


@of_frames
def convert(image: Image.Image, mode: str) -> Image.Image:
    """Returns the image in another mode; like Pillow's `convert`, but for every pair of modes.

    Gray with more than 8 bits is scaled where Pillow would clip it to white.

    Args:
        image: Any image, or an animation.
        mode: A mode that Pillow converts to, such as "RGB", "L", "RGBA", "CMYK", "P".

    Examples:
        >>> convert(Image.new("I;16", (8, 8), 65535), "RGB").getpixel((0, 0))
        (255, 255, 255)
    """
    if image.mode == mode:
        return image.copy()
    if image.mode in _MORE_THAN_8_BITS:
        if mode not in _MORE_THAN_8_BITS:
            return narrow(image).convert(mode)
        return (image.convert("I") if image.mode in WIDE_GRAY else image).convert(mode)
    return to_drawable(image).convert(mode)


def grayscale(image: Image.Image) -> Image.Image:
    """Returns the image in shades of gray: mode L, or LA if it may be transparent.

    Examples:
        >>> grayscale(Image.new("RGB", (8, 8), "red")).getpixel((0, 0))
        76
    """
    drawable = to_drawable(image)
    return drawable.convert("LA" if drawable.mode == "RGBA" else "L")


def strip(image: Image.Image) -> Image.Image:
    """Returns the image without EXIF, XMP, comments and all other metadata.

    The colour profile and the key colour are kept: without them the image would look different.
    Files written by columns have no such metadata; this is for images that you save yourself.

    Examples:
        >>> photo = Image.new("RGB", (8, 8))
        >>> photo.getexif()[0x010F] = "the camera's maker"
        >>> dict(strip(photo).getexif())
        {}
    """
    stripped = image.copy()
    stripped.info = {key: value for key, value in image.info.items() if key in _SEEN}
    return stripped


def blur(image: Image.Image, radius: float = 2.0) -> Image.Image:
    """Returns the image blurred by a Gaussian; RGB, or RGBA if it may be transparent.

    Args:
        image: Any image.
        radius: The radius of the blur, in pixels.

    Examples:
        >>> blur(Image.new("RGB", (8, 8), "red"), 4).getpixel((0, 0))
        (255, 0, 0)
    """
    return _filter(image, ImageFilter.GaussianBlur(radius))


def sharpen(image: Image.Image, *, radius: float = 2.0, percent: int = 100) -> Image.Image:
    """Returns the image sharpened by an unsharp mask; RGB, or RGBA if it may be transparent.

    Args:
        image: Any image.
        radius: The radius of the blur that is subtracted, in pixels.
        percent: The strength.

    Examples:
        >>> sharpen(Image.new("RGB", (8, 8), "red")).getpixel((0, 0))
        (255, 0, 0)
    """
    return _filter(image, ImageFilter.UnsharpMask(radius, percent))


def watermark(
    image: Image.Image,
    mark: Image.Image | str,
    *,
    position: Corner = "bottom-right",
    width: float = 0.25,
    opacity: float = 0.6,
) -> Image.Image:
    """Returns the image with a text or a logo on top; RGB, or RGBA if it may be transparent.

    Args:
        image: Any image.
        mark: A text, drawn in white with a dark edge, or an image, which may be transparent.
        position: A corner, or the center.
        width: The mark's width as a share of the image's width; it is reduced if the mark would be
            taller than the image.
        opacity: From 0, invisible, to 1.

    Examples:
        >>> logo = Image.new("RGB", (9, 9), "red")
        >>> marked = watermark(Image.new("RGB", (80, 60)), logo, opacity=1)
        >>> marked.getpixel((70, 50)), marked.getpixel((10, 10))
        ((255, 0, 0), (0, 0, 0))
    """
    drawable = to_drawable(image)
    logo = _draw(mark) if isinstance(mark, str) else to_drawable(mark).convert("RGBA")
    margin = round(min(image.size) * _MARGIN)
    share = min(image.width * width / logo.width, (image.height - 2 * margin) / logo.height)
    size = max(round(logo.width * share), 1), max(round(logo.height * share), 1)
    logo = logo.resize(size, Image.Resampling.LANCZOS)
    logo.putalpha(logo.getchannel("A").point(lambda alpha: alpha * opacity))
    layer = Image.new("RGBA", image.size)
    layer.paste(logo, _place(image.size, logo.size, position, margin))
    marked = Image.alpha_composite(drawable.convert("RGBA"), layer).convert(drawable.mode)
    marked.info = dict(drawable.info)
    return marked


def _filter(image: Image.Image, kernel: ImageFilter.Filter) -> Image.Image:
    drawable = to_drawable(image)
    if drawable.mode == "RGBA":  # Premultiplied, so that hidden colours do not bleed.
        return drawable.convert("RGBa").filter(kernel).convert("RGBA")
    return drawable.filter(kernel)


def _draw(text: str) -> Image.Image:
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415  loads a library for fonts

    font = ImageFont.load_default(size=64)
    left, top, right, bottom = font.getbbox(text, stroke_width=3)
    size = max(round(right - left), 1), max(round(bottom - top), 1)
    drawn = Image.new("RGBA", size)
    ImageDraw.Draw(drawn).text(
        (-left, -top), text, "white", font, stroke_width=3, stroke_fill=(0, 0, 0, 160)
    )
    return drawn


def _place(
    size: tuple[int, int], logo: tuple[int, int], position: Corner, margin: int
) -> tuple[int, int]:
    free = size[0] - logo[0], size[1] - logo[1]
    if position == "center":
        return free[0] // 2, free[1] // 2
    across = margin if position.endswith("left") else free[0] - margin
    down = margin if position.startswith("top") else free[1] - margin
    return across, down
