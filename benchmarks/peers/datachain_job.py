"""The jobs in DataChain: files by `upload` in the function of a row, rows as a dataset."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import datachain as dc
from PIL import Image

from benchmarks.peers.pictures import brightness_of, columns_of, encoded, thumbnail_of
from benchmarks.stopwatch import measured, tell


class Photo(dc.DataModel):
    """The columns of a photo."""

    flipped: dc.ImageFile
    rotated: dc.ImageFile
    thumbnail: dc.ImageFile


class Frame(dc.DataModel):
    """A frame and its columns."""

    time: float
    still: dc.ImageFile
    thumbnail: dc.ImageFile
    brightness: float


def columns_of_photo(file: dc.ImageFile, destination: str) -> Photo:
    """Uploads the files of a photo, by its name."""
    made = columns_of(file.read())
    return Photo(
        **{
            column: dc.ImageFile.upload(content, f"{destination}/{column}/{file.name}")
            for column, content in made.items()
        }
    )


def frames_of(file: dc.VideoFile, destination: str) -> Iterator[Frame]:
    """Uploads the files of a frame per second; each frame is decoded once."""
    for frame in file.get_frames(step=round(file.get_info().fps)):
        image = Image.fromarray(frame.get_np())
        name = f"{file.get_file_stem()}-{frame.frame:05d}.jpg"
        brightness = brightness_of(image)
        still = dc.ImageFile.upload(encoded(image), f"{destination}/still/{name}")
        thumbnail = dc.ImageFile.upload(thumbnail_of(image), f"{destination}/thumbnail/{name}")
        yield Frame(time=frame.timestamp, still=still, thumbnail=thumbnail, brightness=brightness)


def make_photos(source: str, destination: str, *, processes: int) -> None:
    """Makes the columns of all photos of a folder."""

    def columns(file: dc.ImageFile) -> Photo:
        return columns_of_photo(file, destination)

    photos = dc.read_storage(f"{source}/", type="image")
    if processes > 1:
        photos = photos.settings(parallel=processes)
    photos.map(made=columns).save("photos")


def make_frames(video: str, destination: str) -> int:
    """Makes the columns of a frame per second, and returns how many frames there are."""

    def frames(file: dc.VideoFile) -> Iterator[Frame]:
        yield from frames_of(file, destination)

    name = Path(video).stem
    dc.read_storage(video, type="video").gen(frame=frames).save(name)
    return dc.read_dataset(name).count()


def main(job: str, source: str, destination: str) -> None:
    """Does a job.

    Args:
        job: `photos`; `parallel-photos`, in two processes; `frames`, after those of a copy, which
            load what is needed; or `rows`, which tells the files of the photos.
        source: The folder of photos, or the video.
        destination: The folder of all files.
    """
    if job == "rows":
        rows = dc.read_dataset("photos").to_iter("file.path", "made")
        tell({path: {c: file.get_fs_path() for c, file in made} for path, made in rows})
    elif job == "frames":
        first = Path(destination, f"first{Path(source).suffix}")
        first.parent.mkdir(parents=True)
        shutil.copyfile(source, first)  # a dataset that was made is not made again
        make_frames(str(first), destination)
        with measured() as figures:
            frames = make_frames(source, destination)
        tell({**figures, "frames": frames})
    else:
        make_photos(source, destination, processes=2 if job == "parallel-photos" else 1)


if __name__ == "__main__":
    main(*sys.argv[1:4])
