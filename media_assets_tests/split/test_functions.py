"""Splitters from functions: what they yield is a row each, by the annotation."""

import pickle
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import pytest
from PIL import Image

import media_assets as ma
from media_assets.column_types import ColumnType
from media_assets.errors import (
    DeclarationError,
    PartError,
    PartsMissingError,
    PartsTooManyError,
    UnknownNameError,
)
from media_assets.split.functions import FunctionSplitter, splitter_of
from media_assets_tests.split.parts import nothing, parts_of

PICTURE = Image.new("RGB", (8, 4), "red")


class Place(TypedDict):
    x: int
    y: int


class Face(NamedTuple):
    face: ma.Image
    score: float
    place: Place
    label: str | None = None


class Named(NamedTuple):
    key: str
    face: ma.Image


def faces(source_image: ma.Image, least: float) -> Iterator[Face]:
    """Faces of a photo.

    All of them.
    """
    for number in range(3):
        face = source_image.crop((number, 0, number + 1, 1))
        yield Face(face, least + number, {"x": number, "y": 0})


GIVEN = {"source_image": PICTURE, "least": 0.5}


def test_the_annotation_is_the_schema() -> None:
    splitter = splitter_of(faces)

    assert (splitter.name, splitter.column, splitter.description) == (
        *("faces", "face", "Faces of a photo."),
    )
    assert (splitter.reads, splitter.makes) == (ColumnType.IMAGE, ColumnType.IMAGE)
    assert splitter.fields == {"score": float, "place": Place, "label": str | None}
    assert splitter.input_types == {"source_image": "image", "least": "float"}
    assert splitter.fragment({}) is None


def test_each_part_has_its_position_as_key() -> None:
    parts = parts_of(splitter_of(faces), GIVEN)

    assert [part.key for part in parts] == ["000000", "000001", "000002"]
    assert parts[2].fields == {"score": 2.5, "place": {"x": 2, "y": 0}, "label": None}
    assert isinstance(parts[2].value, Image.Image)
    assert parts[2].value.size == (1, 1)


def test_a_part_may_give_its_own_key() -> None:
    def named(source_image: ma.Image) -> list[Named]:
        return [Named("left eye", source_image), Named("Mund/2".replace("/", "-"), source_image)]

    parts = parts_of(splitter_of(named), {"source_image": PICTURE})

    assert [(part.key, part.fields) for part in parts] == [("left eye", {}), ("Mund-2", {})]


def test_parts_that_are_there_have_no_medium() -> None:
    splitter = splitter_of(faces)

    parts = list(splitter.split(GIVEN, lambda key: key == "000001", 3))

    assert [part.value is None for part in parts] == [False, True, False]
    assert parts[1].fields["score"] == 1.5


def test_a_part_is_found_again() -> None:
    splitter = splitter_of(faces)

    again = splitter.extract(GIVEN, "000001", {})

    assert isinstance(again, Image.Image)
    assert splitter.extract(GIVEN, "000009", {}) is None


def test_media_may_be_files(tmp_path: Path) -> None:
    class Clip(NamedTuple):
        clip: ma.Video
        number: int

    def clips(source_video: ma.Video) -> Iterable[Clip]:
        yield Clip(source_video.clip(0, 1), 1)
        yield Clip(tmp_path / "a.mp4", 2)  # pyright: ignore[reportArgumentType]  # as row functions may

    splitter = splitter_of(clips)
    parts = parts_of(splitter, {"source_video": ma.Video("a.mp4")})

    assert (splitter.reads, splitter.makes) == ("video", "video")
    assert parts[1].value == tmp_path / "a.mp4"


def test_a_function_that_is_no_longer_wanted_is_closed() -> None:
    closed: list[bool] = []

    def watched(source_image: ma.Image) -> Generator[Named, None, None]:
        try:
            yield Named("a", source_image)
            yield Named("b", source_image)
        finally:
            closed.append(True)

    parts = splitter_of(watched).split({"source_image": PICTURE}, nothing, 5)
    next(parts)
    assert not closed
    del parts
    assert closed


