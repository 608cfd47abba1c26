"""Limits on an image before it is decoded."""

from dataclasses import dataclass

from media_assets.errors import ImageTooLargeError
from media_assets.limits import Limits


@dataclass(frozen=True, slots=True)
class ImageLimits(Limits):
    """The limits on an image, checked before it is decoded.

    Attributes:
        max_pixels: Width times height of the first frame. A single image larger than the room for
            images uses up to 16 bytes per pixel. Above 179 million, WEBP and TIFF also need a
            higher `PIL.Image.MAX_IMAGE_PIXELS`.
        max_bytes: The file's size.
        max_frames: Frames or pages. The default limits the time to count them, and allows half a
            minute of animation at 30 frames a second.
        max_animation_pixels: Width times height times frames, for columns that read all frames;
            others decode only the first.
    """

    max_pixels: int = 128_000_000
    max_bytes: int = 256 * 1024**2
    max_frames: int = 1_000
    max_animation_pixels: int = 1_000_000_000

    def check(self, unit: str, found: int) -> None:
        """Refuses a value above its limit.

        Args:
            unit: `pixels`, `bytes`, `frames` or `animation_pixels`.
            found: The number of them.

        Raises:
            ImageTooLargeError: The number is above the limit.
        """
        name = f"max_{unit}"
        limit: int = getattr(self, name)
        if found > limit:
            told = unit.replace("animation_pixels", "pixels in all frames")
            raise ImageTooLargeError(told, found, limit, setting=self.setting(name))


def limits_of_file(
    size: tuple[int | None, int | None], size_bytes: int | None, frames: int | None
) -> ImageLimits:
    """Returns limits that admit a file in the catalog, which was within the limits of its time."""
    least = ImageLimits()
    return ImageLimits(
        max(least.max_pixels, (size[0] or 0) * (size[1] or 0)),
        max(least.max_bytes, size_bytes or 0),
        max(least.max_frames, frames or 0),
    )
