"""Output formats of video and audio: what each can hold, and the options that it accepts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from media_assets.errors import OutputFormatError
from media_assets.images.formats import Option


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """One output format.

    Attributes:
        extension: With the dot.
        content_type: For HTTP.
        muxer: FFmpeg's name of it.
        holds: The codecs that are copied into it as they are.
        video_codecs: The codecs that pictures can be encoded with; the first is the default.
        audio_codecs: The same for sound.
        options: The options that `save_options` may set.
        muxer_options: FFmpeg's, for every file.
    """

    extension: str
    content_type: str
    muxer: str
    holds: frozenset[str]
    video_codecs: tuple[str, ...] = ()
    audio_codecs: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    muxer_options: Mapping[str, str] = field(default_factory=dict[str, str])


def format_holding(codecs: Iterable[str], formats: Mapping[str, MediaFormat]) -> str | None:
    """Returns the first format that streams of these codecs can be copied into; None if none is."""
    needed = set(codecs)
    return next((name for name, each in formats.items() if needed <= each.holds), None)


def checked_format(name: str, formats: Mapping[str, MediaFormat]) -> str:
    """Returns a format's name as it is in `formats`, from one in any case, with or without a dot.

    Raises:
        OutputFormatError: There is no such format.
    """
    known = name.lower().removeprefix(".")
    if known not in formats:
        raise OutputFormatError(name, what="The output format", accepted=", ".join(formats))
    return known


def checked_options(
    name: str, formats: Mapping[str, MediaFormat], given: Mapping[str, object] | None
) -> Mapping[str, object]:
    """Returns the options for a format, after checking them.

    Raises:
        OutputFormatError: The format or an option is unknown, or a value is not valid.
    """
    known = checked_format(name, formats)
    options = formats[known].options
    for option, value in (given or {}).items():
        if option not in options:
            what = f"The save option for {known}"
            raise OutputFormatError(option, what=what, accepted=", ".join(options))
        if not options[option].is_valid(value):
            what = f"For {known}, the save option `{option}` with the value"
            raise OutputFormatError(value, what=what, accepted=options[option].accepts)
    return dict(given or {})
