"""Writing of animations as WebP, GIF and PNG, with one frame in memory beside the one before.

Pillow writes animated WebP. Its writers of GIF and PNG hold all frames, merge those that are
equal, and choose palettes and disposals that show other pixels, so frames are written one by one
here: each as a file of its own, whose pixels are then taken over. Of an opaque frame, only the part
that differs from the frame before is written.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import chain, pairwise
from typing import BinaryIO

from PIL import Image, ImageChops

from media_assets.errors import UnencodableImageError, UnequalFramesError
from media_assets.images.encode import Written, encode_image, prepare
from media_assets.images.formats import ANIMATED_FORMATS, OUTPUT_FORMATS, Encoding
from media_assets.images.modes import has_transparency, on_white, with_alpha
from media_assets.images.png import png_chunks
from media_assets.images.webp import with_free_canvas
from media_assets.pixels.animation import Animation

_CLEAR, _LEAVE = 2, 1
_HAS_KEY, _HAS_PALETTE, _INTERLACED = 1, 0x80, 0x40
_PER_SECOND = (1000, 100, 10, 1)
_LARGEST = 0xFFFF
_GIF_HEADER = 13
_Box = tuple[int, int, int, int]


def encode_animation(animation: Animation, file: BinaryIO, encoding: Encoding) -> Written:
    """Writes an animation, and returns the format; one of a single frame is written as an image.

    Times are rounded to what the format holds, 1/100 second in a GIF, so that none is gained or
    lost over all. Whether pixels can be transparent is decided by the first frame. The same frames
    give the same bytes.

    Raises:
        UnencodableImageError: A frame has no pixels, or a side longer than the format allows.
        UnequalFramesError: Frames have different sizes, or are fewer than their times.
        UndecodableImageError: A frame that is only read now is damaged.
        OSError: The file cannot be written.
    """
    frames = iter(animation)
    first = next(frames, None)
    if first is None:
        raise UnequalFramesError(found="0 frames", expected=f"{len(animation)} frames")
    if len(animation) == 1:
        return encode_image(first, file, encoding)
    name = encoding.format or ANIMATED_FORMATS[0]
    limit = OUTPUT_FORMATS[name].max_side
    if not 0 < min(first.size) <= max(first.size) <= limit:
        raise UnencodableImageError(name, first.size, max_side=limit)
    checked = _checked(chain([first], frames), first.size, len(animation))
    _WRITERS[name](animation, checked, first, file, replace(encoding, format=name))
    file.flush()
    return Written(name)


def _checked(
    frames: Iterator[Image.Image], size: tuple[int, int], count: int
) -> Iterator[Image.Image]:
    found = 0
    for found, frame in enumerate(frames, start=1):
        if frame.size != size or found > count:
            what = f"frame {found} of {frame.width} x {frame.height} pixels"
            raise UnequalFramesError(found=what, expected=f"{count} of {size[0]} x {size[1]}")
        yield frame
    if found < count:
        raise UnequalFramesError(found=f"{found} frames", expected=f"{count} frames")


def _ticks(animation: Animation, per_second: int) -> list[int]:
    """Returns the duration of each frame in parts of a second, without a drift over all."""
    ends, total = [0], 0.0
    for seconds in animation.durations:
        total += seconds
        ends.append(round(total * per_second))
    return [end - start for start, end in pairwise(ends)]


def _write_webp(
    animation: Animation,
    frames: Iterator[Image.Image],
    first: Image.Image,
    file: BinaryIO,
    encoding: Encoding,
) -> None:
    output = OUTPUT_FORMATS["WEBP"]
    _, profile = prepare(first, output)
    options = dict(encoding.save_options)
    if profile is not None:
        options["icc_profile"] = profile.content
    if encoding.kept is not None:
        options["exif"] = encoding.kept.block()
    played = _Played((prepare(frame, output)[0] for frame in frames), len(animation))
    content = BytesIO()
    times = _ticks(animation, 1000)
    played.save(content, "WEBP", save_all=True, duration=times, loop=animation.loop, **options)
    for _ in frames:  # Pillow takes as many as there are times; if there are more, this raises.
        pass
    file.write(with_free_canvas(content.getvalue()))


class _Played(Image.Image):
    """An image that Pillow takes for an animated file: going on to a frame takes the next one."""

    def __init__(self, frames: Iterator[Image.Image], count: int) -> None:
        super().__init__()
        self._frames, self.n_frames, self._next = frames, count, 0
        self.seek(0)
        self._next = 0

    def seek(self, frame: int) -> None:
        """Takes the next frame, unless it has been taken."""
        if frame == self._next and (frame or self._im is None):
            taken = next(self._frames)
            self.im, self._mode, self._size = taken.im, taken.mode, taken.size
        self._next = max(self._next, frame + 1)

    def tell(self) -> int:
        """The first frame: where Pillow goes back to."""
        return 0


def _write_gif(
    animation: Animation,
    frames: Iterator[Image.Image],
    first: Image.Image,
    file: BinaryIO,
    encoding: Encoding,
) -> None:
    is_transparent = has_transparency(first)
    file.write(b"GIF89a" + struct.pack("<2H3B", *first.size, 0, 0, 0))
    if animation.loop != 1:
        repeated = max(animation.loop - 1, 0)
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", repeated, 0))
    plain = map(partial(_in_mode, is_transparent=is_transparent), frames)
    times = _ticks(animation, 100)
    for (box, part), ticks in zip(_parts(plain, first.size), times, strict=True):
        still = BytesIO()
        encode_image(part, still, Encoding("GIF", encoding.save_options))
        palette, flags, key, image = _pixels_of_gif(still.getvalue())
        controls = (_CLEAR if is_transparent else _LEAVE) << 2 | (key is not None)
        file.write(
            struct.pack("<4BHBB", 0x21, 0xF9, 4, controls, min(ticks, _LARGEST), key or 0, 0)
        )
        place = (*box[:2], box[2] - box[0], box[3] - box[1])
        file.write(struct.pack("<B4HB", 0x2C, *place, flags) + palette + image)
    file.write(b"\x3b")


def _pixels_of_gif(content: bytes) -> tuple[bytes, int, int | None, bytes]:
    """Returns the palette, flags, transparent index and packed pixels of an image."""
    table = content[10] & 7
    start = _GIF_HEADER + (3 << (table + 1) if content[10] & _HAS_PALETTE else 0)
    palette, key = content[_GIF_HEADER:start], None
    while content[start] == 0x21:  # noqa: PLR2004  an extension
        if content[start + 1] == 0xF9 and content[start + 3] & _HAS_KEY:  # noqa: PLR2004  controls
            key = content[start + 6]
        start += 2
        while content[start]:
            start += 1 + content[start]
        start += 1
    own = content[start + 9]
    if own & _HAS_PALETTE:
        size = 3 << ((own & 7) + 1)
        palette, table = content[start + 10 : start + 10 + size], own & 7
        start += size
    flags = _HAS_PALETTE | own & _INTERLACED | table
    return palette, flags, key, content[start + 10 : -1]


def _write_png(
    animation: Animation,
    frames: Iterator[Image.Image],
    first: Image.Image,
    file: BinaryIO,
    encoding: Encoding,
) -> None:
    is_transparent = has_transparency(first)
    plain = map(partial(_in_mode, is_transparent=is_transparent), frames)
    number, milliseconds = 0, _ticks(animation, 1000)
    for (box, part), ticks in zip(_parts(plain, first.size), milliseconds, strict=True):
        still = BytesIO()
        encode_image(part, still, encoding if number == 0 else replace(encoding, kept=None))
        content = still.getvalue()
        chunks = [(kind, content[at + 8 : end - 4]) for kind, at, end in png_chunks(content)]
        if number == 0:
            file.write(content[:8] + _chunk(*chunks[0]))
            file.write(_chunk(b"acTL", struct.pack(">2I", len(animation), animation.loop)))
            others = [each for each in chunks[1:] if each[0] not in {b"IDAT", b"IEND"}]
            file.write(b"".join(_chunk(*each) for each in others))
        place = (box[2] - box[0], box[3] - box[1], *box[:2])
        file.write(_chunk(b"fcTL", struct.pack(">5I2H2B", number, *place, *_delay(ticks), 0, 0)))
        number += 1
        for data in (data for kind, data in chunks if kind == b"IDAT"):
            if number == 1:
                file.write(_chunk(b"IDAT", data))
            else:
                file.write(_chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    file.write(_chunk(b"IEND", b""))


def _delay(milliseconds: int) -> tuple[int, int]:
    """Returns a duration as a fraction of 16 bits."""
    pairs = ((milliseconds * per // 1000, per) for per in _PER_SECOND)
    return next((pair for pair in pairs if pair[0] <= _LARGEST), (_LARGEST, 1))


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _in_mode(frame: Image.Image, *, is_transparent: bool) -> Image.Image:
    """Returns a frame as RGB, or as RGBA if frames can be transparent."""
    profile = frame.info.get("icc_profile")
    if has_transparency(frame):
        layered = with_alpha(frame)
        made = layered.convert("RGBA") if is_transparent else on_white(layered).convert("RGB")
    else:
        opaque, _ = prepare(frame, OUTPUT_FORMATS["WEBP"])
        made = opaque.convert("RGBA" if is_transparent else "RGB")
    if profile is not None:
        made.info["icc_profile"] = profile
    return made


def _parts(
    frames: Iterator[Image.Image], size: tuple[int, int]
) -> Iterator[tuple[_Box, Image.Image]]:
    """Yields the part of each frame that is written, and where it is.

    Transparent frames are whole: each is cleared before the next.
    """
    before: Image.Image | None = None
    for frame in frames:
        box: _Box | None = (0, 0, *size)
        if before is not None and frame.mode == "RGB":
            box = ImageChops.difference(before, frame).getbbox()
        before = frame
        chosen = box or (0, 0, 1, 1)  # nothing differs: a pixel for the time that it takes
        yield chosen, frame if chosen == (0, 0, *size) else frame.crop(chosen)


_Writer = Callable[[Animation, Iterator[Image.Image], Image.Image, BinaryIO, Encoding], None]
_WRITERS: dict[str, _Writer] = {"WEBP": _write_webp, "GIF": _write_gif, "PNG": _write_png}
