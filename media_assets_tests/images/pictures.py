"""Pictures in every mode, each with its expected look on white."""

import itertools
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw

from media_assets.images.decode import ImageLimits, decode_image, open_image
from media_assets.images.encode import encode_image
from media_assets.images.formats import Encoding

SIZE = (64, 48)


def scene(size: tuple[int, int] = SIZE) -> Image.Image:
    """A colour gradient with a disc left of the middle, so that every rotation is visible."""
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (across, down, across.transpose(Image.Transpose.ROTATE_180)))
    box = (size[0] // 8, size[1] // 4, size[0] // 3, size[1] // 2)
    ImageDraw.Draw(picture).ellipse(box, fill=(250, 240, 30))
    return picture


def _alpha() -> Image.Image:
    """Opaque on the right, fading to transparent on the left."""
    return Image.linear_gradient("L").rotate(90).resize(SIZE)


def _with_alpha(mode: str) -> Image.Image:
    picture = scene().convert("L" if mode in {"LA", "La"} else "RGB")
    picture.putalpha(_alpha())
    return picture if picture.mode == mode else picture.convert(mode)


def _wide(mode: str, dtype: str, factor: float) -> Image.Image:
    shades = np.asarray(scene().convert("L")).astype(float) * factor
    return Image.frombytes(mode, SIZE, shades.round(4).astype(dtype).tobytes())


def _keyed(mode: str, key: object) -> Image.Image:
    picture = scene().quantize(32) if mode == "P" else scene().convert(mode)
    picture.info["transparency"] = key
    return picture


_NATIVE_16 = "<u2" if np.little_endian else ">u2"
PICTURES: dict[str, Callable[[], Image.Image]] = {
    **{mode: lambda mode=mode: scene().convert(mode) for mode in ("1", "L", "RGB", "RGBX")},
    **{mode: lambda mode=mode: scene().convert(mode) for mode in ("CMYK", "YCbCr", "LAB", "HSV")},
    **{mode: lambda mode=mode: _with_alpha(mode) for mode in ("LA", "La", "RGBA", "RGBa", "PA")},
    "P": lambda: scene().quantize(32),
    "I;16": lambda: _wide("I;16", "<u2", 257),
    "I;16L": lambda: _wide("I;16L", "<u2", 257),
    "I;16B": lambda: _wide("I;16B", ">u2", 257),
    "I;16N": lambda: _wide("I;16N", _NATIVE_16, 257),
    "I of 8 bits": lambda: _wide("I", "i4", 1),
    "I of 16 bits": lambda: _wide("I", "i4", 257),
    "F of fractions": lambda: _wide("F", "f4", 1 / 255),
    "F of 8 bits": lambda: _wide("F", "f4", 1),
    "P with one transparent colour": lambda: _keyed("P", 3),
    "P with half transparent colours": lambda: _keyed("P", bytes(range(0, 256, 8))),
    "L with a transparent shade": lambda: _keyed("L", 100),
    "1 with a transparent shade": lambda: _keyed("1", 255),
    "RGB with a transparent colour": lambda: _keyed("RGB", (250, 240, 30)),
}


def on_white(picture: Image.Image) -> Image.Image:
    """The look of any picture on a white page, computed independently of the code under test."""
    if picture.mode == "F":
        values = np.asarray(picture)
        return Image.fromarray((values * (255 if values.max() <= 1 else 1)).astype("u1")).convert(
            "RGB"
        )
    if picture.mode.startswith("I"):
        values = np.asarray(picture.convert("I"))
        is_wide = picture.mode != "I" or values.max() > 255
        return Image.fromarray((values // (257 if is_wide else 1)).astype("u1")).convert("RGB")
    if picture.mode in {"LAB", "HSV", "CMYK", "YCbCr"}:
        return picture.convert("RGB")
    if picture.mode == "La":
        picture = picture.convert("LA")
    layered = picture.copy().convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), layered).convert("RGB")


def distance(first: Image.Image, second: Image.Image) -> float:
    """The mean difference between the bands of two RGB pictures, of 255."""
    return float(np.abs(np.asarray(first, float) - np.asarray(second, float)).mean())


def saved(picture: Image.Image, name: str, **options: object) -> bytes:
    """The file that Pillow itself writes, or pillow-heif."""
    file = BytesIO()
    if name == "HEIF":
        pillow_heif.from_pillow(picture).save(file, **options)
        return file.getvalue()
    picture.save(file, name, **options)
    return file.getvalue()


def encoded(picture: Image.Image, folder: Path, encoding: Encoding) -> tuple[str, bytes]:
    """The file that the code under test writes to disk, and its format."""
    path = folder / "encoded"
    with path.open("w+b") as file:
        name = encode_image(picture, file, encoding).format
    return name, path.read_bytes()


def decoded(content: bytes, decode_size: tuple[int, int] | None = None) -> Image.Image:
    return decode_image(open_image(content, ImageLimits()), decode_size=decode_size)


def _profile(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A version 2 ICC profile with these tags."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, kind, space, connection)
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + table + body


def _gray_profile() -> bytes:
    """Gray that is linear in light: middle gray looks much lighter than in sRGB."""
    white = b"XYZ " + bytes(4) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return _profile(b"GRAY", b"XYZ ", b"mntr", {b"wtpt": white, b"kTRC": b"curv" + bytes(8)})


def _cmyk_profile() -> bytes:
    """Every ink is the same gray: converting through it loses all colours."""
    corners = itertools.product((0, 255), repeat=4)
    grid = b"".join(bytes((255 - max(inks), 128, 128)) for inks in corners)
    unit = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + unit + bytes(range(256)) * 4 + grid
    white = b"XYZ " + bytes(4) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    tags = {b"wtpt": white, b"A2B0": table + bytes(range(256)) * 3}
    return _profile(b"CMYK", b"Lab ", b"prtr", tags)


def _swapped_primaries() -> bytes:
    profile = bytearray(SRGB)
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Red and green are swapped: nothing could differ more from sRGB.
WIDE_GAMUT = _swapped_primaries()
LINEAR_GRAY = _gray_profile()
GRAY_INKS = _cmyk_profile()
