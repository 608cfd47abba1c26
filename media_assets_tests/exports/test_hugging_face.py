"""What Hugging Face's package is given; the package itself is not installed here."""

from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image

from media_assets.column_types import ColumnType
from media_assets.errors import PackageMissingError
from media_assets.exports.hugging_face import arrow_schema, examples
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    header,
    image,
    memory_root,
    record_rows,
)
from media_assets_tests.exports.datasets import dataset_of, stored

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
VALUES: dict[str, tuple[ColumnType, object, object]] = {
    "stars": (ColumnType.INT, 3, 3),
    "is_sharp": (ColumnType.BOOL, True, True),
    "taken": (ColumnType.DATETIME, NOON, NOON),
    "day": (ColumnType.DATE, date(2026, 5, 6), date(2026, 5, 6)),
    "raw": (ColumnType.BYTES, b"\0", b"\0"),
    "anything": (ColumnType.DICT, {"a": [1]}, '{"a": [1]}'),
    "words": (ColumnType.list_of(ColumnType.STR), ["x"], ["x"]),
    "scores": (ColumnType("list[float]"), [0.5], [0.5]),
    "vector": (ColumnType.array_of(2), [0.5, 1.5], [0.5, 1.5]),
    "boxes": (ColumnType("list[{'x': float, 'more': dict}]"), [{"x": 1.0, "more": {"a": 1}}],
              [{"x": 1.0, "more": '{"a": 1}'}]),
}  # fmt: skip


def test_all_types_have_one_in_arrow(tmp_path: Path) -> None:
    held = {name: (kind, [value]) for name, (kind, value, _) in VALUES.items()}
    dataset = dataset_of(tmp_path, ["a.jpg"], held)

    table = pa.Table.from_pylist(list(examples(dataset)), schema=arrow_schema(dataset))

    (row,) = table.to_pylist()
    assert row.pop("row") == "a.jpg"
    assert Image.open(BytesIO(row.pop("thumbnail")["bytes"])).size == (48, 36)
    assert row == {name: expected for name, (_, _, expected) in VALUES.items()}


def test_media_are_given_as_their_files_bytes(tmp_path: Path) -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    commit(root, header("thumbnail"), [stored(tmp_path, "a", 0)])
    files = {"video": b"a video", "audio": b"a sound", "document": b"a PDF"}
    for place, (kind, content) in enumerate(files.items(), start=1):
        path = tmp_path / kind
        path.write_bytes(content)
        cell = image(
            "a", path.as_uri(), digest=sha256(content).hexdigest(), size_bytes=len(content)
        )
        commit(root, header(kind, type=ColumnType(kind), position=place), [cell])
    dataset = catalog_of(root).dataset("photos")

    table = pa.Table.from_pylist(list(examples(dataset)), schema=arrow_schema(dataset))

    (row,) = table.to_pylist()
    assert {kind: row[kind] for kind in files} == {
        kind: {"bytes": content, "path": None} for kind, content in files.items()
    }


def test_without_the_package_the_error_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(PackageMissingError, match="pip install datasets"):
        dataset_of(tmp_path, ["a.jpg"]).to_hugging_face()
