"""A picture of sound: how loud it is over time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from media_assets.audio.samples import SampleForm, sample_blocks
from media_assets.audio.streams import Sound
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media
from media_assets.containers.parts import Part

_RATE = 8_000
_PEAKS_PER_COLUMN = 64
_LONG = 1 << 15


def draw_waveform(
    path: Path,
    size: tuple[int, int],
    limits: MediaLimits,
    *,
    part: Part | None = None,
    color: str | tuple[int, int, int] = "#2a6f97",
    background: str | tuple[int, int, int] = "white",
) -> Image.Image:
    """Returns an RGB image with a bar for each column of pixels, as high as the sound is loud.

    Memory does not grow with the duration.

    Args:
        path: The sound.
        size: Width and height in pixels.
        limits: The limits on the file.
        part: The part to show; by default all of it.
        color: Of the bars: a name, `"#rrggbb"`, or red, green and blue.
        background: Of the rest.

    Raises:
        UnreadableMediaError: The file holds no sound, is damaged, or exceeds the limits.
    """
    width, height = size
    with open_media(path, limits) as opened:
        form = SampleForm(rate=_RATE, channels=1)
        peaks = _peaks(sample_blocks(Sound(opened), form, part or Part()), columns=width)
    image = Image.new("RGB", size, background)
    drawing = ImageDraw.Draw(image)
    fill = ImageColor.getrgb(color) if isinstance(color, str) else color
    middle = (height - 1) / 2
    for column, peak in enumerate(peaks):
        reach = min(float(peak), 1.0) * middle
        drawing.line((column, round(middle - reach), column, round(middle + reach)), fill=fill)
    return image


def _peaks(blocks: Iterator[NDArray[Any]], *, columns: int) -> NDArray[np.float32]:
    """Returns the largest sample of each of as many equal parts as there are columns.

    The length is not known before the end, so peaks are kept for short pieces. Whenever there are
    too many, each two become one.
    """
    most, length = columns * _PEAKS_PER_COLUMN, 1
    kept = np.zeros(0, np.float32)
    rest = np.zeros(0, np.float32)
    for block in _long_blocks(blocks):
        rest = np.concatenate([rest, block])
        whole = len(rest) // length
        kept = np.concatenate([kept, rest[: whole * length].reshape(whole, length).max(axis=1)])
        rest = rest[whole * length :]
        while len(kept) > 2 * most and len(kept) % 2 == 0:
            kept, length = kept.reshape(-1, 2).max(axis=1), 2 * length
    if len(rest):
        kept = np.append(kept, rest.max())
    if not len(kept):
        return np.zeros(columns, np.float32)
    edges = np.linspace(0, len(kept), columns + 1)
    starts = np.minimum(edges[:-1].astype(int), len(kept) - 1)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    return np.array([kept[a:b].max() for a, b in zip(starts, ends, strict=True)], np.float32)


def _long_blocks(blocks: Iterator[NDArray[Any]]) -> Iterator[NDArray[np.float32]]:
    """Yields how far samples are from 0, in blocks that are worth a call of numpy."""
    waiting: list[NDArray[np.float32]] = []
    for block in blocks:
        waiting.append(np.abs(block[:, 0]))
        if sum(map(len, waiting)) >= _LONG:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)
