"""Annotations: which types they stand for, and which may read which."""

from datetime import date, datetime
from typing import Annotated, Any, NotRequired, Optional, Required, TypedDict

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from media_assets.columns import Length, type_to_read
from media_assets.columns.annotations import column_type_of, is_nullable
from media_assets.errors import DeclarationError
from media_assets.values import ColumnType


class Box(TypedDict):
    x: float
    label: NotRequired[str]


class Found(TypedDict, total=False):
    boxes: Required[list[Box]]
    at: Required[datetime | None]
    rest: dict[str, Any]


class Endless(TypedDict):
    parts: "list[Endless]"


class WithPicture(TypedDict):
    image: Image.Image


class WithTwins(TypedDict):
    a: int
    A: int


BOX = "{'x': float, 'label': str | None}"


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (datetime, "datetime"),
        (date | None, "date"),
        (bytes, "bytes"),
        (list[float], "list[float]"),
        (list[str | None], "list[str | None]"),
        (list[list[int]], "list[list[int]]"),
        (list[Box], f"list[{BOX}]"),
        (Box, BOX),
        (Found, f"{{'boxes': list[{BOX}], 'at': datetime | None, 'rest': dict | None}}"),
        (Annotated[list[float], Length(512)], "float[512]"),
        (Optional[Annotated[list[float], Length(512)]], "float[512]"),  # noqa: UP045  pyright
        (Annotated[float, "in seconds"], "float"),
        (np.ndarray, "ndarray"),
        (npt.NDArray[np.float32], "ndarray"),
        (Annotated[np.ndarray, Length(3)], "ndarray[3]"),
        # What was kept as JSON before there were typed lists, and still is.
        (list, "list"),
        (list[Any], "list"),
        (list[dict[str, int]], "list"),
        (dict[str, list[float]], "dict"),
        (Endless, "{'parts': list}"),
    ],
)
def test_an_annotation_stands_for_a_type(annotation: object, text: str) -> None:
    assert column_type_of(annotation) is ColumnType(text)
    assert column_type_of(list[annotation], is_batch=True) is ColumnType(text)  # type: ignore[valid-type]


@pytest.mark.parametrize(
    "annotation",
    [
        list[bytes],
        list[Image.Image],
        WithPicture,
        WithTwins,
        bytearray,
        set[int],
        int | str,
        Annotated[list[int], Length(3)],
        Annotated[float, Length(3)],
        None,
    ],
)
def test_other_annotations_stand_for_none(annotation: object) -> None:
    assert column_type_of(annotation) is None


@pytest.mark.parametrize("numbers", [0, -1, 100_001, True])
def test_a_length_that_no_array_has_is_refused(numbers: int) -> None:
    with pytest.raises(DeclarationError, match="is the length of no array"):
        Length(numbers)


def test_what_may_be_none_says_so() -> None:
    assert is_nullable(Image.Image | None)
    assert is_nullable(list[Image.Image | None], is_batch=True)
    assert not is_nullable(Image.Image)
    assert not is_nullable(list[Image.Image] | None, is_batch=True)


@pytest.mark.parametrize(
    ("held", "asked", "read"),
    [
        ("list[str]", "list[str]", "list[str]"),
        ("list[str]", "list", "list[str]"),
        ("list", "list[str]", "list[str]"),
        (BOX, "dict", BOX),
        ("dict", BOX, BOX),
        ("float[3]", "float[3]", "float[3]"),
        ("float[3]", "list", "float[3]"),
        ("float[3]", "list[float]", "float[3]"),
        ("float[3]", "ndarray", "ndarray"),
        ("float[3]", "ndarray[3]", "ndarray[3]"),
        ("list[float]", "ndarray", "ndarray"),
        ("list[int]", "list[float]", "list[int]"),
    ],
)
def test_a_parameter_reads_what_its_annotation_can_mean(held: str, asked: str, read: str) -> None:
    assert type_to_read(ColumnType(held), ColumnType(asked)) is ColumnType(read)


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("float[3]", "float[4]"),
        ("float[3]", "ndarray[4]"),
        ("list[float]", "float[3]"),
        ("list[str]", "list[float]"),
        ("list[str]", "ndarray"),
        ("datetime", "date"),
        ("bytes", "str"),
        ("dict", "list"),
        ("list[str]", "dict"),
        ("image", "bytes"),
    ],
)
def test_a_parameter_reads_nothing_else(held: str, asked: str) -> None:
    assert type_to_read(ColumnType(held), ColumnType(asked)) is None
