import pickle

import pytest

from media_assets.errors import OutputFormatError
from media_assets.images.decode import DEFAULT_INPUT_FORMATS
from media_assets.images.formats import OUTPUT_FORMATS, check_encoding, content_type, extension


@pytest.mark.parametrize("spelling", ["jpeg", "JPEG", "jpg", ".jpg", "Jpg"])
def test_a_format_may_be_spelled_as_people_do(spelling: str) -> None:
    assert check_encoding(spelling).format == "JPEG"


def test_whatever_is_written_can_be_read_again() -> None:
    assert set(OUTPUT_FORMATS) == set(DEFAULT_INPUT_FORMATS)


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(OutputFormatError, match=r"'jpeg2000' is not accepted.*JPEG, PNG, WEBP"):
        check_encoding("jpeg2000")


def test_an_unknown_option_lists_the_known_ones() -> None:
    with pytest.raises(OutputFormatError, match=r"'qualty' is not accepted.*quality, subsampling"):
        check_encoding("jpeg", {"qualty": 90})


def test_options_that_would_write_metadata_are_unknown() -> None:
    for name, output in OUTPUT_FORMATS.items():
        for option in ("exif", "xmp", "comment", "icc_profile", "pnginfo", "tiffinfo", "save_all"):
            assert option not in output.options
            with pytest.raises(OutputFormatError):
                check_encoding(name, {option: b"x"})


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("jpeg", "quality", 0),
        ("jpeg", "quality", 101),
        ("jpeg", "quality", "keep"),
        ("jpeg", "quality", True),
        ("jpeg", "subsampling", "4:1:0"),
        ("jpeg", "subsampling", True),
        ("jpeg", "optimize", 1),
        ("jpeg", "dpi", (0, 72)),
        ("png", "compress_level", 10),
        ("webp", "method", 7),
        ("tiff", "compression", "jpeg"),
        ("tiff", "compression", []),
        ("avif", "speed", -1),
        ("avif", "quality", 50.0),
    ],
)
def test_a_value_out_of_range_says_what_is_accepted(name: str, option: str, value: object) -> None:
    with pytest.raises(OutputFormatError) as caught:
        check_encoding(name, {option: value})

    assert option in str(caught.value)
    assert OUTPUT_FORMATS[name.upper()].options[option].accepts in str(caught.value)


def test_the_default_format_accepts_only_options_of_both_formats() -> None:
    assert check_encoding(None, {"quality": 80}).save_options == {"quality": 80}
    with pytest.raises(OutputFormatError, match="JPEG or WEBP 'lossless'"):
        check_encoding(None, {"lossless": True})


def test_an_encoding_is_a_value() -> None:
    first, second = check_encoding("jpeg", {"quality": 90}), check_encoding("jpg", {"quality": 90})

    assert first == second
    assert hash(first) == hash(second)
    assert pickle.loads(pickle.dumps(first)) == first  # noqa: S301


def test_every_format_has_an_extension_and_a_content_type() -> None:
    assert [extension(name) for name in ("JPEG", "WEBP", "TIFF")] == [".jpg", ".webp", ".tif"]
    assert {content_type(name) for name in OUTPUT_FORMATS} == {
        f"image/{name.lower()}" for name in OUTPUT_FORMATS
    }
