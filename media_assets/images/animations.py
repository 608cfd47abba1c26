"""Animations from files: GIF, WebP and APNG, frame by frame within limits."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import islice

from PIL import Image, ImageFile, PngImagePlugin, WebPImagePlugin

from media_assets.errors import ImageTooLargeError, UndecodableImageError
from media_assets.images import webp
from media_assets.images.corrections import correct_decoded
from media_assets.images.damage import ends_early
from media_assets.images.decode import KEPT_INFO, OpenedImage, decode_image, open_image
from media_assets.images.gif_frames import gif_frames, read_gif
from media_assets.images.limits import ImageLimits
from media_assets.images.modes import share_pixels
from media_assets.images.orientation import to_upright
from media_assets.images.png import animation_chunks, png_chunks
from media_assets.pixels.animation import Animation

_ANIMATED = ("GIF", "WEBP", "PNG")


def animation_of(
    opened: OpenedImage, limits: ImageLimits, began: Callable[[], None] = lambda: None
) -> Animation:
    """Returns all frames of an image; of one that is not animated, the image that it is.

    Pages of a TIFF and images in a HEIF or AVIF are no frames.

    Args:
        opened: The result of `open_image`.
        limits: The limits on it.
        began: Called when an iteration begins to decode. It raises `ImageTooLargeError` if all
            frames together have more pixels than `limits` allow.

    Raises:
        UndecodableImageError: It is damaged where it says how its frames are played.
    """
    opened = _whole(opened, limits) or opened
    if opened.frames == 1 or opened.format not in _ANIMATED:

        def still() -> Iterator[Image.Image]:
            began()
            keeps = opened.keeps_truncated
            yield decode_image(open_image(opened.content, limits, keeps_truncated=keeps))

        return Animation(still, [0.0], loop=1)
    try:
        durations, loop, total = _timing(opened)
    except (struct.error, LookupError, StopIteration) as error:
        raise UndecodableImageError(opened.format, "its list of frames is damaged") from error

    def frames() -> Iterator[Image.Image]:
        # Here, since it is an error of who reads all frames, and not of the image.
        limits.check("animation_pixels", total)
        began()
        decoded = _decoded(opened, limits)
        for number in range(1, len(durations) + 1):
            try:
                frame = next(decoded)
            except (MemoryError, ImageTooLargeError):
                raise
            except Exception as error:  # Damaged frames raise a dozen classes, as files do.
                reason = f"frame {number} of {len(durations)} is damaged"
                raise UndecodableImageError(opened.format, reason) from error
            yield to_upright(frame, opened.orientation)

    return Animation(frames, durations, loop=loop)


def _whole(opened: OpenedImage, limits: ImageLimits) -> OpenedImage | None:
    """Returns a file that ends early, and may be kept so, as a whole one if no frame lacks a part.

    All frames are decoded to find out.
    """
    is_cut = opened.keeps_truncated and opened.format in _ANIMATED
    if not is_cut or not ends_early(opened.format, opened.content):
        return None
    try:
        whole = open_image(opened.content, limits)
        durations, _, total = _timing(whole)
        limits.check("animation_pixels", total)
        frames = sum(1 for _ in islice(_decoded(whole, limits), len(durations)))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  Damaged frames raise a dozen classes, as files do.
        return None
    return whole if frames == len(durations) else None


def _timing(opened: OpenedImage) -> tuple[list[float], int, int]:
    """Returns the seconds of each frame, how often all are played, and the pixels of all frames.

    If what there is of a file that ends early is kept, its last frame, which is cut, is left out.
    """
    content, canvas = opened.content, opened.size[0] * opened.size[1]
    beyond = 0
    match opened.format:
        case "GIF":
            gif = read_gif(content, opened.size)
            durations, loop = [frame.seconds for frame in gif.frames], gif.loop
            beyond = sum(max(frame.pixels - canvas, 0) for frame in gif.frames)
        case "WEBP":
            content = _whole_webp(opened)
            durations = [
                int.from_bytes(chunk[12:15], "little") / 1000
                for chunk in webp.chunks(content, b"ANMF")
            ]
            loop = int.from_bytes(next(webp.chunks(content, b"ANIM"))[4:6], "little")
        case _:
            durations, loop = _png_timing(content)
    if opened.keeps_truncated and len(durations) > 1 and ends_early(opened.format, content):
        durations.pop()
    if not durations:
        raise LookupError(opened.format)
    return durations, loop, len(durations) * canvas + beyond


def _whole_webp(opened: OpenedImage) -> bytes:
    """Returns a file that can be opened, also if what there is of a cut one is kept."""
    content = opened.content
    is_cut = opened.keeps_truncated and ends_early("WEBP", content)
    return (webp.ended(content) if is_cut else None) or content


def _png_timing(content: bytes) -> tuple[list[float], int]:
    durations: list[float] = []
    loop = 0
    for kind, start, end in png_chunks(content):
        data = content[start + 8 : end - 4]
        if kind == b"acTL":
            (loop,) = struct.unpack_from(">4xI", data)
        elif kind == b"fcTL":
            delay, per_second = struct.unpack_from(">20x2H", data)
            durations.append(delay / (per_second or 100))
    return durations, loop


def _decoded(opened: OpenedImage, limits: ImageLimits) -> Iterator[Image.Image]:
    if opened.format == "GIF":
        yield from gif_frames(read_gif(opened.content, opened.size), limits)
        return
    first = 0
    if opened.format == "WEBP":
        file: ImageFile.ImageFile = WebPImagePlugin.WebPImageFile(BytesIO(_whole_webp(opened)))
    else:
        file = PngImagePlugin.PngImageFile(BytesIO(animation_chunks(opened.content)))
        first = int(getattr(file, "default_image", False))  # it is shown where nothing is animated
    png = opened.png and replace(opened.png, key=opened.png.key if opened.png.depth <= 8 else None)  # noqa: PLR2004  deeper keys are Pillow's
    for number in range(first, int(getattr(file, "n_frames", 1))):
        file.seek(number)
        file.load()
        # Pillow draws the next frame into the same memory.
        frame = share_pixels(file.copy(), keeping=KEPT_INFO)
        yield correct_decoded(frame, file, opened.content, png, [])
