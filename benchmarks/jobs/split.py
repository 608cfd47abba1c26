"""Splitting of a video or of photos into files; renditions also by Pillow, as one would write."""

import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from PIL import Image

from benchmarks.stopwatch import measured, tell
from media_assets import split, transforms
from media_assets.images.decode import decode_image, open_image
from media_assets.images.encode import encode_image
from media_assets.images.formats import check_encoding
from media_assets.images.limits import ImageLimits
from media_assets.split import Part, Splitter
from media_assets.video.handle import Video

_ALL = 10_000
WIDTHS, FORMATS = (320, 640, 1280), ("jpeg", "webp")


def _frames(source: Path, target: Path, most: int) -> None:
    """A still of 720p, a thumbnail and the brightness of a frame per second."""
    splitter = split.frames(fps=1)
    for part in islice(splitter.split(Video(source), _is_missing, _ALL), most):
        assert isinstance(part.value, Image.Image)
        _write(part.value, part, splitter, target)
        small = transforms.thumbnail(part.value, (128, 128))
        encoding = check_encoding("JPEG")
        with (target / f"{part.key}-small.jpg").open("w+b") as file:
            encode_image(small, file, encoding)
        assert 0 <= transforms.mean_luminance(part.value) <= 1


def _renditions(source: Path, target: Path, most: int) -> None:
    splitter = split.renditions(widths=WIDTHS, formats=FORMATS)
    for path in sorted(source.iterdir())[:most]:
        image = decode_image(open_image(path, ImageLimits()))
        for part in splitter.split(image, _is_missing, _ALL):
            assert isinstance(part.value, Image.Image)
            _write(part.value, part, splitter, target, path.stem)


def _renditions_by_hand(source: Path, target: Path, most: int) -> None:
    for path in sorted(source.iterdir())[:most]:
        with Image.open(path) as image:
            image.load()
        for width in WIDTHS:
            size = width, round(image.height * width / image.width)
            small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
            for name in FORMATS:
                small.save(target / f"{path.stem}-{width}.{name}")


def _write(
    image: Image.Image, part: Part, splitter: Splitter, target: Path, prefix: str = ""
) -> None:
    encoding = check_encoding(
        part.format or splitter.format, part.save_options or splitter.save_options
    )
    with (target / f"{prefix}{part.key}").open("w+b") as file:
        encode_image(image, file, encoding)


def _is_missing(_key: str) -> bool:
    return False


_WORK: Mapping[str, Callable[[Path, Path, int], None]] = {
    "frames": _frames,
    "renditions": _renditions,
    "renditions-by-hand": _renditions_by_hand,
}


def main(name: str, source: Path, target: Path) -> None:
    """Does one kind of work, after a part of it that loads what it needs."""
    target.mkdir(parents=True, exist_ok=True)
    work = _WORK[name]
    work(source, target, 1)
    with measured() as figures:
        work(source, target, _ALL)
    tell(figures)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
