"""A file of this machine as an upload."""

import os
from pathlib import Path

from media_assets.stores.local_version import local_version
from media_assets.uploads.log import Upload


def file_upload(path: Path, row: str) -> Upload:
    """Returns a local file as an upload; a name that is no text is shown with its bytes escaped."""
    return upload_of(path, row, path.stat())


def upload_of(path: Path, row: str, status: os.stat_result) -> Upload:
    """Returns a local file whose facts are known already as an upload."""
    return Upload(row_name(row), path.as_uri(), status.st_size, local_version(status))


def row_name(name: str) -> str:
    """Returns a file's name as a row's: bytes that are no text are shown escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
