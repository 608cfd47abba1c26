"""The codecs that are decoded; a file in any other is refused before its decoder sees a byte."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from media_assets.errors import UnsupportedCodecError

if TYPE_CHECKING:
    from av.stream import Stream

VIDEO_CODECS = (
    *("h264", "hevc", "av1", "vp8", "vp9", "mpeg1video", "mpeg2video", "mpeg4", "h263"),
    *("msmpeg4v2", "msmpeg4v3", "mjpeg", "prores", "dnxhd", "theora", "ffv1", "huffyuv", "qtrle"),
    *("png", "rawvideo", "dvvideo"),
)
AUDIO_CODECS = (
    *("aac", "mp3", "mp2", "ac3", "eac3", "opus", "vorbis", "flac", "alac", "amrnb", "amrwb"),
    *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le"),
    *("pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_mulaw", "pcm_alaw"),
    *("pcm_bluray", "pcm_dvd", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms"),
)
_OTHER_NAMES = {
    "libdav1d": "av1",
    "mp3float": "mp3",
    "mp2float": "mp2",
    "libopus": "opus",
    "amr_nb": "amrnb",
    "amr_wb": "amrwb",
}
DECODERS = (*VIDEO_CODECS, *AUDIO_CODECS, *_OTHER_NAMES)
"""What FFmpeg calls them; some codecs have more than one decoder."""


def codec_name(decoder: str) -> str:
    """Returns the usual name of a codec, whatever decodes it.

    Example:
        >>> codec_name("libdav1d"), codec_name("h264")
        ('av1', 'h264')
    """
    return _OTHER_NAMES.get(decoder, decoder)


def checked_codec(stream: "Stream", accepted: Sequence[str]) -> str:
    """Returns the usual name of a stream's codec.

    Raises:
        UnsupportedCodecError: It is not one of the accepted ones.
    """
    context = stream.codec_context
    if not context:  # PyAV's types leave out that it is None without a decoder.
        unknown = "an unknown codec"
        raise UnsupportedCodecError(unknown, codecs=accepted)
    name = codec_name(context.codec.name)
    if name not in accepted:
        raise UnsupportedCodecError(name, codecs=accepted)
    return name
