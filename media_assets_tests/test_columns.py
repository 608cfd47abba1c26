"""Columns: signatures of row functions, and an error with the fix for each mistake."""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from media_assets.columns import (
    Column,
    ColumnOptions,
    ComputedColumn,
    SourceColumn,
    check_name,
    declare_column,
    in_order,
)
from media_assets.errors import DeclarationError, DestinationError, UnknownNameError
from media_assets.values import ColumnType

Photo = Image.Image
SOURCE = SourceColumn("source_image")


def flipped(source_image: Photo) -> Photo:
    """The photo, mirrored."""
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def brightness(flipped: Photo) -> float:
    return float(flipped.width)


def declared(function: Callable[..., object], **options: Any) -> ComputedColumn:  # noqa: ANN401
    return declare_column(function, ColumnOptions(**options))


def reading(name: str, *inputs: str, type: ColumnType = ColumnType.IMAGE) -> ComputedColumn:  # noqa: A002
    """A declared column, by the columns that it reads."""
    return ComputedColumn(name, flipped, dict.fromkeys(inputs, ColumnType.IMAGE), type, "1")


def names(columns: tuple[Column, ...]) -> list[str]:
    return [column.name for column in columns]


def test_an_image_column_takes_all_that_it_is_from_its_function() -> None:
    column = declared(flipped)

    assert column.name == "flipped"
    assert column.inputs == ("source_image",)
    assert column.input_types == {"source_image": ColumnType.IMAGE}
    assert column.type is ColumnType.IMAGE
    assert column.encoding is not None
    assert column.description == "The photo, mirrored."
    assert column.destination is None


def test_options_win_over_what_the_function_says() -> None:
    column = declared(
        flipped,
        name="mirrored",
        description="Other",
        code_version="7",
        destination="/media/flipped",
        decode_size=(64, 48),
    )

    assert (column.name, column.description) == ("mirrored", "Other")
    assert column.code_version.startswith("7+")
    assert column.destination == "/media/flipped"
    assert column.decode_size == (64, 48)


@pytest.mark.parametrize(
    ("annotation", "column_type"),
    [
        (Image.Image, ColumnType.IMAGE),
        (PngImageFile, ColumnType.IMAGE),
        (float, ColumnType.FLOAT),
        (int, ColumnType.INT),
        (str, ColumnType.STR),
        (bool, ColumnType.BOOL),
        (dict, ColumnType.DICT),
        (dict[str, float], ColumnType.DICT),
        (list, ColumnType.LIST),
        (list[int], ColumnType("list[int]")),
        (list[object], ColumnType.LIST),
        (list[dict[str, int]], ColumnType.LIST),
        (float | None, ColumnType.FLOAT),
        (Image.Image | None, ColumnType.IMAGE),
        (list[int] | None, ColumnType("list[int]")),
    ],
)
def test_the_return_annotation_says_what_the_column_holds(
    annotation: object, column_type: ColumnType
) -> None:
    def column(source_image: Photo) -> object:
        return source_image

    column.__annotations__["return"] = annotation

    assert declared(column, code_version="1").type is column_type


def test_annotations_may_be_strings() -> None:
    def column(source_image: "Image.Image", brightness: "float | None") -> "Photo | None":
        return source_image if brightness else None

    found = declared(column)

    assert found.type is ColumnType.IMAGE
    assert found.input_types == {
        "source_image": ColumnType.IMAGE,
        "brightness": ColumnType.FLOAT,
    }


def test_parameters_with_defaults_are_the_functions_own() -> None:
    def column(source_image: Photo, *, brightness: float, size: int = 3, mode="L") -> Photo:  # type: ignore[no-untyped-def]  # noqa: ANN001
        return source_image.resize((size, int(brightness))).convert(mode)

    assert declared(column).inputs == ("source_image", "brightness")


def without_return(source_image: Photo):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return source_image


def returns_nothing(source_image: Photo) -> None:
    """May change its input."""


def returns_a_set(source_image: Photo) -> set[int]:
    return {*source_image.size}


def returns_either(source_image: Photo) -> int | str:
    return source_image.width


def returns_a_list_literal(source_image: Photo) -> [float]:  # type: ignore[valid-type]
    return [source_image.width]


def returns_the_module(source_image: Photo) -> Image:  # type: ignore[valid-type]
    raise NotImplementedError


