"""Failures of the disk, as opposed to those of an image: they end the step."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from media_assets.errors import ShortWriteError, StoreFullError
from media_assets.stores.os_errors import local_error

_FAULTS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
        *(errno.EMFILE, errno.ENFILE, errno.ENOENT, errno.EACCES, errno.EPERM),
    }
)


@contextmanager
def disk_faults(path: Path) -> Generator[None]:
    """Turns failures to write a file into the error that stops a run.

    An `OSError` that an encoder raises about its image has no error number, and is not changed.

    Raises:
        StoreFaultError: The file cannot be written; `StoreFullError` if there is no space.
    """
    try:
        yield
    except ShortWriteError as error:
        folder = path.parent.as_uri()
        raise StoreFullError(folder, action="write to", reason="files end early") from error
    except OSError as error:
        if error.errno not in _FAULTS:
            raise
        raise local_error(error, path.parent.as_uri(), action="write to") from error
