"""Pixel modes: which ones a file format can hold, and how to convert images to them.

Nothing here changes the image that it is given.

    1, L, LA, La           gray, with plain or premultiplied transparency
    P, PA                  palette
    RGB, RGBA, RGBa, RGBX  colour
    CMYK, YCbCr, LAB, HSV  colour by other names
    I;16 (and byte orders), I, F   gray with 16 bits, 32 bits, fractions
"""

from collections.abc import Collection, Iterable
from functools import partial

from PIL import Image

from media_assets.pixels.shades import WIDE_GRAY, narrow, widen
from media_assets.pixels.strips import in_strips

_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_FULL_8, _FULL_16 = 0xFF, 0xFFFF
_OPAQUE_FROM = 128
_IN_PNG = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def exact_format(mode: str) -> str:
    """Returns the format that keeps every pixel of a mode: PNG, or TIFF where PNG cannot hold it.

    >>> exact_format("RGB"), exact_format("CMYK")
    ('PNG', 'TIFF')
    """
    return "PNG" if mode in _IN_PNG else "TIFF"


def share_pixels(
    image: Image.Image, *, keeping: Iterable[str | tuple[int, int]] = ()
) -> Image.Image:
    """Returns a new image that shares the pixels, and only the named keys of `info`.

    Pixels are not copied, so neither image may be changed in place afterwards.
    """
    image.load()
    # Pillow has no other way to share pixels; its public `copy()` costs 10 % of a JPEG save.
    copy = image._new(image.im)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    copy.info = {key: image.info[key] for key in keeping if key in image.info}
    return copy


def has_transparency(image: Image.Image) -> bool:
    """Returns whether pixels may be transparent: by alpha channel, palette, or key colour.

    As in Pillow and Pixeltable, this is about the ability, whether or not a pixel uses it. A key
    that does not fit the mode is left over from another image and does not count.
    """
    if image.mode in _ALPHA or (image.mode == "P" and _palette_mode(image) == "RGBA"):
        return True
    return has_key(image)


def has_key(image: Image.Image) -> bool:
    """Returns whether `info["transparency"]` is a valid key for the image's mode."""
    key = image.info.get("transparency")
    match image.mode:
        case "P":
            return isinstance(key, (bytes, int))
        case "RGB":
            return isinstance(key, tuple)
        case "1" | "L" | "I" | "I;16":
            return isinstance(key, int)
        case _:
            return False


def with_alpha(image: Image.Image) -> Image.Image:
    """Returns the image as LA or RGBA, transparent where it was."""
    if image.mode in WIDE_GRAY or image.mode == "I":
        shades = narrow(image)
        shades.putalpha(_unequal(image, image.info["transparency"]))
        return shades
    mode = "LA" if image.mode in {"1", "L", "LA", "La"} else "RGBA"
    return image if image.mode == mode else _plain(image).convert(mode)


def on_white(image: Image.Image) -> Image.Image:
    """Returns an LA or RGBA image on white as L or RGB, with nothing hidden showing."""
    alpha = image.getchannel("A")
    mode = "L" if image.mode == "LA" else "RGB"
    canvas = Image.new(mode, image.size, "white")
    canvas.paste(image.convert(mode), mask=alpha)
    return canvas


def to_keyed_palette(image: Image.Image) -> Image.Image:
    """Returns a P image with one transparent index, for formats without partial transparency.

    Pixels that are at least half opaque are laid over white; the rest become transparent.
    """
    alpha = image.getchannel("A")
    palette = on_white(image).convert("RGB").quantize(_FULL_8)
    hidden = alpha.point([_FULL_8 if shade < _OPAQUE_FROM else 0 for shade in range(256)])
    palette.paste(_FULL_8, mask=hidden)
    palette.info["transparency"] = _FULL_8
    return palette


def to_opaque(image: Image.Image, modes: Collection[str]) -> Image.Image:
    """Returns an image without transparency, in the mode of `modes` that preserves it best.

    Wide gray is scaled, never clipped; see `pixels.shades`.
    """
    if image.mode in modes:
        return image
    if image.mode in WIDE_GRAY or image.mode in {"I", "F"}:
        image = widen(image) if "I;16" in modes else narrow(image)
    if image.mode == "1" and "L" in modes:
        return image.convert("L")
    return image if image.mode in modes else _plain(image).convert("RGB")


def shrink(image: Image.Image, suffices: tuple[int, int]) -> Image.Image:
    """Returns the image reduced by the largest whole factor that keeps it at least this large."""
    factor = min(image.width // max(suffices[0], 1), image.height // max(suffices[1], 1))
    if factor <= 1:
        return image
    # Whole blocks of pixels are averaged, so strips of whole blocks give the same result.
    return in_strips(image, partial(_reduce, factor=factor), shrinks_by=factor)


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    if image.mode in WIDE_GRAY and not has_key(image):
        return image.convert("I").reduce(factor).convert("I;16")
    if image.mode in {"P", "PA"}:
        mode = "RGBA" if has_transparency(image) else "RGB"
        return _plain(image).convert(mode).reduce(factor)
    if has_key(image):
        image = with_alpha(image)  # An average no longer equals the key.
    return (image.convert("L") if image.mode == "1" else image).reduce(factor)


def _plain(image: Image.Image) -> Image.Image:
    """Returns an image that `convert` accepts: no unfitting key, no premultiplied gray."""
    keeping = ("transparency",) if has_key(image) else ()
    plain = share_pixels(image, keeping=keeping)
    if plain.mode == "P":
        return plain.copy()  # Otherwise `convert` would write the key into the shared palette.
    return plain.convert("LA") if plain.mode == "La" else plain


def _palette_mode(image: Image.Image) -> str:
    return image.palette.mode if image.palette else "RGB"


def _unequal(image: Image.Image, key: int) -> Image.Image:
    """Returns an L mask: 0 where the image has this value, 255 elsewhere."""
    table = [_FULL_8] * (_FULL_16 + 1)
    table[min(max(key, 0), _FULL_16)] = 0
    return image.convert("I").point(table, "L")
