"""The frames of an animated GIF, as browsers show them.

Each is decoded as a file of its own and laid on the canvas; what the frame before leaves there is
decided by its disposal. Where nothing was drawn, the canvas is transparent: the background colour
that a file names is not used by browsers.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from media_assets.images.files import load_file, open_file
from media_assets.images.limits import ImageLimits

_HEADER = 13
_FRAME, _EXTENSION, _CONTROL, _APPLICATION, _END = 0x2C, 0x21, 0xF9, 0xFF, b"\x3b"
_TABLE, _HAS_KEY = 0x80, 1
_CLEAR, _RESTORE = 2, 3
_LOOPS = b"NETSCAPE2.0"


@dataclass(frozen=True, slots=True)
class GifFrame:
    """One frame as it is stored: where it is on the canvas, its bytes, and its controls."""

    box: tuple[int, int, int, int]
    stored: bytes
    seconds: float = 0.0
    disposal: int = 0
    has_key: bool = False

    @property
    def pixels(self) -> int:
        """How many are decoded for it, also beyond the canvas."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


@dataclass(frozen=True, slots=True)
class Gif:
    """The frames of a GIF, and how often they are played; 0 for ever."""

    size: tuple[int, int]
    frames: tuple[GifFrame, ...]
    loop: int = 1

    @property
    def is_opaque(self) -> bool:
        """Whether every pixel is drawn by the first frame, and none is cleared."""
        return self.frames[0].box == (0, 0, *self.size) and not any(
            frame.has_key or frame.disposal == _CLEAR for frame in self.frames
        )


def read_gif(content: bytes, size: tuple[int, int]) -> Gif:
    """Returns the frames of a GIF that has at least one, without decoding any.

    Args:
        content: The file. If it ends early, its last frame is cut.
        size: Its canvas.
    """
    frames: list[GifFrame] = []
    loop, control = 1, b"\0\0\0\0"
    for kind, start, end in _blocks(content):
        if kind == _CONTROL:
            control = content[start + 3 : start + 7].ljust(4, b"\0")
        elif kind == _APPLICATION and content[start + 3 : start + 14] == _LOOPS:
            (times,) = struct.unpack("<H", content[start + 16 : start + 18].ljust(2, b"\0"))
            loop = times + 1 if times else 0  # it says how often they are repeated
        elif kind == _FRAME:
            frames.append(_frame(content, start, end, control))
            control = b"\0\0\0\0"
    return Gif(size, tuple(frames), loop)


def gif_frames(gif: Gif, limits: ImageLimits) -> Iterator[Image.Image]:
    """Yields the frames as whole images: RGB if the animation is opaque, otherwise RGBA.

    Raises:
        ImageTooLargeError: A frame is larger than the limit.
        UndecodableImageError: A frame is damaged.
    """
    canvas = Image.new("RGBA", gif.size)
    for frame in gif.frames:
        limits.check("pixels", frame.pixels)
        before = canvas.copy() if frame.disposal == _RESTORE else None
        drawn = load_file(open_file("GIF", frame.stored)).convert("RGBA")
        canvas.paste(drawn, frame.box[:2], drawn)
        yield canvas.convert("RGB") if gif.is_opaque else canvas.copy()
        if before is not None:
            canvas = before
        elif frame.disposal == _CLEAR:
            canvas.paste((0, 0, 0, 0), frame.box)


def _frame(content: bytes, start: int, end: int, control: bytes) -> GifFrame:
    """Returns a frame, with a file of its own that has its palette, its key and its size."""
    left, top, width, height = struct.unpack_from("<4H", content, start + 1)
    flags, delay, key = struct.unpack("<BHB", control)
    palette = content[_HEADER : _HEADER + _table_bytes(content[10])]
    screen = struct.pack("<2H", width, height) + content[10:_HEADER]
    # Without disposal: there is nothing behind it here.
    controls = struct.pack("<4BHBB", _EXTENSION, _CONTROL, 4, flags & _HAS_KEY, 0, key, 0)
    image = b"\x2c\0\0\0\0" + content[start + 5 : end]
    return GifFrame(
        (left, top, left + width, top + height),
        b"".join((b"GIF89a", screen, palette, controls, image, _END)),
        delay / 100,
        flags >> 2 & 7,
        bool(flags & _HAS_KEY),
    )


def _blocks(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yields the kind, start and end of each frame and each extension."""
    position = _HEADER + _table_bytes(content[10])
    while position + 10 <= len(content):
        start, kind = position, content[position]
        if kind == _FRAME:
            position += 10 + _table_bytes(content[position + 9]) + 1
        elif kind == _EXTENSION:
            kind, position = content[position + 1], position + 2
        elif kind == 0:
            position += 1
            continue
        else:
            return
        while position < len(content) and content[position]:
            position += 1 + content[position]
        position += 1
        yield kind, start, position


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & _TABLE else 0