def returns_what_is_not_defined(source_image: Photo) -> "Imagge.Image":  # type: ignore[name-defined]  # noqa: F821
    return source_image


def returns_no_python(source_image: Photo) -> "Image.Image ->":  # type: ignore[valid-type]  # noqa: F722
    return source_image


def reads_nothing() -> Photo:
    return Image.new("L", (1, 1))


def reads_only_defaults(size: int = 3) -> Photo:
    return Image.new("L", (size, size))


def reads_without_annotation(source_image) -> Photo:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return source_image


def reads_a_buffer(source_image: bytearray) -> Photo:
    return Image.frombytes("L", (1, 1), bytes(source_image))


def reads_many(*source_image: Photo) -> Photo:
    return source_image[0]


def reads_named_ones(**source_image: Photo) -> Photo:
    return source_image["a"]


def yields(source_image: Photo) -> Iterator[Photo]:
    yield source_image


def yields_in_disguise(source_image: Photo) -> Photo:  # pyright: ignore[reportInvalidTypeForm]
    yield source_image  # pyright: ignore[reportReturnType]


async def yields_later(source_image: Photo) -> AsyncIterator[Photo]:
    yield source_image


def returns_images(source_image: Photo) -> list[Photo]:
    return [source_image]


def returns_images_by_name(source_image: Photo) -> dict[str, list[Photo] | None] | None:
    return {"a": [source_image]}


def returns_images_in_a_tuple(source_image: Photo) -> tuple[Photo, ...]:
    return (source_image,)


def returns_a_list_of_bytes(source_image: Photo) -> list[bytes]:
    return [source_image.tobytes()]


def reads_images(source_image: list[Photo]) -> int:
    return len(source_image)


def reads_by_position(source_image: Photo, /) -> Photo:
    return source_image


