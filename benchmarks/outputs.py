"""The output of a job: the number of its files and bytes, and a digest of all pixels."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image


@dataclass(frozen=True, slots=True)
class Output:
    """The files of one column, whatever their names."""

    files: int
    size_bytes: int
    pixels: str


@dataclass(slots=True)
class Outputs:
    """Reads columns; decodes each file once."""

    _pixels_of: dict[str, str] = field(default_factory=dict[str, str])

    def of(self, folder: Path, columns: Sequence[str]) -> dict[str, Output]:
        """Returns the contents of the columns below a folder, each in a folder of its name."""
        return {column: self._column(folder / column) for column in columns}

    def _column(self, folder: Path) -> Output:
        paths = [path for path in folder.rglob("*") if path.is_file()]
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            pixels = sorted(pool.map(self._pixels, paths))
        digest = hashlib.sha256("".join(pixels).encode()).hexdigest()[:16]
        return Output(len(paths), sum(path.stat().st_size for path in paths), digest)

    def _pixels(self, path: Path) -> str:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        if content not in self._pixels_of:
            self._pixels_of[content] = pixels_of(path)
        return self._pixels_of[content]


def pixels_of(path: Path) -> str:
    """Returns a digest of the pixels of a file."""
    with Image.open(path) as image:
        return hashlib.sha256(image.tobytes()).hexdigest()
