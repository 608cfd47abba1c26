"""Errors of images that cannot be read or written."""

from collections.abc import Iterable

from media_assets.errors.base import MediaAssetsError, UnreadableFileError


class UnreadableImageError(UnreadableFileError):
    """A file that cannot be decoded; its subclasses say why."""


class EmptyImageError(UnreadableImageError):
    """A file of zero bytes."""

    def __init__(self) -> None:
        super().__init__(
            "The file holds no bytes.",
            accepted="An image file is expected.",
            fix="Upload it again; an interrupted upload often leaves an empty file.",
        )


class ImageTooLargeError(UnreadableImageError):
    """An image beyond the limits, refused before its pixels are decoded."""

    is_for_good = False

    def __init__(self, unit: str, found: int, limit: int, *, setting: str) -> None:
        super().__init__(
            f"The image has {found:,} {unit}.",
            accepted=f"At most {limit:,} {unit} are decoded.",
            fix=f"Scale it down before uploading, or raise {setting} if there is enough memory.",
        )


class UnsupportedImageError(UnreadableImageError):
    """A file whose content is not an image of an accepted format."""

    def __init__(self, found: str, *, formats: Iterable[str], fix: str) -> None:
        super().__init__(
            f"The file holds {found}.",
            accepted=f"Accepted formats, by content and not by name: {', '.join(formats)}.",
            fix=fix,
        )


class UndecodableImageError(UnreadableImageError):
    """A damaged or truncated image."""

    def __init__(self, image_format: str, reason: str) -> None:
        super().__init__(
            f"The {image_format} image cannot be decoded: {reason.rstrip('. ')}.",
            accepted="Complete and undamaged files are expected.",
            fix="Upload it again, or repair it with an image editor.",
        )


class UnencodableImageError(MediaAssetsError, ValueError):
    """An image whose size its output format does not allow."""

    def __init__(self, image_format: str, size: tuple[int, int], *, max_side: int) -> None:
        super().__init__(
            f"The image is {size[0]} x {size[1]} pixels.",
            accepted=f"Each side of a {image_format} image has 1 to {max_side:,} pixels.",
            fix="Return another size, or choose another `format=`; PNG and TIFF hold any size.",
        )


class UnequalFramesError(MediaAssetsError, ValueError):
    """Frames of an animation that have different sizes, or are more or fewer than their times."""

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(
            f"The animation has {found}, and {expected} were expected.",
            accepted="One frame for each duration, all of the size of the first.",
            fix="Return frames of one size, such as those of `animation.map(function)`.",
        )


class ShortWriteError(MediaAssetsError, OSError):
    """A file that ends early although the encoder reported success, mostly on a full disk."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The image written to {path!r} ends early.",
            accepted="Every byte must be written to the disk.",
            fix="Free disk space or raise the quota, then run it again.",
        )