@pytest.mark.parametrize(
    ("function", "problem", "fix"),
    [
        (without_return, "has no return annotation", "-> Image.Image"),
        (returns_nothing, "returns `<class 'NoneType'>`", "-> Image.Image"),
        (returns_a_set, r"returns `set\[int\]`", "-> Image.Image"),
        (returns_either, r"returns `int \| str`", "-> Image.Image"),
        (returns_a_list_literal, r"returns `\[<class 'float'>\]`", "-> Image.Image"),
        (returns_the_module, "returns `<module 'PIL.Image'", "-> Image.Image"),
        (returns_what_is_not_defined, "annotations of .* cannot be read", "Import the names"),
        (returns_no_python, "annotations of .* cannot be read", "Import the names"),
        (reads_nothing, "does not read a column", "def flipped"),
        (reads_only_defaults, "does not read a column", "def flipped"),
        (reads_without_annotation, "'source_image' of column", "source_image: Image.Image"),
        (reads_a_buffer, "'source_image: bytearray' of column", "source_image: Image.Image"),
        (reads_many, r"'\*source_image: ", "source_image: Image.Image"),
        (reads_named_ones, r"'\*\*source_image: ", "source_image: Image.Image"),
        (reads_by_position, "'source_image: ", "source_image: Image.Image"),
        (yields, "'yields' is a generator", "no `yield`"),
        (yields_in_disguise, "'yields_in_disguise' is a generator", "no `yield`"),
        (yields_later, "'yields_later' is an asynchronous generator", "no `yield`"),
        (returns_images, r"returns `list\[PIL.Image.Image\]`", "-> Image.Image"),
        (returns_images_by_name, r"returns `dict\[str, list", "-> Image.Image"),
        (returns_images_in_a_tuple, r"returns `tuple\[PIL", "-> Image.Image"),
        (returns_a_list_of_bytes, r"returns `list\[bytes\]`", "-> Image.Image"),
        (reads_images, r"'source_image: list\[PIL", "source_image: Image.Image"),
        (functools.partial(flipped), "name '' cannot be used", "Name it like `large_thumbnail`"),
        (lambda source_image: source_image, "name '<lambda>' cannot", "a lambda needs name="),
    ],
)
def test_a_function_that_cannot_be_a_column_is_refused_with_the_fix(
    function: Callable[..., object], problem: str, fix: str
) -> None:
    with pytest.raises(DeclarationError, match=problem) as caught:
        declared(function)

    assert fix in caught.value.fix
    assert getattr(function, "__name__", "") in caught.value.what


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"format": "jpgg"}, DeclarationError, "'jpgg' is not accepted"),
        ({"format": "jpeg", "save_options": {"qality": 3}}, DeclarationError, "'qality'"),
        ({"save_options": {"quality": "high"}}, DeclarationError, "'high'"),
        ({"destination": "media/flipped"}, DestinationError, "'flipped' is a relative path"),
        ({"destination": ""}, DestinationError, "'flipped' is empty"),
        ({"destination": "ftp://host/x"}, DestinationError, "from column 'flipped'"),
        ({"decode_size": (0, 5)}, DeclarationError, r"decode_size=\(256, 256\)"),
        ({"decode_size": (5,)}, DeclarationError, r"decode_size=\(256, 256\)"),
        ({"decode_size": 256}, DeclarationError, r"decode_size=\(256, 256\)"),
        ({"decode_size": ("256", "256")}, DeclarationError, r"decode_size=\(256, 256\)"),
        ({"name": "Flipped"}, DeclarationError, "name 'Flipped' cannot be used"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_by_its_value(
    options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        declared(flipped, **options)


@pytest.mark.parametrize(
    "options", [{"format": "jpeg"}, {"save_options": {"quality": 3}}, {"destination": "/media"}]
)
def test_a_value_column_writes_no_file_and_takes_no_options_for_one(
    options: dict[str, Any],
) -> None:
    with pytest.raises(DeclarationError, match="returns `float`, a value without a file"):
        declared(brightness, **options)


def test_a_callable_destination_is_not_asked_when_it_is_declared() -> None:
    def destination() -> str:
        raise AssertionError

    assert declared(flipped, destination=destination).destination is destination


@pytest.mark.parametrize(
    "options",
    [
        {"format": "png"},
        {"format": "jpeg", "save_options": {"quality": 30}},
        {"decode_size": (64, 64)},
        {"code_version": "2"},
    ],
)
def test_what_changes_the_files_changes_the_code_version(options: dict[str, Any]) -> None:
    assert declared(flipped, **options).code_version != declared(flipped).code_version


def test_what_does_not_change_the_files_does_not_change_the_code_version() -> None:
    plain = declared(flipped)
    options = {"name": "other", "description": "d", "destination": "/m", "save_options": {}}

    assert declared(flipped, **options).code_version == plain.code_version


@pytest.mark.parametrize(
    "name",
    ["", "_a", "1a", "Ab", "a-b", "a b", "a.b", "ü", "a" * 64, "a\n", "row", "partition", "con"],
)
def test_a_name_that_not_everything_can_hold_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=r"Column name .* cannot be used"):
        check_name(name, what="Column")


@pytest.mark.parametrize("name", ["a", "a1", "a_b", "select", "a" * 63])
def test_every_other_name_is_taken_as_it_is(name: str) -> None:
    assert check_name(name, what="Column") == name


def test_columns_come_after_their_inputs_otherwise_as_declared() -> None:
    columns = [
        SOURCE,
        reading("z", "source_image"),
        reading("late", "early"),
        reading("a", "source_image"),
        reading("early", "z", "a"),
    ]

    assert names(in_order(columns)) == ["source_image", "z", "a", "early", "late"]


def test_a_parameter_that_names_no_column_is_refused_with_the_nearest_name() -> None:
    columns = [SOURCE, reading("flipped", "source_imag")]

    with pytest.raises(UnknownNameError, match="Did you mean 'source_image'") as caught:
        in_order(columns)

    assert "parameter of row function 'flipped'" in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "circle"),
    [
        ([reading("a", "a")], "a -> a"),
        ([reading("a", "b"), reading("b", "a")], "(a -> b -> a|b -> a -> b)"),
    ],
)
def test_columns_that_read_each_other_in_a_circle_are_refused(
    columns: list[Column], circle: str
) -> None:
    with pytest.raises(DeclarationError, match=f"in a cycle: {circle}"):
        in_order([SOURCE, *columns])


def test_a_parameter_is_annotated_with_what_its_column_holds() -> None:
    columns = [SOURCE, reading("a", "source_image", type=ColumnType.FLOAT), reading("b", "a")]

    with pytest.raises(
        DeclarationError, match=r"column 'a' holds `float`.*Annotate 'a' as `float`"
    ):
        in_order(columns)
