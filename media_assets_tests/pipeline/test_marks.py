"""Records state what was left out of an image, or written differently."""

import json
from pathlib import Path

import pytest
from PIL import Image

from media_assets.records.manifests import Record
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photo
from media_assets_tests.pipeline.plans import plan_for, rows_of, run
from media_assets_tests.pipeline.process_functions import turned


def marks(record: Record) -> list[str]:
    assert record.error_message is None
    return json.loads(record.facts)["marks"] if record.facts else []


def test_a_sources_record_says_what_was_left_out(tmp_path: Path) -> None:
    whole, cut = (save_photo(tmp_path / name) for name in ("whole.jpg", "cut.jpg"))
    cut.write_bytes(cut.read_bytes()[:-2])
    table = MediaTable("photos")

    results = run(plan_for(table, tmp_path / "out"), rows_of([whole, cut]))

    told = {row: marks(result.records["source_image"]) for row, result in results.items()}
    assert told == {"whole.jpg": [], "cut.jpg": ["end marker missing"]}


@pytest.mark.parametrize("processes", [False, True])
def test_a_cells_record_says_that_another_format_was_taken(
    tmp_path: Path, *, processes: bool
) -> None:
    path = tmp_path / "long.png"
    Image.new("RGBA", (12, 17_000), (10, 200, 60, 128)).save(path)
    table = MediaTable("photos")
    table.computed_column(processes=processes)(turned)

    [result] = run(plan_for(table, tmp_path / "out"), rows_of([path])).values()

    record = result.records["turned"]
    assert record.format == "PNG"
    assert marks(record) == ["written as PNG, not WEBP: it holds 16,383 pixels a side"]
