"""Opens, decodes and encodes images safely: formats, modes, orientation, profiles, limits."""

from media_assets.images.decode import (
    DEFAULT_INPUT_FORMATS,
    ImageFacts,
    ImageLimits,
    decode_image,
    image_facts,
    open_image,
)
from media_assets.images.encode import choose_format, encode_image
from media_assets.images.formats import (
    Encoding,
    check_encoding,
    content_type,
    extension,
)
from media_assets.images.lending import lend
from media_assets.images.thumbnails import data_uri, thumbnail_bytes, thumbnail_image, webp_bytes

__all__ = [
    "DEFAULT_INPUT_FORMATS",
    "Encoding",
    "ImageFacts",
    "ImageLimits",
    "check_encoding",
    "choose_format",
    "content_type",
    "data_uri",
    "decode_image",
    "encode_image",
    "extension",
    "image_facts",
    "lend",
    "open_image",
    "thumbnail_bytes",
    "thumbnail_image",
    "webp_bytes",
]
