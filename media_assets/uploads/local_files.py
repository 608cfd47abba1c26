"""Local files as uploads."""

import os
from errno import EACCES
from pathlib import Path
from stat import S_ISDIR

from media_assets.stores.local_version import local_version
from media_assets.uploads.upload import Upload

DENIED = os.strerror(EACCES).lower()


def file_upload(path: Path, row: str) -> Upload:
    """Returns a local file as an upload, escaping bytes of the name that are not text."""
    return upload_of(path, row, path.stat())


def upload_of(path: Path, row: str, status: os.stat_result) -> Upload:
    """Returns a local file with a known status as an upload."""
    return Upload(row_name(row), path.as_uri(), status.st_size, local_version(status))


def is_readable(path: str | Path) -> bool:
    """Returns whether this process may read the file or folder at a path."""
    return os.access(path, os.R_OK, effective_ids=True)


def is_there(path: Path) -> bool:
    """Returns whether something exists at a path, or may exist in a folder without permission.

    A broken link counts as nothing.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


def why_unreadable(path: str | Path) -> str | None:
    """Returns why this process cannot read a file or folder; None if it can.

    >>> why_unreadable("/nothing here")
    'no such file or directory'
    """
    try:
        if S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116  it may be a text
            os.scandir(path).close()
            return None
    except OSError as error:
        return reason_of(error)
    return None if is_readable(path) else DENIED


def reason_of(error: OSError) -> str:
    """Returns the system's reason, without the path."""
    return (error.strerror or str(error)).lower()


def is_name(text: str) -> bool:
    """Whether a text can name a file or a row: not empty, and surrogates only as escaped bytes."""
    try:
        return bool(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False


def row_name(name: str) -> str:
    """Returns a file's name as a row name, escaping bytes that are not text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
