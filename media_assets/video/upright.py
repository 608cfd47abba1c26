"""Pictures as they are meant to be seen: upright, in square pixels, in RGB."""

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PIL import Image

from media_assets.containers.limits import MediaLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from av.buffer import Buffer
    from av.video.frame import VideoFrame

_TURNS = {
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}
"""By what the display matrix says: where to the right and the bottom of the picture go."""
_SIDEWAYS = {
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
}
_MATRIX = struct.Struct("<9i")
_HALF = 1 << 15
_MOST_STRETCHED = 100


@dataclass(frozen=True, slots=True)
class Upright:
    """How the pictures of a stream become images.

    Attributes:
        size: Width and height of the image: upright, in square pixels.
        turn: What Pillow does to bring them upright; None if they are.
    """

    size: tuple[int, int]
    turn: Image.Transpose | None

    @property
    def is_sideways(self) -> bool:
        """Whether width and height change places."""
        return self.turn in _SIDEWAYS

    def fitted(self, box: tuple[int, int] | None) -> tuple[int, int]:
        """Returns the size that fits a box, in proportion and never enlarged.

        Example:
            >>> Upright((1920, 1080), None).fitted((320, 320))
            (320, 180)
        """
        if box is None:
            return self.size
        scale = min(box[0] / self.size[0], box[1] / self.size[1], 1.0)
        return max(round(self.size[0] * scale), 1), max(round(self.size[1] * scale), 1)


def upright_of(frame: "VideoFrame", aspect: float | None, limits: MediaLimits) -> Upright:
    """Returns how the pictures of a stream become images, from its first picture.

    Args:
        frame: The picture, which carries the stream's display matrix.
        aspect: Width of a pixel by its height; None for square ones.
        limits: The limits on pixels, also on those of the result.

    Raises:
        MediaTooLargeError: Stretched to square pixels, it exceeds the limits.
    """
    is_stretched = aspect and 1 / _MOST_STRETCHED < aspect < _MOST_STRETCHED
    width = max(round(frame.width * aspect), 1) if is_stretched and aspect else frame.width
    limits.check("pixels", width * frame.height)
    turn = _turn(frame)
    size = (frame.height, width) if turn in _SIDEWAYS else (width, frame.height)
    return Upright(size, turn)


def to_image(
    frame: "VideoFrame", upright: Upright, *, size: tuple[int, int] | None = None
) -> Image.Image:
    """Returns a picture as an RGB image, or RGBA if its format holds transparency.

    Limited and full range, 8 bits and more, and chroma at any resolution are converted. Colours of
    HDR, and the two fields of an interlaced picture, stay as they are.

    Args:
        frame: The picture.
        upright: From `upright_of`.
        size: The image's width and height; by default those of `upright`.
    """
    wide, high = size or upright.size
    if upright.is_sideways:
        wide, high = high, wide
    converted = reformatted(frame, (wide, high), "rgba" if has_alpha(frame) else "rgb24")
    image = Image.fromarray(converted.to_ndarray())
    return image if upright.turn is None else image.transpose(upright.turn)


def reformatted(frame: "VideoFrame", size: tuple[int, int], pixels: str) -> "VideoFrame":
    """Returns a picture in another size and pixel format."""
    is_scaled = size != (frame.width, frame.height)
    return frame.reformat(
        width=size[0],
        height=size[1],
        format=pixels,
        interpolation="LANCZOS" if is_scaled else None,
        threads=1,
    )


def has_alpha(frame: "VideoFrame") -> bool:
    """Returns whether a picture may be transparent."""
    return any(component.is_alpha for component in frame.format.components)


def _turn(frame: "VideoFrame") -> Image.Transpose | None:
    from av.sidedata.sidedata import SideDataContainer, Type

    # A frame and its own `side_data` hold each other, and its pixels, until garbage is collected.
    side_data = cast("Callable[[VideoFrame], Mapping[object, Buffer]]", SideDataContainer)(frame)
    matrix = side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return None
    right_x, right_y, _, down_x, down_y, *_ = _MATRIX.unpack(bytes(matrix))
    return _TURNS.get((_sign(right_x), _sign(right_y), _sign(down_x), _sign(down_y)))


def _sign(number: int) -> int:
    return (number > _HALF) - (number < -_HALF)
