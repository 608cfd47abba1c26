"""What stands of a table, and the views' columns, on which people's queries rest."""

from dataclasses import replace
from pathlib import Path
from re import findall

from media_assets.catalog import ColumnDescription
from media_assets.records.ledger import CatalogRoot
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    NOON,
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

PAGE = Path(__file__).parents[2] / "docs" / "querying.md"


def two_batches() -> CatalogRoot:
    """Rows a to d in two batches, d deleted; b failed in one column, c is missing in it."""
    root = memory_root()
    record_rows(root, "p1", ["a", "b", "d"])
    record_rows(root, "p2", ["c"])
    head = replace(header("small", position=1), inputs=("photo",))
    cells = [image(row, f"/{row}.jpg", size_bytes=10, format="JPEG", run_id="r1") for row in "ad"]
    commit(root, head, [*cells, failure("b")])
    values = [value(row, "1") for row in "abd"]
    commit(root, header("size", type=ColumnType.INT, position=2), values)
    later = header("size", "p2", type=ColumnType.INT, position=2)
    commit(root, later, [replace(value("c", "1"), run_id="r2", written_at=NOON)])
    delete_rows(root, ["d"])
    return root


def test_a_description_counts_what_a_table_holds_now() -> None:
    description = catalog_of(two_batches()).describe("photos")

    assert (description.rows, description.error_rows, description.partitions) == (3, 1, 2)
    assert description.missing == 1
    small, size = description.columns
    assert small == ColumnDescription(
        name="small",
        type=ColumnType.IMAGE,
        inputs=("photo",),
        destination="/media/",
        decided_by="column",
        formats=("JPEG",),
        cells=1,
        errors=1,
        missing=1,
        size_bytes=10,
        written_at=NOON,
        run_id="r1",
    )
    assert (size.cells, size.errors, size.missing, size.size_bytes) == (3, 0, 0, 0)
    assert description.newest == size


def test_a_table_without_materializations_has_rows_and_no_columns() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])

    description = catalog_of(root).describe("photos")

    assert (description.rows, description.columns, description.newest) == (1, (), None)


def test_every_view_has_the_columns_and_types_that_are_documented() -> None:
    catalog = catalog_of(two_batches())
    page = PAGE.read_text(encoding="utf-8")
    documented = {
        heading: findall(r"^\| `(\w+)` \| (\w[\w ]*) \|", section, flags=8)
        for heading, section in findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, flags=8 | 16)
    }

    for view in ("files", "errors", "materializations", "history"):
        shown = catalog.sql(f"describe (from media_assets.{view})")
        names, types = shown["column_name"].to_list(), shown["column_type"].str.lower().to_list()
        assert documented[f"`media_assets.{view}`"] == list(zip(names, types, strict=True)), view
