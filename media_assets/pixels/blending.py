"""Conversion to modes whose values can be mixed, as resampling and drawing require."""

from PIL import Image

from media_assets.pixels.shades import WIDE_GRAY, narrow


def to_mixable(image: Image.Image) -> Image.Image:
    """Returns an image whose neighbouring pixels can be averaged.

    Palette, bilevel and HSV images and those with a key colour change their mode, and 16-bit gray
    becomes I; all others are returned unchanged.
    """
    key = image.info.get("transparency")
    match image.mode:
        case "P" | "PA":
            mode = "RGBA" if image.has_transparency_data else "RGB"
        case "RGB" | "HSV":
            mode = "RGBA" if isinstance(key, tuple) else "RGB"
        case "L" | "1":
            mode = "LA" if isinstance(key, int) else "L"
        case _:
            mode = "I" if image.mode in WIDE_GRAY else image.mode
    # `convert` writes a palette image's key into its palette, so it is given a copy.
    return image if mode == image.mode else image.copy().convert(mode)


def to_mode_like(image: Image.Image, original: Image.Image) -> Image.Image:
    """Returns the image as 16-bit gray if `original` was, otherwise unchanged."""
    return image.convert("I;16") if original.mode in WIDE_GRAY else image


def to_drawable(image: Image.Image) -> Image.Image:
    """Returns an RGB image, or RGBA if it may be transparent."""
    if image.mode in WIDE_GRAY or image.mode in {"I", "F"}:
        return narrow(image).convert("RGB")
    mixable = to_mixable(image)
    if mixable.mode in {"RGB", "RGBA"}:
        return mixable
    if mixable.mode == "La":
        mixable = mixable.convert("LA")
    return mixable.convert("RGBA" if mixable.mode in {"LA", "RGBa"} else "RGB")


def on_color(image: Image.Image, color: str | tuple[int, int, int]) -> Image.Image:
    """Returns the image as RGB, as it looks on a background of this colour."""
    drawable = to_drawable(image)
    if drawable.mode == "RGB":
        return drawable
    page = new_canvas(image, drawable.size, "RGB", color)
    page.paste(drawable.convert("RGB"), mask=drawable.getchannel("A"))
    return page


def new_canvas(
    image: Image.Image, size: tuple[int, int], mode: str, color: str | tuple[int, int, int]
) -> Image.Image:
    """Returns an image of one colour, with the colour profile of another image."""
    canvas = Image.new(mode, size, color)
    canvas.info = {key: value for key, value in image.info.items() if key == "icc_profile"}
    return canvas
