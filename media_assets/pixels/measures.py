"""Values of an image, for value columns; transparent images are measured on white."""

from PIL import Image, ImageStat

from media_assets.pixels.blending import on_color
from media_assets.pixels.strips import strips

_SMALL = 96
_HASHED = 9, 8
_SIGN = 1 << 63
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


def sharpness(image: Image.Image) -> float:
    """Returns how much neighbouring pixels differ: low for blurred photos, 0 for an even area.

    The variance of the Laplacian (4 times a pixel less its 4 neighbours) of the luminance, 0 to
    255, over all pixels that have 4 neighbours. It depends on size and subject: compare photos of
    one size, such as thumbnails.

    Examples:
        >>> sharpness(Image.new("RGB", (8, 8), "orange"))
        0.0
    """
    import numpy as np  # noqa: PLC0415  slow to import

    gray = on_color(image, "white").convert("L")
    count = total = squares = 0
    for top, rows in strips(gray):
        below = min(top + rows.height + 1, gray.height)
        band = gray.crop((0, max(top - 1, 0), gray.width, below))
        shades = np.asarray(band, dtype=np.int32)
        middle = 4 * shades[1:-1, 1:-1]
        across = shades[1:-1, :-2] + shades[1:-1, 2:]
        laplacian = middle - across - shades[:-2, 1:-1] - shades[2:, 1:-1]
        count += laplacian.size
        total += int(laplacian.sum(dtype=np.int64))
        squares += int((laplacian**2).sum(dtype=np.int64))
    return (squares / count - (total / count) ** 2) if count else 0.0


def perceptual_hash(image: Image.Image) -> int:
    """Returns 64 bits that are almost the same for images that look almost the same.

    Each bit says whether the image gets brighter from one part to the next, in 8 rows of 9 parts
    ("dHash"). Scaling and compression change few of them, turning and mirroring most. Compare two
    by the bits in which they differ, in SQL `bit_count(xor(a.hash, b.hash))`: up to 5 for the same
    photo in another size or quality. Even areas have no hash of their own: all bits are 0.

    Examples:
        >>> perceptual_hash(Image.new("RGB", (8, 8), "orange"))
        0
    """
    small = on_color(image, "white").convert("L").resize(_HASHED, Image.Resampling.BOX)
    shades = small.tobytes()
    width, height = _HASHED
    bits = 0
    for place in (width * row + column for row in range(height) for column in range(width - 1)):
        bits = bits << 1 | (shades[place] < shades[place + 1])
    return bits - 2 * _SIGN if bits & _SIGN else bits  # as a whole number of 64 bits with a sign
