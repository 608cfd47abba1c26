"""Edits of a video that are done when it is written, all in one pass."""

from dataclasses import dataclass, replace
from typing import Self

from media_assets.containers.parts import Edits
from media_assets.errors import MediaOptionError

_LEAST_SIDE, _MOST_SIDE = 2, 16_384


@dataclass(frozen=True, slots=True)
class VideoEdits(Edits):
    """What is to be done with a video.

    Attributes:
        box: The box that pictures are scaled to fit; None keeps their size.
        is_mute: Whether the sound is left out.
    """

    box: tuple[int, int] | None = None
    is_mute: bool = False

    @property
    def must_encode(self) -> bool:
        """Whether pictures change, so that they are encoded again."""
        return self.is_exact or self.box is not None

    def resized(self, box: tuple[int, int]) -> Self:
        """Returns these edits with another size.

        Raises:
            MediaOptionError: A side is less than 2 pixels, or too long.
        """
        if not all(_LEAST_SIDE <= side <= _MOST_SIDE for side in box):
            accepted = f"width and height, each from {_LEAST_SIDE} to {_MOST_SIDE:,} pixels"
            raise MediaOptionError(box, argument="The size", accepted=accepted)
        return replace(self, box=box)

    def muted(self) -> Self:
        """Returns these edits without the sound."""
        return replace(self, is_mute=True)


def even_size(size: tuple[int, int], box: tuple[int, int] | None) -> tuple[int, int]:
    """Returns the largest size in proportion that fits a box, with even sides as codecs need them.

    Example:
        >>> even_size((1920, 1080), (640, 640)), even_size((63, 47), None)
        ((640, 360), (62, 46))
    """
    wide, high = box or size
    scale = min(wide / size[0], high / size[1])
    return tuple(max(round(side * scale) // 2 * 2, 2) for side in size)  # pyright: ignore[reportReturnType]
