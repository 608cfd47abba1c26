"""What images offer as a kind of media; see `media_assets.media_types`."""

from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.images.formats import OUTPUT_FORMATS as FORMATS
from media_assets.images.limits import ImageLimits

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["EXTENSIONS", "FORMATS", "LIMITS", "thumbnail"]

EXTENSIONS = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"),
        *(".avif", ".heic", ".heif"),
    }
)


LIMITS = ImageLimits


def thumbnail(
    path: Path, size: tuple[int, int], limits: ImageLimits | None = None
) -> "Image.Image":
    """Returns an image of at most this size."""
    from media_assets.images.thumbnails import thumbnail_image  # noqa: PLC0415  slow to import

    return thumbnail_image(path.read_bytes(), size, limits=limits)
