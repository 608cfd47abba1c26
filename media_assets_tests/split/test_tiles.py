"""Tiles cover an image, in order, and each can be found in it again."""

import pickle
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st
from PIL import Image

from media_assets import split
from media_assets.errors import DeclarationError, PartsTooManyError
from media_assets.split.image_tiles import starts
from media_assets_tests.split.parts import nothing, parts_of

PICTURE = Image.radial_gradient("L").resize((100, 60)).convert("RGB")


def test_tiles_come_row_by_row_with_their_boxes() -> None:
    tiles = parts_of(split.tiles((40, 32)), PICTURE)

    boxes = {part.key: tuple(part.fields.values()) for part in tiles}
    assert boxes == {
        "0000x0000": (0, 0, 40, 32),
        "0000x0001": (40, 0, 40, 32),
        "0000x0002": (80, 0, 20, 32),
        "0001x0000": (0, 32, 40, 28),
        "0001x0001": (40, 32, 40, 28),
        "0001x0002": (80, 32, 20, 28),
    }
    assert list(tiles[0].fields) == list(split.tiles(40).fields)
    assert [part.key for part in tiles] == sorted(boxes)


@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    data=st.data(),
)
def test_tiles_that_are_laid_over_each_other_give_the_image(
    width: int, height: int, size: tuple[int, int], data: st.DataObject
) -> None:
    picture = PICTURE.resize((width, height))
    overlap = data.draw(st.integers(0, min(size) - 1))
    again = Image.new("RGB", picture.size)

    for part in parts_of(split.tiles(size, overlap=overlap), picture):
        assert isinstance(part.value, Image.Image)
        x, y, wide, high = part.fields.values()
        assert part.value.size == (wide, high)
        again.paste(part.value, (int(str(x)), int(str(y))))

    assert again.tobytes() == picture.tobytes()


@given(length=st.integers(1, 500), side=st.integers(1, 100), data=st.data())
def test_no_tile_lies_within_its_neighbour(length: int, side: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, side - 1))
    ends = [(start, min(start + side, length)) for start in starts(length, side, overlap)]

    assert (ends[0][0], ends[-1][1]) == (0, length)
    for (_, end), (start, next_end) in pairwise(ends):
        assert end - start == overlap
        assert next_end > end


def test_a_tile_is_taken_from_its_image_again() -> None:
    splitter = split.tiles(32, overlap=8)

    for part in parts_of(splitter, PICTURE):
        again = splitter.extract(PICTURE, part.key, part.fields)
        assert isinstance(part.value, Image.Image)
        assert isinstance(again, Image.Image)
        assert again.tobytes() == part.value.tobytes()
        assert splitter.fragment(part.fields) == "xywh=" + ",".join(
            str(value) for value in part.fields.values()
        )


def test_tiles_that_are_there_are_not_cut() -> None:
    tiles = list(split.tiles(50).split(PICTURE, lambda key: key == "0000x0001", 10))

    assert [part.value is None for part in tiles] == [False, True, False, False]
    assert tiles[1].fields == {"x": 50, "y": 0, "width": 50, "height": 50}


@pytest.mark.parametrize(
    ("stored", "mode", "written"),
    [
        ("JPEG", "RGB", "JPEG"),
        ("WEBP", "RGB", "JPEG"),
        ("WEBP", "RGBA", "PNG"),
        ("PNG", "RGB", "PNG"),
        ("TIFF", "L", "PNG"),
        (None, "RGB", "PNG"),
    ],
)
def test_tiles_lose_nothing_where_their_image_lost_nothing(
    stored: str | None, mode: str, written: str
) -> None:
    picture = PICTURE.convert(mode)
    picture.format = stored

    (tile,) = parts_of(split.tiles(200), picture)

    assert tile.format == written
    assert tile.save_options == ({"quality": 95} if written == "JPEG" else None)


def test_too_many_tiles_are_refused_before_the_first() -> None:
    parts = split.tiles(1).split(PICTURE, nothing, 5_999)

    with pytest.raises(PartsTooManyError, match=r"6,000 tiles .* At most 5,999 .* larger tiles"):
        next(parts)


def test_a_line_of_tiles_is_no_longer_than_its_keys() -> None:
    parts = split.tiles(1).split(Image.new("L", (10_000, 1)), nothing, 20_000)

    with pytest.raises(PartsTooManyError, match=r"10,000 tiles in a line .* At most 9,999"):
        next(parts)


def test_the_version_follows_the_options() -> None:
    versions = [
        split.tiles(256).code_version,
        split.tiles(128).code_version,
        split.tiles(256, overlap=1).code_version,
    ]

    assert len(set(versions)) == 3
    assert split.tiles((256, 256)).code_version == versions[0]
    assert pickle.loads(pickle.dumps(split.tiles(256))) == split.tiles(256)  # noqa: S301  its own


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, r"size=0.*a number of pixels.*ma\.split\.tiles\(512"),
        ({"size": (256, -1)}, r"size=\(256, -1\)"),
        ({"size": (256,)}, r"size=\(256,\)"),
        ({"size": 25.5}, r"size=25\.5"),
        ({"size": True}, "size=True"),
        ({"size": "256"}, "size='256'"),
        ({"size": 256, "overlap": 256}, "overlap=256.*0 to 255"),
        ({"size": (256, 64), "overlap": 64}, "overlap=64.*0 to 63"),
        ({"size": 256, "overlap": -1}, "overlap=-1"),
    ],
)
def test_options_that_make_no_tiles_are_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        split.tiles(**options)
