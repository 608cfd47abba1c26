"""HEIC and HEIF images, which phones make, opened by pillow-heif without registering its plugin.

libheif crops, turns and mirrors an image by the file's own properties, so the orientation in its
EXIF block, which says the same once more, is ignored; so are depth maps, gain maps and thumbnails.
"""

from functools import cache
from typing import IO, TYPE_CHECKING

from PIL import ImageFile

from media_assets.optional_packages import require_extra

if TYPE_CHECKING:
    from pillow_heif import HeifImageFile


def open_heif(file: IO[bytes]) -> ImageFile.ImageFile:
    """Returns the primary image of a file, with only its header read.

    Raises:
        MissingExtraError: The extra `heif` is not installed.
        SyntaxError: It is damaged.
    """
    return _heif_file()(file)


def code_points(file: ImageFile.ImageFile) -> tuple[int, int] | None:
    """Returns the primaries and the transfer function of an opened file, as in ITU-T H.273."""
    stated: dict[str, int] | None = file.info.get("nclx_profile")
    if stated is None:
        return None
    return int(stated["color_primaries"]), int(stated["transfer_characteristics"])


@cache
def _heif_file() -> "type[HeifImageFile]":
    with require_extra("heif", "A HEIC or HEIF image"):
        from pillow_heif import HeifImageFile  # noqa: PLC0415  optional

    class WholeHeifFile(HeifImageFile):
        """A file that is never replaced by its thumbnail, which may show something else."""

        def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
            """Leaves the file as it is."""

    return WholeHeifFile
