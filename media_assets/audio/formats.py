"""The formats that sound is written in."""

from collections.abc import Mapping

from media_assets.containers.formats import MediaFormat, checked_options, format_holding
from media_assets.images.formats import one_of, whole

_BIT_RATE = whole(8_000, 512_000)
_PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le")

FORMATS: Mapping[str, MediaFormat] = {
    "m4a": MediaFormat(
        ".m4a",
        "audio/mp4",
        "ipod",
        holds=frozenset({"aac", "alac"}),
        audio_codecs=("aac", "alac"),
        options={"codec": one_of("aac", "alac"), "bit_rate": _BIT_RATE},
        muxer_options={"movflags": "+faststart"},
    ),
    "mp3": MediaFormat(
        ".mp3",
        "audio/mpeg",
        "mp3",
        holds=frozenset({"mp3"}),
        audio_codecs=("mp3",),
        options={"codec": one_of("mp3"), "bit_rate": _BIT_RATE},
        muxer_options={"id3v2_version": "0", "write_xing": "1"},
    ),
    "wav": MediaFormat(
        ".wav",
        "audio/wav",
        "wav",
        holds=frozenset(_PCM),
        audio_codecs=_PCM,
        options={"codec": one_of(*_PCM)},
    ),
    "flac": MediaFormat(
        ".flac",
        "audio/flac",
        "flac",
        holds=frozenset({"flac"}),
        audio_codecs=("flac",),
        options={"codec": one_of("flac"), "compression_level": whole(0, 12)},
    ),
    "ogg": MediaFormat(
        ".ogg",
        "audio/ogg",
        "ogg",
        holds=frozenset({"opus", "vorbis", "flac"}),
        audio_codecs=("opus", "flac"),
        options={"codec": one_of("opus", "flac"), "bit_rate": _BIT_RATE},
    ),
}
"""By the name that `format=` takes."""

_LOSSLESS = "flac"


def default_format(codec: str) -> str:
    """Returns the format in which sound is written if none is named: one that can hold it, or FLAC.

    Example:
        >>> default_format("aac"), default_format("pcm_s16le"), default_format("pcm_u8")
        ('m4a', 'wav', 'flac')
    """
    return format_holding({codec}, FORMATS) or _LOSSLESS


EXTENSIONS = frozenset(
    {".m4a", ".mp3", ".wav", ".flac", ".ogg", ".oga", ".opus", ".aac", ".aif", ".aiff", ".m4b"}
)
"""What an insert of a folder takes, in lower case."""


def check_options(
    media_format: str, options: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    """Returns the options for an output format, after checking them.

    Raises:
        OutputFormatError: The format or an option is unknown, or a value is not valid.

    Example:
        >>> check_options("mp3", {"bit_rate": 128_000})
        {'bit_rate': 128000}
    """
    return checked_options(media_format, FORMATS, options)
