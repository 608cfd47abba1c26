"""Work on one video: by this package, or by PyAV alone as one would write it."""

import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.stopwatch import measured, tell
from media_assets.video.handle import Video
from media_assets.video.kind import inspect

_TURNS = 20


def _facts(source: Path, _: Path) -> None:
    inspect(source)
    _hash(source)


def _bare_open(source: Path, _: Path) -> None:
    import av

    with av.open(str(source)) as container:
        assert container.duration
    _hash(source)


def _poster(source: Path, _: Path) -> None:
    Video(source).frame(at=1.0)


def _bare_poster(source: Path, _: Path) -> None:
    import av

    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        container.seek(round(1 / (stream.time_base or 1)), stream=stream)
        next(frame for frame in container.decode(stream) if frame.time >= 1.0).to_image()


def _audio(source: Path, target: Path) -> None:
    sound = Video(source).audio()
    assert sound is not None
    sound.write(target, format="m4a")


def bare_audio(source: Path, target: Path) -> None:
    """Copies the sound of a video as one would write it with PyAV."""
    import av

    with av.open(str(source)) as container, av.open(str(target), "w", format="ipod") as out:
        stream = container.streams.audio[0]
        copy = out.add_stream_from_template(stream, opaque=True)
        for packet in container.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)


def _frames(source: Path, _: Path) -> None:
    for _time, image in Video(source).frames(fps=1):
        assert image.width


def _hash(source: Path) -> None:
    with source.open("rb") as file:
        hashlib.file_digest(file, "sha256")


_WORK: Mapping[str, Callable[[Path, Path], None]] = {
    "facts": _facts,
    "bare-facts": _bare_open,
    "poster": _poster,
    "bare-poster": _bare_poster,
    "audio": _audio,
    "bare-audio": bare_audio,
    "frames": _frames,
}


def main(name: str, source: Path, target: Path) -> None:
    """Does one kind of work many times, after a first time that loads what it needs."""
    work = _WORK[name]
    turns = 0 if name == "frames" else _TURNS
    if turns:
        work(source, target)
    with measured() as figures:
        for _ in range(turns or 1):
            work(source, target)
    tell(figures)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