def test_what_the_function_raises_comes_through_after_earlier_parts() -> None:
    def failing(source_image: ma.Image) -> Iterator[Named]:
        yield Named("a", source_image)
        problem = "no more"
        raise OSError(problem)

    parts = splitter_of(failing).split({"source_image": PICTURE}, nothing, 5)

    assert next(parts).key == "a"
    with pytest.raises(OSError, match="no more"):
        next(parts)


def test_no_parts_are_no_rows() -> None:
    def none(source_image: ma.Image) -> Collection[Named]:
        return []

    assert parts_of(splitter_of(none), {"source_image": PICTURE}) == []


def test_too_many_parts_are_refused_as_they_come() -> None:
    parts = splitter_of(faces).split(GIVEN, nothing, 2)

    assert [next(parts).key, next(parts).key] == ["000000", "000001"]
    with pytest.raises(PartsTooManyError, match=r"3 parts or more.*At most 2"):
        next(parts)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ([Named("", PICTURE)], "Part 1 has the key '', which names nothing"),
        ([Named("..", PICTURE)], "names nothing"),
        ([Named("a/b", PICTURE)], "Part 1 has the key 'a/b', which has the character '/'"),
        ([Named("a\nb", PICTURE)], "character"),
        ([Named("\udc80", PICTURE)], "character"),
        ([Named("ä" * 101, PICTURE)], "a key of 202 bytes"),
        ([Named("a", PICTURE), Named("a", PICTURE)], "Part 2 has the key 'a', which a part before"),
        ([(PICTURE,)], "Part 1 is of the type tuple.*yields `Named`"),
        ([None], "Part 1 is of the type NoneType"),
        ([Named("a", None)], "has a 'face' of the type NoneType.*annotated as `image`"),  # pyright: ignore[reportArgumentType]
        ([Named(7, PICTURE)], "has the key 7, which is of the type int"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_is_no_part_is_refused(made: list[Any], message: str) -> None:
    def named(source_image: ma.Image) -> list[Named]:
        return made

    with pytest.raises(PartError, match=message):
        parts_of(splitter_of(named), {"source_image": PICTURE})


def test_a_value_of_another_type_is_refused() -> None:
    def wrong(source_image: ma.Image) -> Iterator[Face]:
        yield Face(source_image, "high", {"x": 1, "y": 2})  # pyright: ignore[reportArgumentType]

    with pytest.raises(
        PartError, match=r"Part 1 has an unusable 'score' .'high' is not of type float"
    ):
        parts_of(splitter_of(wrong), {"source_image": PICTURE})


@pytest.mark.parametrize("made", [None, 7, "abc", b"abc"])
def test_a_result_that_holds_no_parts_is_refused(made: object) -> None:
    def wrong(source_image: ma.Image) -> Iterable[Named]:
        return made  # pyright: ignore[reportReturnType]

    with pytest.raises(PartsMissingError, match=f"of the type {type(made).__name__}"):
        parts_of(splitter_of(wrong), {"source_image": PICTURE})


class NoMedium(NamedTuple):
    score: float


class TwoMedia(NamedTuple):
    face: ma.Image
    mask: ma.Image


class MaybeMedium(NamedTuple):
    face: ma.Image | None


class WrongKey(NamedTuple):
    key: int
    face: ma.Image


class OfParent(NamedTuple):
    face: ma.Image
    parent: str


class OfBytes(NamedTuple):
    face: ma.Image
    data: bytes


class Reserved(NamedTuple):
    face: ma.Image
    partition: str


class Capital(NamedTuple):
    face: ma.Image
    Score: float


class Unknown(NamedTuple):
    face: "Nowhere"  # pyright: ignore[reportUndefinedVariable]  # noqa: F821


def _returning(annotation: object) -> Callable[..., Any]:
    def parts(source_image: ma.Image) -> object:
        return []

    parts.__annotations__["return"] = annotation
    return parts


def test_a_function_without_annotation_is_refused() -> None:
    def faces(source_image: ma.Image):  # noqa: ANN202
        return []

    with pytest.raises(DeclarationError, match=r"'faces' has no return annotation.*Iterator"):
        splitter_of(faces)


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Face, "returns `.*Face'>`.*an iterator"),
        (Iterator[float], "returns `.*float"),
        (Iterator, "returns `"),
        (Iterator[tuple[int, int]], "returns"),
        (dict[str, Face], "returns `dict"),
        (Iterator[NoMedium], "has 0 fields of a medium: none.*face: ma.Image"),
        (Sequence[TwoMedia], "has 2 fields of a medium: 'face' and 'mask'"),
        (Iterator[MaybeMedium], "`MaybeMedium.face` .* may be None.*yield no part"),
        (Iterator[WrongKey], "`WrongKey.key` .*`<class 'int'>`.*key: str"),
        (Iterator[OfParent], "has a field 'parent'"),
        (Iterator[OfBytes], "`OfBytes.data` .*bytes"),
        (Iterator[Reserved], "Index value name 'partition' cannot be used"),
        (Iterator[Capital], "Index value name 'Score' cannot be used"),
        (Iterator[Unknown], "annotations of `Unknown` of derived table 'parts'.*Nowhere"),
    ],
)
def test_an_annotation_that_is_not_a_schema_is_refused(annotation: object, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        splitter_of(_returning(annotation))


def test_other_kinds_of_functions_are_refused() -> None:
    async def later(source_image: ma.Image) -> Iterator[Face]:
        raise NotImplementedError

    with pytest.raises(DeclarationError, match="'later' is asynchronous"):
        splitter_of(later)

    def nothing_read() -> Iterator[Face]:
        raise NotImplementedError

    with pytest.raises(DeclarationError, match="does not read a column"):
        splitter_of(nothing_read)
    with pytest.raises(DeclarationError, match="Derived table name 'My Faces' cannot be used"):
        splitter_of(faces, name="My Faces")


def test_a_function_is_taken_as_a_splitter_and_nothing_else_is() -> None:
    table = ma.MediaTable("photos", values={"least": float})

    found = table.derived_table("found", faces)

    assert found.splitting is not None
    assert found.splitting.splitter.code_version == splitter_of(faces).code_version
    with pytest.raises(DeclarationError, match="splitter of derived table 'found' is 'frames'"):
        ma.MediaTable("videos").derived_table("found", "frames")  # type: ignore[call-overload]


def test_annotations_may_be_texts() -> None:
    def late(source_image: "ma.Image") -> "Iterator[Face]":
        raise NotImplementedError

    assert splitter_of(late).column == "face"


def test_the_version_is_that_of_the_function_and_its_schema() -> None:
    splitter, own = splitter_of(faces), splitter_of(faces, code_version="1")

    assert splitter_of(faces).code_version == splitter.code_version != own.code_version
    assert splitter_of(_returning(Iterator[Face]), code_version="1").code_version == (
        own.code_version
    )
    assert splitter_of(_returning(Iterator[Named]), code_version="1").code_version != (
        own.code_version
    )
    again = pickle.loads(pickle.dumps(splitter))  # noqa: S301  its own
    assert isinstance(again, FunctionSplitter)
    assert again.code_version == splitter.code_version
    assert len(parts_of(again, GIVEN)) == 3


TYPES = {"source_image": ColumnType.IMAGE, "least": ColumnType.FLOAT}


def test_a_function_reads_what_its_parent_has() -> None:
    assert splitter_of(faces).reading(TYPES).input_types == TYPES
    with pytest.raises(UnknownNameError, match="no column 'least'"):
        splitter_of(faces).reading({"source_image": ColumnType.IMAGE})
    with pytest.raises(DeclarationError, match=r"'least' as `float`.*holds `str`"):
        splitter_of(faces).reading({**TYPES, "least": ColumnType.STR})
    with pytest.raises(DeclarationError, match=r"`Face.score` .* name of a column of its parent"):
        splitter_of(faces).reading({**TYPES, "score": ColumnType.INT})
