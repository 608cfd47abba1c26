"""The formats that videos are written in."""

from collections.abc import Mapping

from media_assets.containers.formats import MediaFormat, checked_options, format_holding
from media_assets.images.formats import one_of, whole

_BIT_RATE = whole(8_000, 512_000)
_PRESETS = one_of("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow")
_CRF = whole(0, 51)

FORMATS: Mapping[str, MediaFormat] = {
    "mp4": MediaFormat(
        ".mp4",
        "video/mp4",
        "mp4",
        holds=frozenset({"h264", "hevc", "av1", "vp9", "mpeg4", "aac", "mp3", "ac3", "opus"}),
        video_codecs=("h264", "hevc", "mpeg4"),
        audio_codecs=("aac",),
        options={
            "codec": one_of("h264", "hevc", "mpeg4"),
            "crf": _CRF,
            "preset": _PRESETS,
            "audio_bit_rate": _BIT_RATE,
        },
        muxer_options={"movflags": "+faststart"},  # A browser plays it before all has arrived.
    ),
    "webm": MediaFormat(
        ".webm",
        "video/webm",
        "webm",
        holds=frozenset({"vp8", "vp9", "av1", "opus", "vorbis"}),
        video_codecs=("vp9", "vp8"),
        audio_codecs=("opus",),
        options={"codec": one_of("vp9", "vp8"), "crf": whole(0, 63), "audio_bit_rate": _BIT_RATE},
    ),
    "mkv": MediaFormat(
        ".mkv",
        "video/x-matroska",
        "matroska",
        holds=frozenset(
            {
                *("h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "mpeg1video"),
                *("mjpeg", "prores", "ffv1", "theora", "aac", "mp3", "mp2", "ac3", "eac3"),
                *("opus", "vorbis", "flac", "pcm_s16le", "pcm_s24le", "pcm_f32le"),
            }
        ),
        video_codecs=("h264", "hevc", "vp9", "mpeg4"),
        audio_codecs=("aac", "opus", "flac"),
        options={
            "codec": one_of("h264", "hevc", "vp9", "mpeg4"),
            "crf": _CRF,
            "preset": _PRESETS,
            "audio_bit_rate": _BIT_RATE,
        },
    ),
    "mov": MediaFormat(
        ".mov",
        "video/quicktime",
        "mov",
        holds=frozenset(
            {
                *("h264", "hevc", "mpeg4", "prores", "mjpeg", "qtrle", "png", "dnxhd"),
                *("aac", "mp3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"),
            }
        ),
        video_codecs=("h264", "hevc", "mpeg4"),
        audio_codecs=("aac", "alac"),
        options={
            "codec": one_of("h264", "hevc", "mpeg4"),
            "crf": _CRF,
            "preset": _PRESETS,
            "audio_bit_rate": _BIT_RATE,
        },
        muxer_options={"movflags": "+faststart"},
    ),
}
"""By the name that `format=` takes."""

_USUAL = "mp4"


def default_format(codec: str, audio_codec: str | None) -> str:
    """Returns the format in which a video is written if none is named.

    It is the first that both streams can be copied into, or `mp4` if there is none.

    Example:
        >>> default_format("h264", "aac"), default_format("vp8", None)
        ('mp4', 'webm')
    """
    return format_holding({codec, audio_codec or codec}, FORMATS) or _USUAL


EXTENSIONS = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mpg", ".mpeg"),
        *(".ogv", ".3gp", ".3g2"),
    }
)
"""What an insert of a folder takes, in lower case."""


def check_options(
    media_format: str, options: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    """Returns the options for an output format, after checking them.

    Raises:
        OutputFormatError: The format or an option is unknown, or a value is not valid.

    Example:
        >>> check_options("mp4", {"crf": 28})
        {'crf': 28}
    """
    return checked_options(media_format, FORMATS, options)
