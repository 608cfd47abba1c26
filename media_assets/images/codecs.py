"""Pixels of WebP and AVIF, straight from the libraries bundled with Pillow.

Pillow itself holds an image three times while decoding: as canvases or planes, as bytes, and as
the image. The functions called here are the ones that Pillow calls, so the pixels are the same.
If they cannot be reached, or have a different layout, Pillow decodes the image instead.
"""

import ctypes
from functools import cache
from importlib import import_module

from PIL import Image

from media_assets.machine import usable_cores

_OK = 0
_DECODER_DEFAULTS = (0, 1, 0, 0, 0, 0, 0, 16_384 * 16_384, 32_768, 12 * 3_600 * 60, 7)
"""The defaults of libavif 1 up to the strict flags; anything else is a different layout."""
_THREADS, _STRICT = 1, 10
_STRICT_ALPHA_SIZE = 4
"""The one check that Pillow leaves on: files that browsers show fail the others."""
_NUMBERS = {"RGB": 0, "RGBA": 1}
"""libavif's number for each mode."""
_COLOR_SPACES = {"RGB": 0, "RGBA": 1}
"""libwebp's, likewise."""


class _Pixels(ctypes.Structure):
    """Libavif's `avifRGBImage`, with room for additions in later versions."""

    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("width", "height", "depth", "format")),
        ("options", ctypes.c_uint32 * 7),
        ("pixels", ctypes.c_void_p),
        ("row_bytes", ctypes.c_uint32),
        ("later", ctypes.c_uint8 * 256),
    )


def webp_image(content: bytes, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Returns the image of a WebP that is not an animation.

    None if libwebp cannot be reached, or does not decode it: Pillow then reports the reason.
    """
    library = webp_library()
    if library is None:
        return None
    pixels = bytearray(len(mode) * size[0] * size[1])
    decode = library.WebPDecodeRGBAInto if mode == "RGBA" else library.WebPDecodeRGBInto
    if not decode(content, len(content), _memory(pixels), len(pixels), len(mode) * size[0]):
        return None
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)


def webp_so_far(content: bytes, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Returns as many rows of a WebP that ends early as it holds, on an empty image.

    None if it holds none, or libwebp cannot be reached.
    """
    library = webp_library()
    if library is None or mode not in _COLOR_SPACES:
        return None
    pixels = bytearray(len(mode) * size[0] * size[1])
    row_bytes = len(mode) * size[0]
    decoder = library.WebPINewRGB(_COLOR_SPACES[mode], _memory(pixels), len(pixels), row_bytes)
    rows = ctypes.c_int(-1)
    try:
        library.WebPIUpdate(decoder, content, len(content))
        library.WebPIDecGetRGB(decoder, ctypes.byref(rows), None, None, None)
    finally:
        library.WebPIDelete(decoder)
    if rows.value <= 0:
        return None
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)


def avif_image(content: bytes, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Returns the first frame of an AVIF.

    None if libavif cannot be reached, or does not decode it: Pillow then reports the reason.

    Args:
        content: The file.
        size: Its width and height, according to Pillow.
        mode: Its mode, likewise; None is returned for gray, for which Pillow needs little memory.
    """
    library = avif_library()
    if library is None or mode not in _NUMBERS:
        return None
    image = library.avifImageCreateEmpty()
    try:
        if not _decoded(library, image, content):
            return None
        pixels = _converted(library, image, size, mode)
    finally:
        library.avifImageDestroy(image)
    return None if pixels is None else Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)


def _decoded(library: ctypes.CDLL, image: int, content: bytes) -> bool:
    """Fills an image's planes, with the same settings as Pillow."""
    decoder = library.avifDecoderCreate()
    settings = _settings(decoder)
    settings[_THREADS] = usable_cores()
    settings[_STRICT] = _STRICT_ALPHA_SIZE
    try:
        return library.avifDecoderReadMemory(decoder, image, content, len(content)) == _OK
    finally:
        library.avifDecoderDestroy(decoder)


def _converted(
    library: ctypes.CDLL, image: int, size: tuple[int, int], mode: str
) -> bytearray | None:
    """Returns an image's planes as pixels; None if their size differs."""
    target = _Pixels()
    library.avifRGBImageSetDefaults(target, image)
    if (target.width, target.height) != size:
        return None
    pixels = bytearray(len(mode) * size[0] * size[1])
    target.depth, target.format = 8, _NUMBERS[mode]
    target.pixels, target.row_bytes = ctypes.addressof(_memory(pixels)), len(mode) * size[0]
    return pixels if library.avifImageYUVToRGB(image, target) == _OK else None


def _memory(pixels: bytearray) -> "ctypes.Array[ctypes.c_char]":
    return (ctypes.c_char * len(pixels)).from_buffer(pixels)


@cache
def webp_library() -> ctypes.CDLL | None:
    """Returns libwebp as loaded by Pillow; None if it cannot be reached."""
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    into = (ctypes.c_char_p, size, pointer, size, ctypes.c_int)
    takes = {
        "WebPDecodeRGBAInto": into,
        "WebPDecodeRGBInto": into,
        "WebPINewRGB": (ctypes.c_int, pointer, size, ctypes.c_int),
        "WebPIUpdate": (pointer, ctypes.c_char_p, size),
        "WebPIDecGetRGB": (pointer, pointer, pointer, pointer, pointer),
        "WebPIDelete": (pointer,),
    }
    pointers = takes.keys() - {"WebPIUpdate"}
    return _library("PIL._webp", takes, returns=dict.fromkeys(pointers, pointer))


@cache
def avif_library() -> ctypes.CDLL | None:
    """Returns libavif as loaded by Pillow; None if it cannot be reached or differs."""
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    pixels = ctypes.POINTER(_Pixels)
    takes = {
        "avifVersion": (),
        "avifDecoderCreate": (),
        "avifImageCreateEmpty": (),
        "avifDecoderDestroy": (pointer,),
        "avifImageDestroy": (pointer,),
        "avifDecoderReadMemory": (pointer, pointer, ctypes.c_char_p, size),
        "avifRGBImageSetDefaults": (pixels, pointer),
        "avifImageYUVToRGB": (pointer, pixels),
    }
    returns = dict.fromkeys(("avifDecoderCreate", "avifImageCreateEmpty"), pointer)
    library = _library("PIL._avif", takes, returns | {"avifVersion": ctypes.c_char_p})
    if library is None or not library.avifVersion().startswith(b"1."):
        return None
    decoder = library.avifDecoderCreate()
    found = tuple(_settings(decoder))
    library.avifDecoderDestroy(decoder)
    return library if found == _DECODER_DEFAULTS else None


def _settings(decoder: int) -> "ctypes.Array[ctypes.c_uint32]":
    """The first fields of libavif's `avifDecoder`."""
    return (ctypes.c_uint32 * len(_DECODER_DEFAULTS)).from_address(decoder)


def _library(
    module: str, takes: dict[str, tuple[type, ...]], returns: dict[str, type]
) -> ctypes.CDLL | None:
    """Returns the library that a Pillow module is linked with, if it has all of the functions."""
    try:
        library = ctypes.CDLL(import_module(module).__file__)
        for name, types in takes.items():
            function = getattr(library, name)
            function.argtypes, function.restype = types, returns.get(name, ctypes.c_int)
    except (ImportError, OSError, AttributeError):
        return None
    return library
