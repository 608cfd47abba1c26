"""Videos of a few frames: red at the top left, and a gray that says which frame it is."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np

from media_assets_tests.media.sounds import encode_tone

if TYPE_CHECKING:
    from av.video.stream import VideoStream

SIZE = (64, 48)
FPS = 10
_ENCODERS = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "vp8": "libvpx"}
_OPTIONS = {
    "h264": {"crf": "12", "preset": "ultrafast", "x264-params": "keyint=5:bframes=2"},
    "hevc": {"crf": "12", "preset": "ultrafast", "x265-params": "log-level=none:keyint=5"},
    "vp9": {"crf": "12", "b": "0", "cpu-used": "8", "deadline": "realtime", "g": "5"},
    "vp8": {"crf": "10", "b": "1M", "cpu-used": "8", "deadline": "realtime", "g": "5"},
    "mpeg4": {"qscale": "2", "g": "5", "sc_threshold": "1000000000"},
}
_MUXERS = {".mkv": "matroska", ".ts": "mpegts", ".mpg": "mpeg", ".ogv": "ogg"}


def gray_of(index: int) -> int:
    """The gray of a frame, by its number."""
    return 40 + index * 12 % 180


def picture(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The picture of a frame as (height, width, 3): red at the top left, else gray."""
    array = np.full((size[1], size[0], 3), gray_of(index), np.uint8)
    array[: size[1] // 2, : size[0] // 2] = (220, 30, 30)
    return array


def make_video(
    path: Path,
    *,
    codec: str = "h264",
    seconds: float = 1.0,
    fps: int = FPS,
    size: tuple[int, int] = SIZE,
    rotation: int = 0,
    mirrored: bool = False,
    with_audio: bool = False,
    audio_codec: str = "aac",
    aspect: Fraction | None = None,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    container: str | None = None,
    muxer_options: dict[str, str] | None = None,
    title: str | None = None,
) -> Path:
    """Writes a video and returns its path.

    Args:
        path: The file; its ending says the container, unless `container` does.
        codec: Of the pictures.
        seconds: Its duration.
        fps: Frames per second.
        size: Width and height as stored.
        rotation: Degrees counterclockwise by which it is to be shown turned.
        mirrored: Whether it is to be shown with left and right exchanged.
        with_audio: Whether it has a tone of the same duration.
        audio_codec: Of the tone.
        aspect: Width of a pixel by its height.
        pixels: The pixel format.
        options: The encoder's, instead of the usual ones.
        times: Time stamps of the frames in units of 1/fps, instead of 0, 1, 2, ...
        container: FFmpeg's name of it.
        muxer_options: Its options.
        title: What the file says that it shows.
    """
    muxer = container or _MUXERS.get(path.suffix, path.suffix[1:])
    count = len(times) if times else round(seconds * fps)
    options_of_file = {"fflags": "+bitexact", **(muxer_options or {})}
    with av.open(str(path), "w", format=muxer, container_options=options_of_file) as out:
        if title:
            out.metadata["title"] = title
        name = _ENCODERS.get(codec, codec)
        chosen = _OPTIONS.get(codec, {}) if options is None else options
        stream = cast("VideoStream", out.add_stream(name, rate=fps, options=chosen))
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.thread_count = 1
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation or mirrored:
            stream.set_display_rotation(rotation, hflip=mirrored)
        sound = encode_tone(out, audio_codec, seconds) if with_audio else iter(())
        next(sound, None)
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(picture(index, size), format="rgb24")
            frame = frame.reformat(format=pixels)
            frame.pts, frame.time_base = times[index] if times else index, Fraction(1, fps)
            out.mux(stream.encode(frame))
            next(sound, None)
        out.mux(stream.encode(None))
        for _ in sound:
            pass
    return path
