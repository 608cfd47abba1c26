"""The pixels of a page as an image, for both ends of the pipe to a reader process."""

import math

POINTS_PER_INCH = 72
PIXEL_BYTES = 4
"""Red, green, blue and an unused one, as Pillow keeps RGB: nothing takes a pixel apart."""
_LONGEST_SIDE = 2**31 - 1


def pixels_of(points: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Returns the width and height in pixels of a page.

    Example:
        >>> pixels_of((612, 792), 150)
        (1275, 1650)
    """
    sides = (min(side * dpi / POINTS_PER_INCH, _LONGEST_SIDE) for side in points)
    width, height = (max(math.ceil(side), 1) for side in sides)
    return width, height
