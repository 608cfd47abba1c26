"""The file formats that a column can write, and the options that each accepts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from media_assets.errors import OutputFormatError
from media_assets.images.kept_metadata import KEEPABLE, KeptMetadata

DEFAULT_OPAQUE_FORMAT = "JPEG"
DEFAULT_TRANSPARENT_FORMAT = "WEBP"
_NO_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Option:
    """The accepted values of a save option: in words, and as a test."""

    accepts: str
    is_valid: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One format: what it can hold, and how it is written.

    Attributes:
        extension: With the dot.
        content_type: For HTTP.
        modes: The modes that it is written from without conversion here.
        key_modes: The modes whose transparent key colour it keeps.
        alpha: A `full` channel, one transparent `key` of a palette, or `none`.
        has_profile: Whether it can carry an ICC profile.
        max_side: The maximum width and height in pixels.
        options: The options that `save_options` may set.
        defaults: Options that differ from Pillow's.
    """

    extension: str
    content_type: str
    modes: frozenset[str]
    key_modes: frozenset[str] = frozenset()
    alpha: Literal["full", "key", "none"] = "none"
    has_profile: bool = True
    max_side: int = _NO_LIMIT
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    defaults: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a column's images become files; create it with `check_encoding`.

    Attributes:
        format: One of the output formats, or None: JPEG, or WEBP for transparent images.
        save_options: Pillow's options for that format.
        keep_metadata: The facts of the source that files keep.
        kept: These facts, for one row.
    """

    format: str | None = None
    save_options: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    keep_metadata: tuple[str, ...] = ()
    kept: KeptMetadata | None = None


def whole(low: int, high: int) -> Option:
    """Returns an option that is a whole number."""

    def is_valid(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Option(f"a whole number from {low:,} to {high:,}", is_valid)


def one_of(*values: object) -> Option:
    """Returns an option that is one of some values."""
    accepts = ", ".join(repr(value) for value in values)
    return Option(f"one of {accepts}", lambda value: value in values and type(value) is not bool)


def _is_resolution(value: object) -> bool:
    match value:
        case (int() | float() as across, int() | float() as down):
            return across > 0 and down > 0
        case _:
            return False


_FLAG = Option("True or False", lambda value: isinstance(value, bool))
_DPI = Option("a pair of positive numbers", _is_resolution)

OUTPUT_FORMATS: Mapping[str, OutputFormat] = {
    "JPEG": OutputFormat(
        ".jpg",
        "image/jpeg",
        frozenset({"L", "RGB", "YCbCr"}),
        max_side=65_500,  # JPEG_MAX_DIMENSION of libjpeg, below the format's own 65,535.
        options={
            "quality": whole(1, 100),
            "subsampling": one_of("4:4:4", "4:2:2", "4:2:0", 0, 1, 2),
            "optimize": _FLAG,
            "progressive": _FLAG,
            "smooth": whole(0, 100),
            "keep_rgb": _FLAG,
            "dpi": _DPI,
        },
    ),
    "PNG": OutputFormat(
        ".png",
        "image/png",
        frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}),
        key_modes=frozenset({"1", "L", "P", "RGB", "I;16"}),
        alpha="full",
        options={"compress_level": whole(0, 9), "optimize": _FLAG, "dpi": _DPI},
    ),
    "WEBP": OutputFormat(
        ".webp",
        "image/webp",
        frozenset({"RGB", "RGBA"}),
        alpha="full",
        max_side=16_383,
        options={
            "quality": whole(0, 100),
            "lossless": _FLAG,
            "alpha_quality": whole(0, 100),
            "method": whole(0, 6),
            "exact": _FLAG,
        },
    ),
    "AVIF": OutputFormat(
        ".avif",
        "image/avif",
        frozenset({"L", "RGB", "RGBA"}),
        alpha="full",
        max_side=32_768,  # What libavif can read back by default, although it writes more.
        options={
            "quality": whole(0, 100),
            "subsampling": one_of("4:4:4", "4:2:2", "4:2:0", "4:0:0"),
            "speed": whole(0, 10),
            "range": one_of("full", "limited"),
            "max_threads": whole(1, 64),
        },
        # Pillow's default, a thread per core, would make the bytes depend on the machine.
        defaults={"max_threads": 1},
    ),
    "GIF": OutputFormat(
        ".gif",
        "image/gif",
        frozenset({"L", "P", "RGB"}),
        key_modes=frozenset({"P"}),
        alpha="key",
        has_profile=False,
        max_side=65_535,
        options={"optimize": _FLAG, "interlace": _FLAG},
    ),
    "TIFF": OutputFormat(
        ".tif",
        "image/tiff",
        frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F"}),
        alpha="full",
        options={
            "compression": one_of("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "zstd"),
            "big_tiff": _FLAG,
            "dpi": _DPI,
        },
    ),
    "BMP": OutputFormat(
        ".bmp",
        "image/bmp",
        frozenset({"1", "L", "P", "RGB"}),
        has_profile=False,
        options={"dpi": _DPI},
    ),
}
ANIMATED_FORMATS = ("WEBP", "GIF", "PNG")
"""The formats that hold animations; the first is the default."""

_WITH_EXIF = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")
_OTHER_NAMES = {"JPG": "JPEG", "TIF": "TIFF"}


def extension(name: str) -> str:
    """Returns a format's file name extension, with the dot.

    Example:
        >>> extension("JPEG")
        '.jpg'
    """
    return OUTPUT_FORMATS[name].extension


def content_type(name: str) -> str:
    """Returns a format's media type, for HTTP.

    Example:
        >>> content_type("WEBP")
        'image/webp'
    """
    return OUTPUT_FORMATS[name].content_type


def check_encoding(name: str | None, save_options: Mapping[str, object] | None = None) -> Encoding:
    """Returns the checked encoding of a column.

    Args:
        name: A format in any case (`"jpeg"`, `"JPG"`, `".png"`), or None for JPEG, or WEBP for
            images with transparency; then only options that both accept are allowed.
        save_options: Pillow's options for saving in that format.

    Raises:
        OutputFormatError: The format or an option is unknown, or an option's value is not valid.

    Example:
        >>> check_encoding("jpg", {"quality": 90}).format
        'JPEG'
    """
    known = None if name is None else _check_format(name)
    options = _options_of(known)
    chosen = dict(save_options or {})
    for option, value in chosen.items():
        _check_option(known, option, value, options)
    return Encoding(known, chosen)


def check_keep_metadata(encoding: Encoding, keep: Collection[str]) -> Encoding:
    """Returns an encoding whose files keep facts of their source.

    Raises:
        OutputFormatError: A fact is unknown, or the format cannot hold it.
    """
    for name in [keep] if isinstance(keep, str) else keep:
        if name not in KEEPABLE:
            accepted = f"a list of {', '.join(KEEPABLE)}"
            raise OutputFormatError(name, what="The fact in keep_metadata=", accepted=accepted)
    if encoding.format not in (None, *_WITH_EXIF) or encoding.save_options.get("big_tiff"):
        what = "With keep_metadata=, the output format"
        name = "TIFF with big_tiff" if encoding.format == "TIFF" else encoding.format
        raise OutputFormatError(name, what=what, accepted=", ".join(_WITH_EXIF))
    return replace(encoding, keep_metadata=tuple(sorted(set(keep))))


def _check_format(name: str) -> str:
    upper = name.upper().removeprefix(".")
    known = _OTHER_NAMES.get(upper, upper)
    if known not in OUTPUT_FORMATS:
        accepted = ", ".join(OUTPUT_FORMATS)
        raise OutputFormatError(name, what="The output format", accepted=accepted)
    return known


def _options_of(name: str | None) -> Mapping[str, Option]:
    if name is not None:
        return OUTPUT_FORMATS[name].options
    opaque = OUTPUT_FORMATS[DEFAULT_OPAQUE_FORMAT].options
    transparent = OUTPUT_FORMATS[DEFAULT_TRANSPARENT_FORMAT].options
    return {name: option for name, option in opaque.items() if name in transparent}


def _check_option(
    name: str | None, option: str, value: object, options: Mapping[str, Option]
) -> None:
    writer = name or f"{DEFAULT_OPAQUE_FORMAT} or {DEFAULT_TRANSPARENT_FORMAT}"
    if option not in options:
        what = f"The save option for {writer}"
        raise OutputFormatError(option, what=what, accepted=", ".join(options))
    if not options[option].is_valid(value):
        what = f"For {writer}, the save option `{option}` with the value"
        raise OutputFormatError(value, what=what, accepted=options[option].accepts)
