"""Tables: names, their Dagster counterparts, and the selection of columns."""

from typing import Any

import dagster as dg
import pytest
from PIL import Image

from media_assets.errors import DeclarationError, DestinationError, UnknownNameError
from media_assets.tables.table import ROWS_PER_PARTITION, MediaTable


def with_columns(name: str = "photos") -> MediaTable:
    """A table with columns declared in reverse order."""
    table = MediaTable(name)

    @table.computed_column()
    def brightness(flipped: Image.Image) -> float:
        return float(flipped.width)

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    del brightness, flipped
    return table


def names(columns: tuple[Any, ...]) -> list[str]:
    return [column.name for column in columns]


def test_a_table_has_its_source_column_and_batches_of_a_thousand() -> None:
    table = MediaTable("photos")

    assert names(table.columns) == ["source_image"]
    assert table.computed_columns == ()
    assert (table.rows_per_partition, ROWS_PER_PARTITION) == (1_000, 1_000)
    assert table.partitions_name == "media_assets/photos"


def test_columns_come_after_their_inputs_in_any_declaration_order() -> None:
    table = with_columns()

    assert names(table.columns) == ["source_image", "flipped", "brightness"]
    assert names(table.computed_columns) == ["flipped", "brightness"]


def test_the_decorator_leaves_the_function_as_it_is() -> None:
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    assert MediaTable("photos").computed_column()(flipped) is flipped


def test_a_path_as_a_name_becomes_the_key_prefix() -> None:
    table = with_columns("team/photos")

    assert table.asset_key("flipped") == dg.AssetKey(["team", "photos", "flipped"])
    assert table.op_name == "team__photos"
    assert table.partitions_name == "media_assets/team/photos"


def test_the_source_column_may_have_another_name() -> None:
    table = MediaTable("scans", source="page")

    @table.computed_column()
    def width(page: Image.Image) -> int:
        return page.width

    assert names(table.columns) == ["page", "width"]
    assert width(Image.new("L", (3, 1))) == 3


@pytest.mark.parametrize(
    "name", ["", "/", "photos/", "/photos", "a//b", "Photos", "a b", "aux", "config"]
)
def test_a_name_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=r"able .*name '.*' cannot be used"):
        MediaTable(name)


@pytest.mark.parametrize("name", ["", "Image", "row", "partition"])
def test_a_source_name_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=f"Column name '{name}' cannot be used"):
        MediaTable("photos", source=name)


@pytest.mark.parametrize("rows_per_partition", [0, -1])
def test_a_batch_of_no_rows_is_refused(rows_per_partition: int) -> None:
    with pytest.raises(
        DeclarationError, match=f"rows_per_partition={rows_per_partition}.*Keep the default of 1000"
    ):
        MediaTable("photos", rows_per_partition=rows_per_partition)


def test_an_invalid_destination_is_refused_by_table_and_column() -> None:
    with pytest.raises(DestinationError, match="photos/source_image"):
        MediaTable("photos", destination="media/uploads")


@pytest.mark.parametrize("name", ["flipped", "source_image"])
def test_a_column_that_is_there_already_is_refused(name: str) -> None:
    table = with_columns()

    with pytest.raises(DeclarationError, match=f"'photos' already has a column '{name}'.*name="):

        @table.computed_column(name=name)
        def other(source_image: Image.Image) -> Image.Image:
            return source_image


def test_a_refused_column_leaves_the_table_as_it_was() -> None:
    table = with_columns()

    with pytest.raises(DeclarationError):

        @table.computed_column(format="jpgg")
        def other(source_image: Image.Image) -> Image.Image:
            return source_image

    assert names(table.columns) == ["source_image", "flipped", "brightness"]


def test_columns_are_selected_in_the_order_of_the_table() -> None:
    table = with_columns()

    assert table.select(None) == table.columns
    assert names(table.select(("brightness", "source_image"))) == ["source_image", "brightness"]
    assert table.select(()) == ()


def test_an_unknown_column_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match=r"'flippd'.*in table 'photos'.*mean 'flipped'"):
        with_columns().select(("flippd",))
