"""What a call of a row function came to: what it returned, or the image that it changed."""

from collections.abc import Mapping

from PIL import Image

from media_assets.errors import ValueTypeError
from media_assets.values import ColumnType


def result_of_call(
    made: object, arguments: Mapping[str, object], column_type: ColumnType
) -> object:
    """Returns what a function made; in an image column None means the one image that it got.

    Raises:
        ValueTypeError: An image column's function made no image, and did not get just one.
    """
    if column_type is not ColumnType.IMAGE:
        return made
    images = [a for a in arguments.values() if isinstance(a, Image.Image)]
    if made is None and len(images) == 1:
        return images[0]
    if not isinstance(made, Image.Image):
        raise ValueTypeError(made, column_type)
    return made
