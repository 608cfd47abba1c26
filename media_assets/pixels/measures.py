"""Values of an image, for value columns; transparent images are measured on white."""

from PIL import Image, ImageStat

from media_assets.pixels.blending import on_color

_SMALL = 96
_COLORS = 16


def mean_luminance(image: Image.Image) -> float:
    """Returns how bright the image is, from 0 (black) to 1 (white).

    The mean over all pixels of 0.299 red + 0.587 green + 0.114 blue (Rec. 601, Pillow's mode L).

    Examples:
        >>> mean_luminance(Image.new("RGB", (8, 8), "white"))
        1.0
    """
    return ImageStat.Stat(on_color(image, "white").convert("L")).mean[0] / 255


def average_color(image: Image.Image) -> str:
    """Returns the mean colour of all pixels, as "#rrggbb".

    Examples:
        >>> average_color(Image.new("RGB", (8, 8), "orange"))
        '#ffa500'
    """
    return "#{:02x}{:02x}{:02x}".format(*map(round, ImageStat.Stat(on_color(image, "white")).mean))


def dominant_color(image: Image.Image) -> str:
    """Returns the most common colour of the image, as "#rrggbb".

    The largest of 16 groups of similar colours, in the image reduced to about 96 pixels per side.

    Examples:
        >>> flag = Image.new("RGB", (90, 60), "navy")
        >>> flag.paste("gold", (0, 0, 30, 60))
        >>> dominant_color(flag)
        '#000080'
    """
    factor = max(min(image.size) // _SMALL, 1)
    grouped = on_color(image, "white").reduce(factor).quantize(_COLORS)
    largest = max(enumerate(grouped.histogram()), key=lambda group: group[1])[0]
    colors = grouped.getpalette() or []
    return "#" + bytes(colors[3 * largest : 3 * largest + 3]).hex()
