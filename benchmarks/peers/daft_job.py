"""The jobs in Daft: files by `upload`, rows as Parquet.

One function of Pillow makes all columns of a row. That takes less than a quarter of the processor
time of Daft's own decoding, `resize` and `encode_image`.
"""

import os
import sys
from io import BytesIO
from pathlib import Path

import daft
import numpy as np
from daft import DataType, col
from daft.functions import download, regexp_replace, upload
from PIL import Image

from benchmarks.peers.pictures import brightness_of, columns_of, encoded, thumbnail_of
from benchmarks.stopwatch import measured, tell

_PHOTO_COLUMNS = ("flipped", "rotated", "thumbnail")
_FRAME_COLUMNS = ("still", "thumbnail")


@daft.func(
    return_dtype=DataType.struct(dict.fromkeys(_PHOTO_COLUMNS, DataType.binary())), unnest=True
)
def columns_of_photo(content: bytes) -> dict[str, bytes]:
    """The files of a photo."""
    return columns_of(Image.open(BytesIO(content)))


@daft.func(
    return_dtype=DataType.struct(
        {
            **dict.fromkeys(_FRAME_COLUMNS, DataType.binary()),
            "brightness": DataType.float64(),
        }
    ),
    unnest=True,
)
def columns_of_frame(pixels: np.ndarray) -> dict[str, bytes | float]:
    """The files of a frame, and its brightness."""
    image = Image.fromarray(pixels)
    columns = {"still": encoded(image), "brightness": brightness_of(image)}
    return {**columns, "thumbnail": thumbnail_of(image)}


def make_photos(source: str, destination: str, rows: str, *, are_named: bool) -> None:
    """Makes the columns of all photos of a folder.

    Args:
        source: The folder.
        destination: That of all files, here or in a bucket.
        rows: Where the rows are kept.
        are_named: Whether files get the names of their photos, not the names that Daft gives.
    """
    photos = daft.from_glob_path(f"{source}/*.jpg").select("path", download(col("path")).alias("c"))
    photos = photos.select("path", columns_of_photo(col("c")))
    for column in _PHOTO_COLUMNS:
        folder = f"{destination}/{column}"
        if "://" not in folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        place = regexp_replace(col("path"), "^.*/", f"{folder}/") if are_named else folder
        photos = photos.with_column(column, upload(col(column), place))
    photos.write_parquet(f"{rows}/photos", write_mode="overwrite")


def make_frames(video: str, destination: str, rows: str) -> int:
    """Makes the columns of a frame per second, and returns how many frames there are."""
    frames = daft.read_video_frames(
        video, image_height=720, image_width=1280, sample_interval_seconds=1.0
    )
    frames = frames.select("path", "frame_time", columns_of_frame(col("data")))
    for column in _FRAME_COLUMNS:
        frames = frames.with_column(column, upload(col(column), f"{destination}/{column}"))
    frames.write_parquet(f"{rows}/frames", write_mode="overwrite")
    return daft.read_parquet(f"{rows}/frames").count_rows()


def main(job: str, source: str, destination: str, rows: str) -> None:
    """Does a job.

    Args:
        job: `photos`; `named-photos`, with names of their own; `frames`, twice, as the first time
            loads what is needed; or `rows`, which tells the files of the photos.
        source: The folder of photos, or the video.
        destination: The folder of all files.
        rows: Where the rows are kept.
    """
    if job == "rows":
        rows = daft.read_parquet(f"{rows}/photos").to_pylist()
        tell({Path(row.pop("path")).name: row for row in rows})
    elif job == "frames":
        make_frames(source, f"{destination}/first", rows)
        with measured() as figures:
            frames = make_frames(source, f"{destination}/second", rows)
        tell({**figures, "frames": frames})
    else:
        make_photos(source, destination, rows, are_named=job == "named-photos")


if __name__ == "__main__":
    main(*sys.argv[1:4], os.environ["ROWS"])
