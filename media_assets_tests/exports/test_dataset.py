"""Datasets: rows as they were, read one by one, also by workers."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from media_assets.errors import (
    CorruptFileError,
    QueryError,
    QueryRefusedError,
    StoredFileMissingError,
    UnknownNameError,
)
from media_assets.exports import MediaDataset
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record
from media_assets.values import ColumnType, encode_value
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    delete_rows,
    failure,
    header,
    image,
    memory_root,
    record_rows,
    value,
)
from media_assets_tests.exports.datasets import stored
from media_assets_tests.photos import picture, save_photo

ROWS = ("a", "b", "c", "d")


@pytest.fixture
def root(tmp_path: Path) -> CatalogRoot:
    """Four rows in two partitions: all with an image, all but the last with a label."""
    root = memory_root()
    record_rows(root, "p1", ROWS[:2])
    record_rows(root, "p2", ROWS[2:])
    for partition, rows in (("p1", ROWS[:2]), ("p2", ROWS[2:])):
        cells = [stored(tmp_path, row, ROWS.index(row)) for row in rows]
        commit(root, header("thumbnail", partition), cells)
        labels = [value(row, f"label of {row}") for row in rows if row != "d"]
        commit(root, header("label", partition, type=ColumnType.STR, position=1), labels)
    return root


@pytest.fixture
def dataset(root: CatalogRoot) -> MediaDataset:
    return catalog_of(root).dataset("photos", "thumbnail", "label")


def test_a_row_is_a_dict_of_its_cells(dataset: MediaDataset, tmp_path: Path) -> None:
    first = dataset[0]

    assert list(first) == ["thumbnail", "label"]
    assert first["label"] == "label of a"
    assert isinstance(first["thumbnail"], Image.Image)
    assert first["thumbnail"].tobytes() == Image.open(tmp_path / "0.jpg").tobytes()


def test_positions_count_from_both_ends_and_end(dataset: MediaDataset) -> None:
    assert len(dataset) == 3
    assert dataset.rows == ["a", "b", "c"]
    assert dataset[-1] == dataset[2] == dataset[np.int64(2)]
    assert [cells["label"] for cells in dataset] == [f"label of {row}" for row in "abc"]
    for position in (3, -4):
        with pytest.raises(IndexError, match=f"position {position} of a dataset of 3 rows"):
            _ = dataset[position]


def test_rows_that_lack_a_cell_are_left_out_and_counted(root: CatalogRoot) -> None:
    commit(root, header("label", "p1", type=ColumnType.STR), [failure("a"), value("b", None)])
    catalog = catalog_of(root)

    complete = catalog.dataset("photos", "label")
    also_nulls = catalog.dataset("photos", "label", nulls=True)

    assert complete.rows == ["c"]
    assert complete.left_out == {"with an error": 1, "not made yet": 1, "with a null": 1}
    assert also_nulls.rows == ["b", "c"]
    assert also_nulls[0] == {"label": None}
    assert also_nulls.left_out == {"with an error": 1, "not made yet": 1}
    assert catalog.dataset("photos", "thumbnail").left_out == {}
    assert repr(complete).splitlines() == [
        "MediaDataset of photos: 1 row",
        "  label: str",
        "  left out: 1 row with an error, 1 row not made yet, 1 row with a null",
    ]


def test_it_stays_as_it_was(root: CatalogRoot, dataset: MediaDataset, tmp_path: Path) -> None:
    delete_rows(root, ["a"])
    commit(root, header("label", "p1", type=ColumnType.STR), [value("b", "another")])

    assert dataset.rows == ["a", "b", "c"]
    assert [cells["label"] for cells in dataset] == [f"label of {row}" for row in "abc"]
    assert catalog_of(root).dataset("photos", "label").rows == ["b", "c"]


def test_rows_are_chosen_by_sql(root: CatalogRoot) -> None:
    catalog = catalog_of(root)

    chosen = catalog.dataset("photos", "label", where="row > 'a' and label like 'label%' -- all")

    assert chosen.rows == ["b", "c"]
    assert chosen.left_out == {}
    assert catalog.dataset("photos", "label", where="false").rows == []
    with pytest.raises(QueryError, match="colour"):
        catalog.dataset("photos", "label", where="colour = 'red'")
    with pytest.raises(QueryRefusedError):
        catalog.dataset("photos", "label", where="row in (from read_csv('/etc/passwd'))")


def test_columns_that_are_not_there_are_named(root: CatalogRoot) -> None:
    with pytest.raises(UnknownNameError, match="no column 'labl'"):
        catalog_of(root).dataset("photos", "labl")
    with pytest.raises(UnknownNameError, match="fotos"):
        catalog_of(root).dataset("fotos", "label")


def test_all_columns_are_taken_if_none_is_named_and_each_once(root: CatalogRoot) -> None:
    assert list(catalog_of(root).dataset("photos").columns) == ["thumbnail", "label"]
    assert list(catalog_of(root).dataset("photos", "label", "label").columns) == ["label"]


def test_values_are_what_row_functions_returned() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    values: dict[str, tuple[ColumnType, object]] = {
        "bright": (ColumnType.FLOAT, 0.5),
        "stars": (ColumnType.INT, 3),
        "taken": (ColumnType.DATETIME, datetime(2026, 5, 6, 12, tzinfo=UTC)),
        "raw": (ColumnType.BYTES, b"\x00\xff"),
        "words": (ColumnType.list_of(ColumnType.STR), ["x", "y"]),
        "facts": (ColumnType.DICT, {"a": [1]}),
        "vector": (ColumnType.array_of(2), [0.5, 1.5]),
    }
    for place, (name, (kind, held)) in enumerate(values.items()):
        kept = encode_value(held, kind)
        cell = Record("a", value_bytes=kept) if isinstance(kept, bytes) else Record("a", value=kept)
        commit(root, header(name, type=kind, position=place), [cell])

    (cells,) = pickle.loads(pickle.dumps(catalog_of(root).dataset("photos")))  # noqa: S301  its own

    vector = cells.pop("vector")
    assert isinstance(vector, np.ndarray)
    assert vector.tolist() == [0.5, 1.5]
    assert cells == {name: held for name, (_, held) in values.items() if name != "vector"}


def test_a_value_of_an_earlier_type_counts_as_not_made(root: CatalogRoot) -> None:
    commit(root, header("label", "p2", type=ColumnType.INT, position=1), [value("d", "4")])

    found = catalog_of(root).dataset("photos", "label")

    assert [*found] == [{"label": 4}]
    assert found.left_out == {"not made yet": 3}


def test_an_upload_is_upright_and_a_computed_image_as_it_was_written(tmp_path: Path) -> None:
    root, exif = memory_root(), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = tmp_path / "sideways.jpg"
    picture().save(path, exif=exif)
    upload = image(
        "a",
        path.as_uri(),
        digest=sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        format="JPEG",
    )
    record_rows(root, "p1", ["a"])
    commit(root, header("source_image"), [upload])
    computed = replace(header("flipped", position=1), inputs=("source_image",))
    commit(root, computed, [stored(tmp_path, "a", 1)])

    cells = catalog_of(root).dataset("photos")[0]

    assert isinstance(cells["source_image"], Image.Image)
    assert isinstance(cells["flipped"], Image.Image)
    assert cells["source_image"].size == (36, 48)
    with Image.open(tmp_path / "1.jpg") as file:
        assert cells["flipped"].tobytes() == file.tobytes()


def test_a_changed_or_missing_file_is_an_error(dataset: MediaDataset, tmp_path: Path) -> None:
    save_photo(tmp_path / "0.jpg", seed=9)
    (tmp_path / "1.jpg").unlink()

    with pytest.raises(CorruptFileError):
        _ = dataset[0]
    with pytest.raises(StoredFileMissingError):
        _ = dataset[1]


def labels_and_sizes(dataset: MediaDataset, position: int) -> tuple[object, tuple[int, int]]:
    cells = dataset[position]
    assert isinstance(cells["thumbnail"], Image.Image)
    return cells["label"], cells["thumbnail"].size


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_share_it(method: str, dataset: MediaDataset) -> None:
    with get_context(method).Pool(1) as pool:
        found = pool.starmap(labels_and_sizes, [(dataset, n) for n in range(len(dataset))])

    assert found == [labels_and_sizes(dataset, n) for n in range(len(dataset))]


def test_it_is_sent_without_its_images() -> None:
    root, count = memory_root(), 2_000
    record_rows(root, "p1", [f"{n:05}" for n in range(count)])
    commit(root, header(), [image(f"{n:05}", f"/{n}.jpg", size_bytes=9**6) for n in range(count)])

    dataset = catalog_of(root).dataset("photos", "flipped")

    assert len(pickle.dumps(dataset)) < 60 * count
    assert pickle.dumps(dataset) == pickle.dumps(dataset)


def test_a_table_without_a_log_is_read_as_well() -> None:
    root = memory_root()
    commit(root, header("lone", table="alone", type=ColumnType.INT), [value("x", "1")])

    assert [*catalog_of(root).dataset("alone", "lone")] == [{"lone": 1}]
