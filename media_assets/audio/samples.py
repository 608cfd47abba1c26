"""Samples of sound: in one array, or block by block."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from media_assets.audio.streams import Sound
from media_assets.containers.encoders import layout_of
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media, time_base_of
from media_assets.containers.parts import Part
from media_assets.errors import SamplesTooManyError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

_SEEK_BACK = 1.0
"""Seconds before the wanted start, for codecs that need what comes before."""


class SampleForm(NamedTuple):
    """What samples are converted to; None keeps what the file has.

    Attributes:
        rate: Samples per second of one channel.
        channels: How many channels, mixed from those of the file.
        format: FFmpeg's name of a sample format in which channels take turns.
    """

    rate: int | None = None
    channels: int | None = None
    format: str = "flt"


def read_samples(
    path: Path, limits: MediaLimits, form: SampleForm, part: Part
) -> NDArray[np.float32]:
    """Returns samples as numbers from -1 to 1, in an array of the shape (samples, channels).

    Raises:
        SamplesTooManyError: There are more than the limits allow.
        UnreadableMediaError: The file holds no sound, is damaged, or exceeds the limits.
    """
    blocks: list[NDArray[np.float32]] = []
    count, channels = 0, form.channels or 1
    with open_media(path, limits) as opened:
        for block in sample_blocks(Sound(opened), form, part):
            count, channels = count + block.size, block.shape[1]
            if count > limits.max_samples:
                setting = limits.setting("max_samples")
                raise SamplesTooManyError(count, limits.max_samples, setting=setting)
            blocks.append(block.astype(np.float32, copy=False))
    return np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)


def sample_blocks(sound: Sound, form: SampleForm, part: Part) -> Iterator[NDArray[Any]]:
    """Yields the samples of a part in arrays of the shape (samples, channels).

    The part is cut at the sample; where the file has a gap, silence is not inserted.
    """
    if part.start > _SEEK_BACK and sound.opened.is_seekable:
        back = round((part.start - _SEEK_BACK) / time_base_of(sound.stream))
        sound.opened.seek(sound.stream, sound.origin + back)
    position: int | None = None
    for frame, rate, time in _converted(sound, form):
        if position is None:
            position = round(time * rate)
        first = max(round(part.start * rate) - position, 0)
        last = frame.samples
        if part.end is not None:
            last = min(last, round(part.end * rate) - position)
            if last <= 0 and position >= round(part.start * rate):
                return
        position += frame.samples
        if first < last:
            channels = frame.layout.nb_channels
            yield frame.to_ndarray().reshape(-1, channels)[first:last]


def _converted(sound: Sound, form: SampleForm) -> Iterator[tuple["AudioFrame", int, float]]:
    """Yields converted pieces, each with its rate, and the time of the first one."""
    from av.audio.resampler import AudioResampler

    resampler: AudioResampler | None = None
    start, rate = 0.0, form.rate or 0
    for frame in sound.frames():
        if not frame.samples:
            continue
        if resampler is None:
            start = max(sound.seconds(frame.pts), 0.0) if frame.pts is not None else 0.0
            rate = form.rate or frame.sample_rate
            layout = layout_of(form.channels) if form.channels else frame.layout.name
            resampler = AudioResampler(form.format, layout, rate)
        frame.pts = None  # Gaps in time stamps are no gaps in the sound.
        for piece in sound.opened.tried(partial(resampler.resample, frame)):
            yield piece, rate, start
    if resampler is not None:
        for piece in sound.opened.tried(partial(resampler.resample, None)):
            yield piece, rate, start
