"""Translation of the operating system's errors into errors of this package."""

import errno
from collections.abc import Generator
from contextlib import contextmanager

from media_assets.errors import (
    MediaAssetsError,
    StoreDeniedError,
    StoredFileMissingError,
    StoreFaultError,
    StoreFullError,
    UnsafeKeyError,
)

_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IN_THE_WAY = {errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY}


@contextmanager
def local_faults(fileurl: str, *, action: str) -> Generator[None]:
    """Turns an `OSError` from reading a local file into the errors that `Store` promises."""
    try:
        yield
    except MediaAssetsError:
        raise
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise StoredFileMissingError(fileurl) from error
    except OSError as error:
        raise local_error(error, fileurl, action=action) from error


def local_error(error: OSError, fileurl: str, *, action: str) -> MediaAssetsError:
    """Returns the error for an `OSError` from writing a local file."""
    reason = (error.strerror or str(error)).lower()
    if error.errno in _DENIED:
        return StoreDeniedError(fileurl, action=action, reason=reason)
    if error.errno in _FULL:
        return StoreFullError(fileurl, action=action, reason=reason)
    if error.errno == errno.ENAMETOOLONG:
        return UnsafeKeyError(fileurl, problem="its name is too long for this file system")
    if error.errno in _IN_THE_WAY:
        return UnsafeKeyError(fileurl, problem=f"a file or folder is in the way ({reason})")
    return StoreFaultError(fileurl, action=action, reason=reason)
