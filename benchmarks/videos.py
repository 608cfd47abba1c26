"""Videos and a document to measure: made here, and kept in a folder that git ignores."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.inputs import KEPT
from media_assets_tests.media.pdfs import make_pdf

if TYPE_CHECKING:
    from av.video.stream import VideoStream

_SIZE, _FPS, _RATE = (1280, 720), 30, 48_000
_SECONDS = 30


def make_video() -> Path:
    """Returns 30 s of 1280x720 in H.264, about 6 Mbit/s, a key frame every 2 s, with AAC sound."""
    return _drawn("video-720p.mp4", {"preset": "veryfast", "b": "6M", "g": "60"})


def make_usual_video(bit_rate: str, group: int) -> Path:
    """Returns the same, with three frames between those to which others refer, as x264 has it.

    Args:
        bit_rate: Of the pictures, about: "6M".
        group: The frames from one key frame to the next.
    """
    referring = f"keyint={group}:bframes=3:b-pyramid=normal:scenecut=0"
    options = {"preset": "veryfast", "b": bit_rate, "x264-params": referring}
    return _drawn(f"video-720p-{bit_rate}-{group}.mp4", options)


def _drawn(name: str, options: dict[str, str]) -> Path:
    import av

    path = KEPT / name
    if path.exists():
        return path
    KEPT.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    noise = np.random.default_rng(1).integers(0, 24, (4, _SIZE[1], _SIZE[0], 3), np.uint8)
    across = np.linspace(0, 200, _SIZE[0]).astype(np.uint8)[None, :, None]
    with av.open(str(part), "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=_FPS, options=options)
        video.width, video.height, video.pix_fmt = *_SIZE, "yuv420p"
        audio = out.add_stream("aac", rate=_RATE)
        audio.layout = "mono"
        tone = np.sin(np.arange(_RATE) * 440 * 2 * np.pi / _RATE).astype(np.float32)[None] / 2
        for index in range(_SECONDS * _FPS):
            picture = noise[index % len(noise)] + np.roll(across, index * 7, axis=1)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, _FPS)
            out.mux(video.encode(frame))
            if index % _FPS == 0:
                second = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
                second.sample_rate, second.pts = _RATE, index // _FPS * _RATE
                second.time_base = Fraction(1, _RATE)
                out.mux(audio.encode(second))
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
    return part.rename(path)


def make_document() -> Path:
    """Returns a PDF whose first page is full of small boxes."""
    path = KEPT / "boxes.pdf"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        boxes = (
            f"{x % 7 / 7:.2f} {y % 5 / 5:.2f} 0.5 rg {x * 6} {y * 6} 5 5 re f"
            for x in range(100)
            for y in range(130)
        )
        path.write_bytes(make_pdf(10, content="\n".join(boxes)))
    return path


def make_long_video(times: int, of: Path | None = None) -> Path:
    """Returns the pictures of a video of 30 s so many times, one after the other.

    Args:
        times: How often.
        of: The video; by default that of `make_video`.
    """
    import av

    of = of or make_video()
    path = KEPT / f"{of.stem}-{times}.mkv"
    if path.exists():
        return path
    part = path.with_suffix(".part")
    with av.open(str(part), "w", format="matroska") as out:
        copy: VideoStream | None = None
        for turn in range(times):
            with av.open(str(of)) as source:
                stream = source.streams.video[0]
                copy = copy or out.add_stream_from_template(stream, opaque=True)
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(turn * _SECONDS / packet.time_base)
                    packet.pts, packet.dts, packet.stream = (
                        packet.pts + shift,
                        packet.dts + shift,
                        copy,
                    )
                    out.mux(packet)
    return part.rename(path)
