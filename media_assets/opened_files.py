"""Files of the catalog, opened for whoever asks for one."""

from pathlib import Path
from typing import Any
from weakref import finalize

from media_assets.file_handle import FileHandle
from media_assets.media_types import MediaType
from media_assets.reading import Reader
from media_assets.temporary_folder import TemporaryFolder


def open_recorded(
    reader: Reader, medium: MediaType, fileurl: str, digest: str | None, file_format: str | None
) -> Any:  # noqa: ANN401  a class of the kind's own
    """Returns a handle on a file with the bytes that the catalog recorded.

    A remote file is copied to this machine. The copy is deleted when neither the handle nor any
    that was made from it is used any more.

    Raises:
        CorruptFileError: The file has other bytes now.
        MediaAssetsError: It cannot be read.
    """
    if reader.path(fileurl) is not None:
        return medium.open(reader.keep_recorded(fileurl, digest, Path()).path)
    folder = TemporaryFolder()
    copy = folder.path / f"file{medium.extension(file_format or '')}"
    opened = medium.open(reader.keep_recorded(fileurl, digest, copy).path)
    if isinstance(opened, FileHandle):
        opened.keep(folder)
    else:  # of a kind from elsewhere
        finalize(opened, _close, folder)
    return opened


def _close(folder: TemporaryFolder) -> None:
    folder.close()
