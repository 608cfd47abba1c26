"""Rows as tars: the layout that WebDataset reads."""

import json
import tarfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_assets.exports import MediaDataset
from media_assets.exports.folder import OTHER_CONTENT
from media_assets.exports.web_dataset import export_tars
from media_assets.values import ColumnType
from media_assets_tests.exports.datasets import dataset_of

ROWS = ["a.b/c.jpg", "d.jpg", "e.jpg"]


@pytest.fixture
def dataset(tmp_path: Path) -> MediaDataset:
    noon = datetime(2026, 5, 6, 12, tzinfo=UTC)
    return dataset_of(
        tmp_path / "stored",
        ROWS,
        {
            "label": (ColumnType.STR, ["ü", "", "c"]),
            "stars": (ColumnType.INT, [1, 2, 3]),
            "taken": (ColumnType.DATETIME, [noon] * 3),
            "raw": (ColumnType.BYTES, [b"\0"] * 3),
            "vector": (ColumnType.array_of(2), [[0.5, n] for n in range(3)]),
        },
    )


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {each.name: file.read() for each in tar if (file := tar.extractfile(each))}


def test_the_cells_of_a_row_stand_together_under_its_number(
    dataset: MediaDataset, tmp_path: Path
) -> None:
    done = export_tars(dataset, tmp_path / "tars", rows_per_tar=2)

    assert (done.written, done.rows) == (2, 3)
    first, second = (
        members(tmp_path / "tars/photos-000000.tar"),
        tmp_path / "tars/photos-000001.tar",
    )
    names = ["row.txt", "thumbnail.jpg", "label.txt", "stars.json", "taken.json", "raw.bin"]
    names.append("vector.npy")
    assert list(first) == [f"00000000{n}.{name}" for n in (0, 1) for name in names]
    assert {name.partition(".")[0] for name in members(second)} == {"000000002"}
    assert first["000000000.row.txt"].decode() == "a.b/c.jpg"
    assert first["000000000.label.txt"].decode() == "ü"
    assert json.loads(first["000000001.stars.json"]) == 2
    assert json.loads(first["000000000.taken.json"]) == "2026-05-06T12:00:00+00:00"
    assert first["000000000.raw.bin"] == b"\0"
    assert np.load(BytesIO(first["000000001.vector.npy"])).tolist() == [0.5, 1.0]
    with Image.open(BytesIO(first["000000001.thumbnail.jpg"])) as image:
        assert image.size == (48, 36)


def test_equal_rows_give_equal_tars_and_others_are_not_replaced(
    dataset: MediaDataset, tmp_path: Path
) -> None:
    folder = tmp_path / "tars"
    export_tars(dataset, folder, rows_per_tar=2)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    again = export_tars(dataset, folder, rows_per_tar=2)
    other = export_tars(dataset, folder)
    replaced = export_tars(dataset, folder, replaces=True)

    assert (again.written, again.unchanged, again.rows) == (0, 2, 3)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()}.keys() == before.keys()
    assert (other.written, other.rows, other.others) == (0, 0, 1)
    assert other.kept == [("photos-000000.tar", OTHER_CONTENT)]
    assert (replaced.written, replaced.rows, replaced.others) == (1, 3, 1)


def test_a_row_whose_file_cannot_be_read_is_left_out_as_a_whole(
    dataset: MediaDataset, tmp_path: Path
) -> None:
    (tmp_path / "stored/1.jpg").unlink()

    done = export_tars(dataset, tmp_path / "tars")

    assert (done.rows, [row for row, _ in done.unreadable]) == (2, ["d.jpg"])
    numbers = {name.partition(".")[0] for name in members(tmp_path / "tars/photos-000000.tar")}
    assert numbers == {"000000000", "000000002"}
