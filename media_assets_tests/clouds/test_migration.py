"""A table of one machine goes to a bucket, by the commands of docs/operations.md."""

from pathlib import Path

import pytest
from PIL import Image

from media_assets.home import CATALOG_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog, insert
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import made, run_step

ROWS = 3


def test_a_local_table_moves_to_a_bucket_and_no_cell_is_computed_again(
    home: Path,
    s3_environment: S3Server,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, calls = MediaTable("photos"), list[str]()

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        calls.append("flipped")
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(code_version="1")
    def width(flipped: Image.Image) -> int:
        calls.append("width")
        return flipped.width

    save_photos(tmp_path / "in", ROWS)
    (partition,) = insert(table, tmp_path / "in")
    run_step(table, partition)
    widths = catalog().sql("select row, width from photos order by row")
    folder = home / "media" / "catalog"
    monkeypatch.setenv(CATALOG_VARIABLE, f"s3://{bucket}/catalog/")
    monkeypatch.setenv(OUTPUT_VARIABLE, f"s3://{bucket}/files/")
    root = MediaIOManager().installation.catalog
    for file in (path for path in folder.rglob("*") if path.is_file()):
        root.store.put(root.destination.key(str(file.relative_to(folder))), file.read_bytes())

    run_step(table, partition)
    again = made(run_step(table, partition))

    assert sorted(calls) == sorted(["flipped", "width"] * ROWS)
    assert again == 0
    shown = catalog().sql("select row, flipped, width from photos order by row")
    assert shown[["row", "width"]].equals(widths)
    assert all(url.startswith(f"s3://{bucket}/files/") for url in shown["flipped"])
