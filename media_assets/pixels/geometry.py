"""Scaling, cropping, rotation and margins."""

from math import ceil, floor
from typing import Literal

from PIL import Image, ImageOps

from media_assets.pixels.animation import of_frames
from media_assets.pixels.blending import new_canvas, to_drawable, to_mixable, to_mode_like

_LANCZOS = Image.Resampling.LANCZOS
_RIGHT_ANGLE = 90


@of_frames
def thumbnail(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Returns the image scaled down to fit a box, never enlarged, with its proportions kept.

    Uses LANCZOS with `reducing_gap=2.0`; the pixels are those of Pillow's `Image.thumbnail`.

    Args:
        image: Any image, or an animation.
        size: The box's width and height in pixels.

    Examples:
        >>> thumbnail(Image.new("RGB", (1600, 1200)), (128, 128)).size
        (128, 96)
    """
    fitting = thumbnail_size(image.size, size)
    small = to_mixable(image).resize(fitting, _LANCZOS, reducing_gap=2.0)
    return to_mode_like(small, image)


@of_frames
def fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Returns the image scaled, up or down, to the largest size that fits a box, in proportion.

    Args:
        image: Any image, or an animation.
        size: The box's width and height in pixels.

    Examples:
        >>> fit(Image.new("RGB", (40, 20)), (100, 100)).size
        (100, 50)
    """
    return to_mode_like(ImageOps.contain(to_mixable(image), size, _LANCZOS), image)


def fill(
    image: Image.Image, size: tuple[int, int], *, centering: tuple[float, float] = (0.5, 0.5)
) -> Image.Image:
    """Returns the image scaled and cropped so that it covers a size exactly.

    Args:
        image: Any image.
        size: Width and height of the result in pixels.
        centering: Which part to keep: (0, 0) is the top left, (0.5, 0.5) the middle.

    Examples:
        >>> fill(Image.new("RGB", (1600, 1200)), (64, 64)).size
        (64, 64)
    """
    covering = ImageOps.fit(to_mixable(image), size, _LANCZOS, centering=centering)
    return to_mode_like(covering, image)


def crop(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Returns a part of the image; any part of the box outside the image is cut off.

    Args:
        image: Any image.
        box: Left, top, right and bottom edge in pixels.

    Examples:
        >>> crop(Image.new("RGB", (100, 80)), (10, 10, 500, 30)).size
        (90, 20)
    """
    left, top, right, bottom = box
    inside = max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)
    return image.crop(inside)


def flip(
    image: Image.Image, direction: Literal["left-right", "top-bottom"] = "left-right"
) -> Image.Image:
    """Returns the image mirrored.

    Args:
        image: Any image.
        direction: The edges that are swapped.

    Examples:
        >>> flip(Image.linear_gradient("L"), "top-bottom").getpixel((0, 0))
        255
    """
    if direction == "left-right":
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def rotate(image: Image.Image, degrees: float, *, expand: bool = False) -> Image.Image:
    """Returns the image rotated counterclockwise about its center.

    Multiples of 90 degrees only rearrange pixels. Other angles interpolate, bicubically, and leave
    black corners, or transparent ones if the image can be transparent.

    Args:
        image: Any image.
        degrees: The angle.
        expand: True enlarges the canvas to keep everything visible; False keeps the size and crops.

    Examples:
        >>> rotate(Image.new("RGB", (40, 20)), 90, expand=True).size
        (20, 40)
    """
    if degrees % _RIGHT_ANGLE == 0:
        return image.rotate(degrees, expand=expand)
    turned = to_mixable(image).rotate(degrees, Image.Resampling.BICUBIC, expand=expand)
    return to_mode_like(turned, image)


def pad(
    image: Image.Image, size: tuple[int, int], *, color: str | tuple[int, int, int] = "white"
) -> Image.Image:
    """Returns the image fitted into an exact size, with its margins filled with a colour.

    The result is RGB, or RGBA for images that may be transparent.

    Args:
        image: Any image.
        size: Width and height of the result in pixels.
        color: A name (`"white"`), `"#rrggbb"`, or red, green and blue.

    Examples:
        >>> pad(Image.new("RGB", (40, 20)), (100, 100), color="#204060").getpixel((50, 5))
        (32, 64, 96)
    """
    drawable = fit(to_drawable(image), size)
    canvas = new_canvas(image, size, drawable.mode, color)
    canvas.paste(drawable, ((size[0] - drawable.width) // 2, (size[1] - drawable.height) // 2))
    return canvas


def border(
    image: Image.Image, width: int, *, color: str | tuple[int, int, int] = "white"
) -> Image.Image:
    """Returns the image with a frame around it; RGB, or RGBA if it may be transparent.

    Args:
        image: Any image.
        width: The width of the frame on each side, in pixels.
        color: As for `pad`.

    Examples:
        >>> border(Image.new("RGB", (40, 20)), 5).size
        (50, 30)
    """
    drawable = to_drawable(image)
    size = image.width + 2 * width, image.height + 2 * width
    canvas = new_canvas(image, size, drawable.mode, color)
    canvas.paste(drawable, (width, width))
    return canvas


def thumbnail_size(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Returns the size that Pillow's `Image.thumbnail`, which needs a copy, would choose.

    Each side is rounded down or up, whichever is closer to the proportions.
    """
    if box[0] >= size[0] and box[1] >= size[1]:
        return size
    aspect = size[0] / size[1]
    if box[0] / box[1] >= aspect:
        exact = box[1] * aspect
        width = min(floor(exact), ceil(exact), key=lambda n: abs(aspect - n / box[1]))
        return max(width, 1), box[1]
    exact = box[0] / aspect
    height = min(floor(exact), ceil(exact), key=lambda n: n and abs(aspect - box[0] / n))
    return box[0], max(height, 1)
