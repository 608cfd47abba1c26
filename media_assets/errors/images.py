"""Errors of images that cannot be read or written."""

from collections.abc import Iterable

from media_assets.errors.base import MediaAssetsError


class UnreadableImageError(MediaAssetsError, ValueError):
    """A file that is not decoded; its subclasses say why."""


class EmptyImageError(UnreadableImageError):
    """A file of zero bytes."""

    def __init__(self) -> None:
        """Takes nothing: there is nothing to show."""
        super().__init__(
            "The file holds no bytes.",
            accepted="An image file is expected.",
            fix="Upload it again; an interrupted upload often leaves an empty file.",
        )


class ImageTooLargeError(UnreadableImageError):
    """An image beyond the limits, refused before its pixels are decoded."""

    def __init__(self, unit: str, found: int, limit: int, *, setting: str) -> None:
        """Takes what is counted (`"pixels"`), the count, its limit, and which setting raises it."""
        super().__init__(
            f"The image has {found:,} {unit}.",
            accepted=f"At most {limit:,} {unit} are decoded.",
            fix=f"Scale it down before uploading, or raise {setting}, if the memory is there.",
        )


class UnsupportedImageError(UnreadableImageError):
    """A file that is no image of an accepted format, whatever its name says."""

    def __init__(self, found: str, *, formats: Iterable[str], fix: str) -> None:
        """Takes what the file's first bytes show, the accepted formats, and what to do."""
        super().__init__(
            f"The file holds {found}.",
            accepted=f"Accepted formats, told by content and never by name: {', '.join(formats)}.",
            fix=fix,
        )


class UndecodableImageError(UnreadableImageError):
    """A damaged or truncated image."""

    def __init__(self, image_format: str, reason: str) -> None:
        """Takes the format that the first bytes show, and where or why it is not decoded."""
        super().__init__(
            f"The {image_format} image cannot be decoded: {reason.rstrip('. ')}.",
            accepted="Whole and undamaged files are expected.",
            fix="Upload it again, or repair it with an image editor.",
        )


class UnencodableImageError(MediaAssetsError, ValueError):
    """An image whose size no file of its format can hold."""

    def __init__(self, image_format: str, size: tuple[int, int], *, max_side: int) -> None:
        """Takes the format, the image's width and height, and the format's limit for both."""
        super().__init__(
            f"The image is {size[0]} x {size[1]} pixels.",
            accepted=f"A {image_format} file holds 1 to {max_side:,} pixels a side.",
            fix="Return another size, or choose another `format=`; PNG and TIFF hold any size.",
        )


class ShortWriteError(MediaAssetsError, OSError):
    """A file that ends early although the encoder reported success: mostly a full disk."""

    def __init__(self, path: str) -> None:
        """Takes the path of the file."""
        super().__init__(
            f"The image written to {path!r} ends early.",
            accepted="Every byte has to reach the disk.",
            fix="Free disk space or raise the quota, then run it again.",
        )
