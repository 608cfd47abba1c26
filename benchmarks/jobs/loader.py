"""Batches of thumbnails from two workers: of our dataset, or of plain Pillow over the same files.

PyTorch's `DataLoader` gives them if it is installed, a pool of processes otherwise.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
from PIL import Image

import media_assets as ma
from benchmarks.stopwatch import measured, tell

_WORKERS, _BATCH, _EPOCHS = 2, 32, 10
_SIDE = 96
"""Pixels that every thumbnail has in both directions."""

Batch = npt.NDArray[np.uint8]


class Dataset(Protocol):
    """What a loader takes."""

    def __len__(self) -> int:
        """The number of rows."""
        ...

    def __getitem__(self, position: int, /) -> dict[str, object]:
        """The cells of a row."""
        ...


class PlainFiles:
    """The same files, opened by Pillow alone."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        """The number of files."""
        return len(self._paths)

    def __getitem__(self, position: int) -> dict[str, object]:
        """Opens and decodes one."""
        with Image.open(self._paths[position]) as image:
            image.load()
        return {"thumbnail": image}


def collate(rows: Iterable[dict[str, Any]]) -> Batch:
    """Returns the middle of each image in one array."""
    box = (0, 0, _SIDE, _SIDE)
    return np.stack([np.asarray(cells["thumbnail"].crop(box)) for cells in rows])


def _with_torch(dataset: Dataset) -> Callable[[], Iterable[Sized]]:
    data: Any = import_module("torch.utils.data")
    loader = data.DataLoader(
        dataset,
        batch_size=_BATCH,
        num_workers=_WORKERS,
        collate_fn=_collate_tensors,
        persistent_workers=True,
    )
    return lambda: loader


def _collate_tensors(rows: Iterable[dict[str, Any]]) -> object:
    torch: Any = import_module("torch")
    return torch.from_numpy(collate(rows))


_shared: list[Dataset] = []


def _with_processes(dataset: Dataset) -> Callable[[], Iterable[Sized]]:
    _shared.append(dataset)
    pool = get_context("fork").Pool(_WORKERS)
    batches = [range(n, min(n + _BATCH, len(dataset))) for n in range(0, len(dataset), _BATCH)]

    def load() -> Iterator[Batch]:
        return pool.imap(_batch, batches)

    return load


def _batch(positions: range) -> Batch:
    return collate(_shared[0][position] for position in positions)


def main(kind: str) -> None:
    """Loads all thumbnails of the home some times, after once to warm up."""
    catalog = ma.Catalog.open()
    dataset: Dataset = catalog.dataset("photos", "thumbnail")
    if kind == "plain":
        fileurls = catalog.column("photos", "thumbnail").fileurl.values()
        dataset = PlainFiles([unquote(urlsplit(fileurl).path) for fileurl in fileurls])
    has_torch = find_spec("torch") is not None
    load = (_with_torch if has_torch else _with_processes)(dataset)
    assert sum(map(len, load())) == len(dataset)
    with measured() as figures:
        loaded = sum(len(batch) for _ in range(_EPOCHS) for batch in load())
    per_second = loaded / float(str(figures["seconds"]))
    name = f"torch {import_module('torch').__version__}" if has_torch else "multiprocessing"
    tell({**figures, "images_per_second": round(per_second), "loader": name})


if __name__ == "__main__":
    main(sys.argv[1])
