"""WebP and AVIF decoded without Pillow's copies look the same as with Pillow."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from media_assets.errors import UndecodableImageError
from media_assets.images import codecs
from media_assets.images.costs import decoding_bytes
from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets_tests.images.pictures import decoded, saved
from media_assets_tests.images.second_decoder import vips_avif
from media_assets_tests.photos import picture

KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "lossy": ("RGB", "WEBP", {}),
    "lossy, transparent": ("RGBA", "WEBP", {}),
    "lossless": ("RGB", "WEBP", {"lossless": True}),
    "lossless, transparent": ("RGBA", "WEBP", {"lossless": True}),
    "4:2:0": ("RGB", "AVIF", {}),
    "4:4:4": ("RGB", "AVIF", {"subsampling": "4:4:4"}),
    "transparent": ("RGBA", "AVIF", {"subsampling": "4:4:4"}),
    "premultiplied": ("RGBA", "AVIF", {"alpha_premultiplied": True}),
    "gray": ("L", "AVIF", {}),
}


def of(mode: str, size: tuple[int, int] = (203, 101)) -> Image.Image:
    image = picture(size=size).convert("RGB")
    if mode == "RGBA":
        image.putalpha(Image.radial_gradient("L").resize(size))
    return image.convert(mode)


def seen_by_pillow(content: bytes) -> tuple[str, bytes]:
    with Image.open(BytesIO(content)) as image:
        return image.mode, image.tobytes()


def test_the_libraries_of_this_pillow_are_reached() -> None:
    assert codecs.webp_library() is not None
    assert codecs.avif_library() is not None


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_those_of_pillow(kind: str) -> None:
    mode, name, options = KINDS[kind]
    content = saved(of(mode), name, **options)

    image = decoded(content)

    assert (image.mode, image.tobytes()) == seen_by_pillow(content)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_pixels_of_any_depth_are_those_of_pillow(bits: int) -> None:
    content = vips_avif(of("RGBA"), bits)

    image = decoded(content)

    assert (image.mode, image.tobytes()) == seen_by_pillow(content)


def test_more_than_8_bits_cost_more() -> None:
    shallow, deep = (open_image(vips_avif(of("RGBA"), bits), ImageLimits()) for bits in (8, 10))

    assert decoding_bytes(deep) - len(deep.content) > decoding_bytes(shallow)


@pytest.mark.parametrize("frames", [1, 3])
def test_of_an_animation_the_first_frame_is_shown(frames: int) -> None:
    pictures = [of("RGBA", (80, 60)).rotate(90 * n) for n in range(3)]
    content = saved(pictures[0], "WEBP", save_all=True, append_images=pictures[1:])
    if frames == 1:
        content = only_first_frame(content)

    image = decoded(content)

    assert (image.mode, image.tobytes()) == seen_by_pillow(content)


def only_first_frame(content: bytes) -> bytes:
    """An animation of one frame, which its flags still declare as one."""
    second = content.index(b"ANMF", content.index(b"ANMF") + 4)
    body = content[8:second]
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def test_pillow_says_what_is_wrong_with_a_damaged_file() -> None:
    content = saved(of("RGBA"), "WEBP")
    damaged = content[: len(content) // 2] + bytes(len(content) - len(content) // 2)

    with pytest.raises(UndecodableImageError):
        decode_image(open_image(damaged, ImageLimits()))


@pytest.mark.parametrize("name", ["WEBP", "AVIF"])
def test_a_decoded_image_can_be_changed_and_loaded_again(name: str) -> None:
    image = decoded(saved(of("RGBA"), name))

    image.load()
    image.putpixel((0, 0), (1, 2, 3, 4))

    assert image.getpixel((0, 0)) == (1, 2, 3, 4)
