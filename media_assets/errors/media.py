"""Errors of video and audio that cannot be read or written."""

from collections.abc import Iterable

from media_assets.errors.base import MediaAssetsError, UnreadableFileError

_UPLOAD_AGAIN = "Upload it again; an interrupted copy or download leaves such a file."


class UnreadableMediaError(UnreadableFileError):
    """A file of video or audio that cannot be read; its subclasses say why."""


class EmptyMediaError(UnreadableMediaError):
    """A file of zero bytes."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            "The file holds no bytes.",
            accepted=f"A {kind} file is expected.",
            fix="Upload it again; an interrupted upload often leaves an empty file.",
        )


class UnsupportedMediaError(UnreadableMediaError):
    """A file whose content is not of the expected kind, or not in an accepted format."""

    def __init__(self, found: str, *, formats: Iterable[str], fix: str) -> None:
        super().__init__(
            f"The file holds {found}.",
            accepted=f"Accepted formats, by content and not by name: {', '.join(formats)}.",
            fix=fix,
        )


class UnsupportedCodecError(UnreadableMediaError):
    """A file of an accepted format whose streams are in a codec that is not decoded."""

    def __init__(self, codec: str, *, codecs: Iterable[str]) -> None:
        super().__init__(
            f"The file is encoded with {codec}.",
            accepted=f"Codecs that are decoded: {', '.join(codecs)}.",
            fix="Convert it with one of these before uploading.",
        )


class MediaTooLargeError(UnreadableMediaError):
    """A file beyond the limits, refused before more of it is read."""

    is_for_good = False

    def __init__(self, unit: str, found: float, limit: int, *, setting: str) -> None:
        super().__init__(
            f"The file has {found:,.0f} {unit}.",
            accepted=f"At most {limit:,} {unit} are read.",
            fix=f"Shorten it or scale it down before uploading, or raise {setting}.",
        )


class MediaTooSlowError(UnreadableMediaError):
    """A file whose decoding takes longer than the limit."""

    is_for_good = False

    def __init__(self, limit: int, *, setting: str) -> None:
        super().__init__(
            f"The work on the file took longer than {limit:,} seconds.",
            accepted="Work on one file ends within its limit of time.",
            fix=f"Read a shorter part of it, or raise {setting}.",
        )


class UndecodableMediaError(UnreadableMediaError):
    """A damaged or truncated file."""

    def __init__(self, media_format: str, reason: str) -> None:
        super().__init__(
            f"The {media_format} file cannot be decoded: {reason.rstrip('. ')}.",
            accepted="Complete and undamaged files are expected.",
            fix=_UPLOAD_AGAIN,
        )


class MediaTimeError(MediaAssetsError, ValueError):
    """A time that a video or audio does not have."""

    def __init__(self, seconds: float, *, medium: str, duration: float | None) -> None:
        """Builds the text.

        Args:
            seconds: The time that was asked for.
            medium: `video` or `audio`.
            duration: Its duration in seconds, if known.
        """
        until = "its end" if duration is None else f"{duration:g} s"
        super().__init__(
            f"The {medium} has nothing at {seconds:g} s.",
            accepted=f"Times are from 0 to {until}.",
            fix="Correct the time.",
        )


class MediaOptionError(MediaAssetsError, ValueError):
    """An argument of a method of a video or audio that it cannot take."""

    def __init__(self, value: object, *, argument: str, accepted: str) -> None:
        super().__init__(
            f"{argument} is {value!r}.", accepted=f"Accepted: {accepted}.", fix="Correct it."
        )


class UnwritableMediaError(MediaAssetsError, ValueError):
    """Video or audio that cannot be written in the format that was asked for."""

    def __init__(self, media_format: str, reason: str, *, fix: str) -> None:
        super().__init__(
            f"The {media_format} file cannot be written: {reason.rstrip('. ')}.",
            accepted="The format must be able to hold the streams and their size.",
            fix=fix,
        )


class SamplesTooManyError(MediaAssetsError, ValueError):
    """Sound that is too long to be held in memory as samples."""

    def __init__(self, found: int, limit: int, *, setting: str) -> None:
        super().__init__(
            f"The sound has more than {limit:,} samples ({found:,} so far).",
            accepted=f"At most {limit:,} samples are held in memory.",
            fix=f"Read a part of it: `audio.clip(start, end).samples()`, or raise {setting}.",
        )
