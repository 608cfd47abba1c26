"""Renditions of images: widths and formats, each width scaled once from the image."""

import pickle
from collections.abc import Mapping

import pytest
from PIL import Image

from media_assets import split, transforms
from media_assets.errors import DeclarationError, PartsTooManyError
from media_assets_tests.images.pictures import scene
from media_assets_tests.split.parts import nothing, parts_of

SPLITTER = split.renditions(widths=(160, 40, 80), formats={"webp": {"quality": 60}, "jpeg": {}})


def test_renditions_come_by_width_and_format() -> None:
    parts = parts_of(SPLITTER, scene((200, 100)))

    assert [part.key for part in parts] == [
        *("00040.jpg", "00040.webp", "00080.jpg", "00080.webp", "00160.jpg", "00160.webp")
    ]
    assert parts[1].fields == {"width": 40, "height": 20, "format": "WEBP"}
    assert parts[1].fields.keys() == SPLITTER.fields.keys()
    assert [(part.format, part.save_options) for part in parts[:2]] == [
        ("JPEG", {}),
        ("WEBP", {"quality": 60}),
    ]


def test_each_width_is_scaled_once_and_from_the_image() -> None:
    picture = scene((200, 100))
    parts = parts_of(SPLITTER, picture)

    for jpeg, webp in zip(parts[::2], parts[1::2], strict=True):
        width, height = int(str(jpeg.fields["width"])), int(str(jpeg.fields["height"]))
        scaled = transforms.thumbnail(picture, (width, height))
        again = SPLITTER.extract(picture, webp.key, webp.fields)
        assert jpeg.value is webp.value
        assert isinstance(jpeg.value, Image.Image)
        assert isinstance(again, Image.Image)
        assert jpeg.value.size == (width, height)
        assert jpeg.value.tobytes() == scaled.tobytes() == again.tobytes()


@pytest.mark.parametrize(
    ("size", "widths"), [((100, 50), [40, 80, 100]), ((30, 60), [30]), ((80, 1), [40, 80])]
)
def test_nothing_is_enlarged(size: tuple[int, int], widths: list[int]) -> None:
    parts = parts_of(split.renditions(widths=(40, 80, 160), formats=["png"]), scene(size))

    assert [part.fields["width"] for part in parts] == widths
    assert "never enlarged" in SPLITTER.description


def test_renditions_that_are_there_are_not_scaled() -> None:
    picture = scene((200, 100))

    parts = list(SPLITTER.split(picture, lambda key: key.endswith("jpg"), 10))

    assert [part.value is None for part in parts] == [True, False] * 3
    assert parts[0].fields == {"width": 40, "height": 20, "format": "JPEG"}


def test_too_many_are_refused() -> None:
    with pytest.raises(PartsTooManyError, match=r"6 renditions .* At most 5"):
        next(SPLITTER.split(scene((200, 100)), nothing, 5))


def test_more_widths_are_another_table_of_the_same_renditions() -> None:
    more = split.renditions(widths=(40, 320), formats={"webp": {"quality": 60}, "avif": {}})
    better = split.renditions(widths=(40,), formats={"webp": {"quality": 90}})

    assert len({SPLITTER.code_version, more.code_version, better.code_version}) == 3
    assert SPLITTER.part_version == more.part_version != better.part_version
    assert pickle.loads(pickle.dumps(SPLITTER)) == SPLITTER  # noqa: S301  its own


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": ()}, r"widths=\(\).*whole numbers from 1"),
        ({"widths": (0,)}, r"widths=\(0,\)"),
        ({"widths": 320}, "widths=320"),
        ({"widths": "320"}, "widths='320'"),
        ({"widths": (70_000,)}, r"65,500"),
        ({"widths": (True,)}, r"widths=\(True,\)"),
        ({"widths": (320,), "formats": "webp"}, "formats='webp'.*JPEG, PNG"),
        ({"widths": (320,), "formats": ()}, r"formats=\(\)"),
        ({"widths": (320,), "formats": ("jpg", "JPEG")}, "each once"),
        ({"widths": (320,), "formats": ("svg",)}, "'svg' is not accepted"),
        ({"widths": (320,), "formats": {"webp": {"quality": 500}}}, "from 0 to 100"),
        ({"widths": (320,), "formats": (None,)}, r"formats=\(None,\)"),
        ({"widths": (320,), "formats": None}, "formats=None"),
    ],
)
def test_options_that_make_no_renditions_are_refused(
    options: Mapping[str, tuple[int, ...]], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        split.renditions(**options)  # pyright: ignore[reportArgumentType]
