"""Renditions of an image: the same picture in several widths and formats."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from media_assets.column_types import ColumnType
from media_assets.images.formats import OUTPUT_FORMATS, Encoding, check_encoding
from media_assets.pixels.geometry import thumbnail, thumbnail_size
from media_assets.split.options import is_whole, refusal
from media_assets.split.splitter import Part, Splitter, check_count, version_of

if TYPE_CHECKING:
    from PIL import Image

_VERSION = 1
_EXAMPLE = 'renditions(widths=(320, 640, 1280), formats=("webp", "jpeg"))'
_MOST_WIDTH = 65_500

Formats = Sequence[str] | Mapping[str, Mapping[str, object]]
"""Formats, or the save options of each."""


@dataclass(frozen=True, kw_only=True)
class Renditions(Splitter):
    """Makes renditions of images; made by `renditions`.

    Attributes:
        widths: In pixels, from the smallest.
        encodings: How a file of each format is written, in the order of their keys.
    """

    widths: tuple[int, ...]
    encodings: tuple[Encoding, ...]

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the renditions, from the smallest; each width is scaled once, from the image."""
        image = cast("Image.Image", source)
        widths = sorted({min(width, image.width) for width in self.widths})
        count = len(widths) * len(self.encodings)
        check_count(count, max_parts, parts="renditions", fewer="fewer widths or formats")
        for width in widths:
            scaled: Image.Image | None = None
            height = thumbnail_size(image.size, (width, image.height))[1]
            for encoding in self.encodings:
                name = encoding.format or ""
                key = f"{width:05d}{OUTPUT_FORMATS[name].extension}"
                fields = {"width": width, "height": height, "format": name}
                is_there = skip(key)
                if not is_there and scaled is None:
                    scaled = thumbnail(image, (width, image.height))
                made = None if is_there else scaled
                yield Part(key, fields, made, name, encoding.save_options)

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns the picture of a rendition by its width."""
        del part_key
        image = cast("Image.Image", source)
        return thumbnail(image, (int(str(fields["width"])), image.height))


def renditions(*, widths: Sequence[int], formats: Formats = ("webp", "jpeg")) -> Splitter:
    """Makes files of one image in several widths and formats, as `srcset` takes them.

    No rendition is wider than its image: instead of wider ones there is one of the image's own
    width. Keys are the width and the format's extension: `00640.webp`. Index values are `width`,
    `height` and `format`.

    Args:
        widths: In pixels.
        formats: Names of formats; or a mapping with the save options of each, such as
            `{"webp": {"quality": 70}, "jpeg": {}}`.

    Raises:
        DeclarationError: An option cannot be used.

    Example:
        >>> renditions(widths=(640, 320)).description
        'renditions 320, 640 pixels wide, never enlarged, as JPEG, WEBP'
    """
    given = list(widths) if isinstance(widths, Iterable) else []  # pyright: ignore[reportUnnecessaryIsInstance]  # from user code
    if not given or not all(is_whole(width, 1, _MOST_WIDTH) for width in given):
        accepted = f"one or more whole numbers from 1 to {_MOST_WIDTH:,}"
        raise refusal(widths, option="widths", accepted=accepted, example=_EXAMPLE)
    wanted, encodings = tuple(sorted(set(given))), _encodings(formats)
    decisive = [(each.format, dict(each.save_options)) for each in encodings]
    return Renditions(
        name="renditions",
        reads=ColumnType.IMAGE,
        makes=ColumnType.IMAGE,
        column="rendition",
        fields={"width": int, "height": int, "format": str},
        code_version=version_of("renditions", _VERSION, wanted, decisive),
        part_version=version_of("rendition", _VERSION, [each for each in decisive if each[1]]),
        description=f"renditions {', '.join(map(str, wanted))} pixels wide, never enlarged, "
        f"as {', '.join(str(each.format) for each in encodings)}",
        widths=wanted,
        encodings=encodings,
    )


def _encodings(formats: Formats) -> tuple[Encoding, ...]:
    """Returns how each format is written, in the order of keys.

    Raises:
        DeclarationError: There is none, one is twice, or one is unknown.
    """
    is_text = isinstance(formats, str) or not isinstance(formats, Iterable)  # pyright: ignore[reportUnnecessaryIsInstance]  # from user code
    names = [] if is_text else list(formats)
    options = formats if isinstance(formats, Mapping) else dict.fromkeys(names)
    encodings = {
        found.format or "": found
        for name in names
        if name and (found := check_encoding(name, options[name]))
    }
    if not encodings or len(encodings) < len(names):
        accepted = f"one or more of {', '.join(OUTPUT_FORMATS)}, each once"
        raise refusal(formats, option="formats", accepted=accepted, example=_EXAMPLE)
    return tuple(sorted(encodings.values(), key=_extension_of))


def _extension_of(encoding: Encoding) -> str:
    return OUTPUT_FORMATS[encoding.format or ""].extension
