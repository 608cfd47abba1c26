"""A column of media through a whole step, or the bare library over the same files."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import media_assets as ma
from benchmarks.jobs import media
from benchmarks.stopwatch import measured, tell
from media_assets.images.allocator import keep_image_buffers
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

_ROWS = 40


def poster(source_video: ma.Video) -> ma.Image:
    """The picture at 1 s."""
    return source_video.frame(1.0)


def audio(source_video: ma.Video) -> ma.Audio | None:
    """The sound, as it is."""
    return source_video.audio()


def cover(source_document: ma.Document) -> ma.Image:
    """The first page."""
    return source_document.page(0, dpi=150)


def thumbnail(source_image: ma.Image) -> ma.Image:
    """The photo, at most 128 by 128 pixels."""
    return ma.transforms.thumbnail(source_image, (128, 128))


def _table(name: str) -> ma.MediaTable:
    media_class, function, file_format, decode_size = {
        "poster": (ma.Video, poster, "jpeg", None),
        "audio": (ma.Video, audio, "m4a", None),
        "cover": (ma.Document, cover, "jpeg", None),
        "thumbnail": (ma.Image, thumbnail, "jpeg", (128, 128)),
    }[name]
    table = ma.MediaTable("measured", media=media_class)
    table.computed_column(format=file_format, decode_size=decode_size)(function)
    return table


def _bare_poster(source: Path, target: Path) -> None:
    import av

    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        container.seek(round(1 / (stream.time_base or 1)), stream=stream)
        frame: Any = next(frame for frame in container.decode(stream) if frame.time >= 1.0)
        image = frame.to_image()
    image.save(target, format="JPEG", quality=90)


def _bare_cover(source: Path, target: Path) -> None:
    import pypdfium2  # noqa: PLC0415  measured here, and an extra

    document: Any = pypdfium2.PdfDocument(source)
    image = document[0].render(scale=150 / 72).to_pil()
    image.save(target, format="JPEG", quality=90)
    document.close()


_BARE: Mapping[str, Callable[[Path, Path], None]] = {
    "poster": _bare_poster,
    "audio": media.bare_audio,
    "cover": _bare_cover,
}


def main(name: str, source: Path, folder: Path) -> None:
    """Makes a column of forty equal files, after one that loads what it needs.

    Args:
        name: A column; `bare-` before it does the same with the bare library, SHA-256 of source
            and result included; `late-` makes it of sources that an earlier run has read.
        source: The file.
        folder: The home.
    """
    way, _, column = name.rpartition("-")
    keep_image_buffers()  # as an insert does
    first, files = folder / f"first{source.suffix}", folder / "files"
    files.mkdir()
    for target in (first, *(files / f"{n}{source.suffix}" for n in range(_ROWS))):
        shutil.copyfile(source, target)
    if way == "bare":
        _BARE[column](first, folder / "made")
        with measured() as figures:
            for path in sorted(files.iterdir()):
                _hash(path)
                _BARE[column](path, folder / "made")
                _hash(folder / "made")
    else:
        table = _table(column)
        for partition in insert(table, first):
            run_step(table, partition)
        partitions = insert(table, *files.iterdir())
        for partition in partitions if way == "late" else ():
            run_step(table, partition, (table.source.name,))
        before = _cpu_of_children()
        with measured() as figures:
            for partition in partitions:
                run_step(table, partition)
        figures["cpu_seconds"] = float(str(figures["cpu_seconds"])) + _cpu_of_children() - before
    tell(figures)


def _cpu_of_children() -> float:
    """Returns the processor time of children that run: documents are read in such processes."""
    lists = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
    pids = {pid for each in lists for pid in each}
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(each[11]) + int(each[12]) for each in stats) / os.sysconf("SC_CLK_TCK")


def _hash(path: Path) -> None:
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
