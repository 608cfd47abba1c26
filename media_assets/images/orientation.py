"""The orientation of an image: what its file states, and turning it upright."""

from collections.abc import Mapping

from PIL import Image

from media_assets.images import headers
from media_assets.images.png import Png

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Returns an image turned and mirrored by its orientation, 1 to 8 as in EXIF."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def stated_orientation(
    name: str, info: Mapping[str | tuple[int, int], object], png: Png | None
) -> int:
    """Returns the orientation that a file states, 1 to 8 as in EXIF.

    1 for a TIFF or HEIF, which is decoded upright. An AVIF states it in its own boxes, which Pillow
    returns as EXIF; its XMP is ignored.
    """
    if name in {"TIFF", "HEIF"}:
        return 1
    block, packet = info.get("exif"), info.get("xmp")
    if png is not None:
        block, packet = png.exif, png.xmp
    stated = headers.exif_orientation(block) if isinstance(block, bytes) else None
    if stated is None and isinstance(packet, bytes) and name != "AVIF":
        stated = headers.xmp_orientation(packet)
    return stated or 1
