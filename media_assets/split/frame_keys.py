"""The keys and times of frames, which do not depend on which frames are chosen."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from media_assets.video.decoding import Decoded, Stated


class Names:
    """The keys of frames: the milliseconds at which they are shown.

    Frames come in the order in which they are shown, and all of a video do: the key of a frame does
    not depend on which others are chosen.

    Example:
        >>> names = Names()
        >>> [names.of(time) for time in (0.0, 0.0333, 0.0334, 12.0)]
        ['000000000', '000000033', '000000033.001', '000012000']
    """

    def __init__(self) -> None:
        self._last, self._earlier = -1, 0

    def of(self, time: float) -> str:
        """Returns the key of the next frame."""
        milliseconds = max(round(time * 1000), self._last, 0)
        self._earlier = self._earlier + 1 if milliseconds == self._last else 0
        self._last = milliseconds
        return f"{milliseconds:09d}" + (f".{self._earlier:03d}" if self._earlier else "")


def as_seconds(microseconds: int) -> str:
    """Returns a time as it is written in an address, in milliseconds if that is exact.

    Example:
        >>> as_seconds(12_000_000), as_seconds(33_367)
        ('12.000', '0.033367')
    """
    return f"{microseconds / 1e6:.6f}".removesuffix("000")


class NamedFrame(NamedTuple):
    """A frame with its key, stated or decoded."""

    time: float
    is_key: bool
    key: str
    frame: Stated | Decoded


def named(frames: Iterable[Stated | Decoded]) -> Iterator[NamedFrame]:
    """Yields all frames of a video with their keys."""
    names = Names()
    for frame in frames:
        yield NamedFrame(frame.time, frame.is_key, names.of(frame.time), frame)
