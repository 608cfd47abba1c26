"""Files that a column wrote decode as any other."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets.images.formats import OUTPUT_FORMATS, check_encoding
from media_assets.images.written import decode_written
from media_assets_tests.images.pictures import PICTURES, encoded

LIMITS = ImageLimits()
OTHER_OPTIONS = {"progressive": True, "keep_rgb": True, "subsampling": "4:4:4", "dpi": (72, 72)}


def assert_equal(content: bytes, name: str) -> None:
    quick = decode_written(content, name, LIMITS)
    careful = decode_image(open_image(content, LIMITS))

    assert (quick.mode, quick.size, quick.info) == (careful.mode, careful.size, careful.info)
    assert quick.format == careful.format == name
    assert quick.tobytes() == careful.tobytes()


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_it_is_decoded_as_an_upload_would_be(name: str, tmp_path: Path) -> None:
    for made in PICTURES.values():
        written, content = encoded(made(), tmp_path, check_encoding(name))
        assert_equal(content, written)


def test_options_and_profiles_change_nothing(tmp_path: Path) -> None:
    image = PICTURES["RGB"]()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    buffer = BytesIO()
    image.save(buffer, "JPEG", icc_profile=profile.tobytes())
    with_profile = Image.open(buffer)

    for each, options in ((image, OTHER_OPTIONS), (with_profile, {})):
        written, content = encoded(each, tmp_path, check_encoding("jpeg", options))
        assert_equal(content, written)
