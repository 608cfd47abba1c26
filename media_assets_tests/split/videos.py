"""Videos of every way to refer from frame to frame, and what decoding all of each gives."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np

if TYPE_CHECKING:
    from av.video.stream import VideoStream

FRAMES, FPS = 48, 10
SIZE = (64, 48)
_NOISE = np.random.default_rng(0).integers(0, 255, (SIZE[1], 400, 3), np.uint8)
_X264 = "keyint=12:scenecut=0:bframes=3:b-pyramid=normal:ref=4"
_X265 = "log-level=none:keyint=12:scenecut=0:bframes=4"


@dataclass(frozen=True)
class Kind:
    """How a video is made; `times` are its frames', in hundredths of a second."""

    codec: str
    options: dict[str, str]
    name: str = "a.mp4"
    times: Sequence[int] = range(0, FRAMES * 10, 10)


def _uneven() -> list[int]:
    """Times of a variable rate: still pictures, bursts, and frames that share a millisecond."""
    steps = np.random.default_rng(7).choice([1, 2, 7, 10, 10, 31, 90], FRAMES - 1)
    return [0, *(int(time) for time in np.cumsum(steps))]


KINDS = {
    "h264-closed": Kind("libx264", {"x264-params": _X264}),
    "h264-open": Kind("libx264", {"x264-params": f"{_X264}:open-gop=1:b-adapt=0"}),
    "h264-refreshed": Kind("libx264", {"x264-params": "keyint=12:intra-refresh=1:bframes=0"}),
    "h264-uneven": Kind("libx264", {"x264-params": f"{_X264}:open-gop=1"}, times=_uneven()),
    "h264-late": Kind(
        "libx264",
        {"x264-params": f"{_X264}:open-gop=1"},
        "a.mkv",
        range(700, 700 + FRAMES * 10, 10),
    ),
    "h264-broadcast": Kind("libx264", {"x264-params": _X264}, "a.ts"),
    "hevc-closed": Kind("libx265", {"x265-params": f"{_X265}:open-gop=0"}),
    "hevc-open": Kind("libx265", {"x265-params": f"{_X265}:open-gop=1"}),
    "hevc-layers": Kind("libx265", {"x265-params": f"{_X265}:open-gop=1:temporal-layers=3"}),
    "hevc-uneven": Kind("libx265", {"x265-params": f"{_X265}:open-gop=1"}, "a.mkv", _uneven()),
    "vp9": Kind("libvpx-vp9", {"crf": "20", "b": "0", "g": "12", "cpu-used": "8"}, "a.webm"),
    "vp9-uneven": Kind(
        "libvpx-vp9", {"crf": "20", "b": "0", "g": "12", "cpu-used": "8"}, "a.webm", _uneven()
    ),
    "av1": Kind("libsvtav1", {"crf": "40", "g": "12", "preset": "12"}, "a.mkv"),
    "mpeg4": Kind("mpeg4", {"qscale": "2", "g": "12", "bf": "2"}),
    "mpeg4-avi": Kind("mpeg4", {"qscale": "2", "g": "12", "bf": "0"}, "a.avi"),
}


def make(folder: Path, kind: Kind) -> Path:
    """Writes a video of moving noise: no two frames are alike."""
    path = folder / kind.name
    # Run by root, SVT-AV1 gives the thread that opens it real-time priority, for good.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_encode, kind, path).result()
    return path


def _encode(kind: Kind, path: Path) -> None:
    with av.open(str(path), "w") as out:
        stream = cast("VideoStream", out.add_stream(kind.codec, rate=FPS, options=kind.options))
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        is_even = kind.codec == "mpeg4"
        stream.codec_context.time_base = Fraction(1, FPS if is_even else 100)
        stream.codec_context.thread_count = 1
        for number, time in enumerate(kind.times):
            picture = np.ascontiguousarray(_NOISE[:, number * 5 : number * 5 + SIZE[0]])
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.time_base = Fraction(1, FPS if is_even else 100)
            frame.pts = time // 10 if is_even else time
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@dataclass(frozen=True)
class Shown:
    """A frame as decoding everything gives it: seconds after the start, and pixels in RGB."""

    time: float
    pixels: bytes


def decoded(path: Path) -> tuple[list[Shown], float]:
    """All frames, and how long the last one is shown: as long as frames are on average."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        assert stream.average_rate is not None
        start, base = stream.start_time or 0, float(stream.time_base)
        frames = [
            Shown(
                ((frame.dts or 0 if frame.pts is None else frame.pts) - start) * base,
                frame.to_ndarray(format="rgb24").tobytes(),
            )
            for frame in container.decode(stream)
        ]
        return frames, 1 / float(stream.average_rate)
