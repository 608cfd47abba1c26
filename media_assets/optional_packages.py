"""Optional packages, which some storage providers and some kinds of files need."""

from collections.abc import Generator
from contextlib import contextmanager

from media_assets.errors import MissingExtraError


@contextmanager
def require_extra(extra: str, what: str) -> Generator[None]:
    """Turns a failed import in the block into an error that says what to install.

    Args:
        extra: The extra of this package that installs it, such as "aws".
        what: What needs it, for the text: a destination, a fileurl, a kind of file.

    Raises:
        MissingExtraError: A package is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(what, extra=extra, module=error.name) from error
