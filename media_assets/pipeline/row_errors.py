"""An error of a row as its record keeps it."""

from media_assets.errors import RowFunctionError, UnreadableFileError
from media_assets.masking import mask_secrets

_LONGEST_MESSAGE = 2_000


def class_of(error: BaseException) -> str:
    """The class name of an exception; for a row function's exception, of the original."""
    return type(error.cause if isinstance(error, RowFunctionError) else error).__name__


def is_for_good(error: BaseException) -> bool:
    """Whether a source will keep failing until its content or the decoder changes."""
    return isinstance(error, UnreadableFileError) and error.is_for_good


def printable(text: str) -> str:
    """Returns error text that any store and terminal can hold, without secrets."""
    return mask_secrets(text).encode("utf-8", "backslashreplace").decode()[:_LONGEST_MESSAGE]
