"""Optional packages, which some providers and some kinds of media need."""

from collections.abc import Generator
from contextlib import contextmanager

from media_assets.errors import MissingExtraError


@contextmanager
def require_extra(extra: str, needed_by: str) -> Generator[None]:
    """Turns a failed import in the block into an error that says what to install.

    Args:
        extra: The extra of this package that installs it, such as "aws".
        needed_by: The destination, fileurl or kind of file that needs it, for the text.

    Raises:
        MissingExtraError: A package is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(needed_by, extra=extra, module=error.name) from error
