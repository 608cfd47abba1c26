"""Sounds: a tone of 440 Hz at half of the full scale, or silence."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.container import OutputContainer

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

RATE = 16_000
_ENCODERS = {"mp3": "libmp3lame", "opus": "libopus"}
_MUXERS = {".m4a": "ipod", ".aac": "adts", ".oga": "ogg"}
_USUAL = {".m4a": "aac", ".aac": "aac", ".mp3": "mp3", ".flac": "flac", ".ogg": "opus"}
_BLOCK = 1024


def tone(samples: int, rate: int = RATE, *, level: float = 0.5) -> np.ndarray:
    """The samples of a tone, from -1 to 1."""
    return (level * np.sin(2 * np.pi * 440 * np.arange(samples) / rate)).astype(np.float32)


def make_audio(
    path: Path,
    *,
    codec: str | None = None,
    seconds: float = 1.0,
    rate: int = RATE,
    channels: int = 1,
    level: float = 0.5,
    container: str | None = None,
) -> Path:
    """Writes a tone and returns its path.

    Args:
        path: The file; its ending says container and codec, unless these are given.
        codec: How it is encoded.
        seconds: Its duration.
        rate: Samples per second of one channel.
        channels: The number of channels, all with the same tone.
        level: The largest sample.
        container: FFmpeg's name of it.
    """
    muxer = container or _MUXERS.get(path.suffix, path.suffix[1:])
    chosen = codec or _USUAL.get(path.suffix, "pcm_s16le")
    with av.open(str(path), "w", format=muxer, container_options={"fflags": "+bitexact"}) as out:
        for _ in encode_tone(out, chosen, seconds, rate=rate, channels=channels, level=level):
            pass
    return path


def encode_tone(
    out: OutputContainer,
    codec: str,
    seconds: float,
    *,
    rate: int = RATE,
    channels: int = 1,
    level: float = 0.5,
) -> Iterator[None]:
    """Adds a stream with a tone to a container, and then writes a bit of it at each step."""
    stream = cast("AudioStream", out.add_stream(_ENCODERS.get(codec, codec), rate=rate))
    layout = {1: "mono", 2: "stereo", 8: "7.1"}[channels]
    stream.layout = layout
    stream.codec_context.thread_count = 1
    yield
    samples = tone(round(seconds * rate), rate, level=level)
    for start in range(0, len(samples), _BLOCK):
        block = np.repeat(samples[start : start + _BLOCK], channels).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        out.mux(stream.encode(frame))
        yield
    out.mux(stream.encode(None))
