"""Images of a video's frames: one at a time, by time or by choice."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import as_fraction, open_media
from media_assets.errors import MediaTimeError, UndecodableMediaError
from media_assets.video.decoding import (
    WHOLE_FRAMES,
    Decoded,
    all_frames,
    chosen_frames,
    finished,
    index_of,
)
from media_assets.video.selection import Selection
from media_assets.video.streams import Pictures
from media_assets.video.upright import Upright, to_image, upright_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_TOLERANCE = 0.001
_STEPS_BACK = (0.0, 2.0, 15.0)
"""Seconds before the wanted time at which decoding is tried to begin."""


class Frame(NamedTuple):
    """A frame of a video.

    Attributes:
        time: Seconds after the start, as the file says.
        image: The picture: upright, in square pixels, RGB or RGBA.
    """

    time: float
    image: Image.Image


def read_frames(
    path: Path, selection: Selection, limits: MediaLimits, *, size: tuple[int, int] | None = None
) -> Iterator[Frame]:
    """Yields the chosen frames in the order in which they are shown, one in memory at a time.

    The file is closed when the last one was taken, or the iterator is closed.

    Args:
        path: The video.
        selection: From `select`.
        limits: The limits on it.
        size: A box that images are scaled down to fit; by default they keep their size.

    Raises:
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    index = index_of(path, limits, selection)
    with open_media(path, limits) as opened:
        pictures = Pictures(opened)
        upright: Upright | None = None
        with closing(chosen_frames(pictures, selection, index)) as frames:
            for time, _, frame in frames:
                upright = upright or upright_in(pictures, frame)
                with opened.deadline.paused():
                    yield Frame(time, to_image(frame, upright, size=upright.fitted(size)))


def read_frame(
    path: Path, at: float, limits: MediaLimits, *, size: tuple[int, int] | None = None
) -> Frame:
    """Returns the frame that is shown at a time.

    Args:
        path: The video.
        at: Seconds after the start. Before the first frame it is the first one.
        limits: The limits on the file.
        size: A box that the image is scaled down to fit; by default it keeps its size.

    Raises:
        MediaTimeError: The time is negative, or after the end.
        UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
    """
    if not at >= 0:
        raise MediaTimeError(at, medium="video", duration=None)
    with open_media(path, limits) as opened:
        pictures = Pictures(opened)
        if (found := _sought(pictures, at)) is not None:
            return _image(found, pictures, size)
    with open_media(path, limits) as opened:
        pictures = Pictures(opened)
        return _image(_shown_at(all_frames(pictures), at, pictures), pictures, size)


def first_frame(pictures: Pictures) -> "VideoFrame":
    """Returns the first frame of a file that is at its beginning.

    Where packets hold whole frames, no more than the first is decoded: a decoder would wait for
    frames that may be shown before it. Packets that are only there to decode later ones come
    before it in a video that was cut without encoding.

    Raises:
        UndecodableMediaError: It has none.
    """
    opened = pictures.opened
    for packet in opened.packets(pictures.stream):
        frames = opened.pictures(packet)
        is_whole = packet.is_keyframe and packet.size and not packet.is_discard
        if not frames and is_whole and opened.format in WHOLE_FRAMES:
            frames = finished(pictures)
        if frames:
            return frames[0]
    reason = "it holds no picture"
    raise UndecodableMediaError(opened.format, reason)


def upright_in(pictures: Pictures, frame: "VideoFrame") -> Upright:
    """Returns how the pictures of a file become images."""
    stream = pictures.stream
    aspect = as_fraction(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio)
    return upright_of(frame, float(aspect) if aspect else None, pictures.opened.limits)


def _image(found: Decoded, pictures: Pictures, size: tuple[int, int] | None) -> Frame:
    upright = upright_in(pictures, found.frame)
    return Frame(found.time, to_image(found.frame, upright, size=upright.fitted(size)))


def _shown_at(frames: Iterator[Decoded], at: float, pictures: Pictures) -> Decoded:
    """Returns the last frame that begins at or before a time, else the first."""
    shown: Decoded | None = None
    for frame in frames:
        if shown is not None and frame.time > at + _TOLERANCE:
            return shown
        shown = frame
    if shown is None:
        reason = "it holds no picture"
        raise UndecodableMediaError(pictures.opened.format, reason)
    until = shown.time + 1 / (pictures.fps or 1)
    duration = max(pictures.opened.seconds or 0.0, until)
    if at > duration + _TOLERANCE:
        raise MediaTimeError(at, medium="video", duration=duration)
    return shown


def _sought(pictures: Pictures, at: float) -> Decoded | None:
    """Returns the frame at a time, decoded from a key frame before it.

    None if the file cannot be entered there: its frames have to be counted from the start.
    """
    for back in _STEPS_BACK:
        if not pictures.seek(max(at - back, 0.0)):
            return None
        frames = _frames_from_here(pictures)
        first = next(frames, None)
        if first is not None and first.time <= at + _TOLERANCE:
            return _shown_at(chain((first,), frames), at, pictures)
    return None


def _frames_from_here(pictures: Pictures) -> Iterator[Decoded]:
    """Yields the frames from the next key frame on; none from where a time stamp is missing.

    Frames that are shown before that key frame, but stored after it, refer to what was not read.
    """
    start: int | None = None
    for packet in pictures.opened.packets(pictures.stream):
        if start is None and packet.is_keyframe:
            start = packet.dts if pictures.opened.format == "avi" else packet.pts
        if start is None:
            continue
        for stamp, frame in pictures.decoded(packet):
            if stamp is None:
                return
            if stamp >= start:
                yield Decoded(pictures.seconds(stamp), frame.key_frame, frame)
