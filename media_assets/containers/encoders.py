"""Encoders, set up so that the same frames give the same bytes: one thread, no version strings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from media_assets.errors import UnwritableMediaError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

TICKS = Fraction(1, 60_000)
"""Seconds; time stamps of encoded frames are multiples of it. MPEG-4 takes no smaller ones."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """One of FFmpeg's encoders.

    Attributes:
        name: FFmpeg's name of it.
        options: Its options, besides those of the column.
        rates: The sample rates that it takes; any if empty.
        samples: The sample format to convert to for it, in which channels take turns.
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    rates: tuple[int, ...] = ()
    samples: str = "flt"


VIDEO_ENCODERS: Mapping[str, Encoder] = {
    "h264": Encoder("libx264", {"preset": "veryfast", "crf": "21"}),
    "hevc": Encoder(
        "libx265",
        {
            "preset": "veryfast",
            "crf": "24",
            "x265-params": "log-level=none:pools=1:frame-threads=1:info=0",
        },
    ),
    "vp9": Encoder("libvpx-vp9", {"crf": "32", "b": "0", "deadline": "good", "cpu-used": "5"}),
    "vp8": Encoder("libvpx", {"crf": "10", "b": "4M", "deadline": "good", "cpu-used": "5"}),
    "mpeg4": Encoder("mpeg4", {"b": "4M"}),
}
_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
AUDIO_ENCODERS: Mapping[str, Encoder] = {
    "aac": Encoder("aac", rates=(*_RATES, 96_000)),
    "alac": Encoder("alac", samples="s32"),
    "mp3": Encoder("libmp3lame", rates=_RATES),
    "opus": Encoder("libopus", rates=(8000, 12_000, 16_000, 24_000, 48_000)),
    "flac": Encoder("flac", samples="s32"),
    "pcm_s16le": Encoder("pcm_s16le", samples="s16"),
    "pcm_s24le": Encoder("pcm_s24le", samples="s32"),
    "pcm_s32le": Encoder("pcm_s32le", samples="s32"),
    "pcm_f32le": Encoder("pcm_f32le", samples="flt"),
}


def fitting_rate(codec: str, rate: int) -> int:
    """Returns the sample rate to encode with: the given one, or the next higher that there is.

    Example:
        >>> fitting_rate("opus", 44_100), fitting_rate("pcm_s16le", 44_100)
        (48000, 44100)
    """
    rates = AUDIO_ENCODERS[codec].rates
    return rate if not rates else min((each for each in rates if each >= rate), default=rates[-1])


class SoundEncoder:
    """A stream of sound that is encoded into a container.

    Args:
        container: The new container.
        codec: One of `AUDIO_ENCODERS`.
        rate: A sample rate that the encoder takes.
        channels: The number of channels.
        options: `bit_rate` and `compression_level`, if given.
        is_wide: Whether samples have more than 16 bits, where the encoder can keep them.
        later: Seconds at which the sound begins.

    Raises:
        UnwritableMediaError: The format cannot hold the codec.
    """

    def __init__(
        self,
        container: "OutputContainer",
        codec: str,
        rate: int,
        channels: int,
        options: Mapping[str, object],
        *,
        is_wide: bool = False,
        later: float = 0.0,
    ) -> None:
        encoder = AUDIO_ENCODERS[codec]
        self._container, self.samples = container, encoder.samples
        try:
            self._stream: AudioStream = container.add_stream(encoder.name, rate=rate)  # pyright: ignore[reportAttributeAccessIssue]
        except ValueError as error:
            fix = "Choose another `format=` or codec."
            raise UnwritableMediaError(container.format.name, str(error), fix=fix) from error
        context = self._stream.codec_context
        self._layout = layout_of(channels)
        context.layout = self._layout
        if encoder.name == "flac":
            context.format = "s32" if is_wide else "s16"
        if isinstance(bits := options.get("bit_rate"), int):
            context.bit_rate = bits
        if (level := options.get("compression_level")) is not None:
            context.options = {"compression_level": str(level)}
        be_repeatable(context)
        self._rate, self._position = rate, round(later * rate)

    def encode(self, block: NDArray[Any]) -> float:
        """Writes samples of the shape (samples, channels), and returns the seconds reached."""
        from av.audio.frame import AudioFrame

        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(block.reshape(1, -1)), format=self.samples, layout=self._layout
        )
        frame.sample_rate = self._rate
        frame.pts, frame.time_base = self._position, Fraction(1, self._rate)
        self._position += len(block)
        self._container.mux(self._stream.encode(frame))
        return self._position / self._rate

    def finish(self) -> None:
        """Writes what the encoder still holds."""
        self._container.mux(self._stream.encode(None))


def layout_of(channels: int) -> str:
    """Returns FFmpeg's name of the usual layout of so many channels."""
    usual = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
    return usual.get(channels, f"{channels}c")


def be_repeatable(context: Any) -> None:  # noqa: ANN401  a codec's context of either kind
    """Sets up an encoder so that the same input gives the same bytes, on any machine."""
    from av.codec.context import Flags

    context.thread_count = 1
    context.flags |= Flags.bitexact
