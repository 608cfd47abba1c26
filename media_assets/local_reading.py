"""Reading of files on this machine, which are checked to be those that were found."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, NoReturn

from media_assets.errors import (
    ImageTooLargeError,
    LinkChangedError,
    MediaAssetsError,
    StoredFileMissingError,
    StoredFileRefusedError,
)
from media_assets.machine import path_of_open_file
from media_assets.stores.local_version import has_version


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine that is read by its path, and whose bytes were hashed.

    Attributes:
        path: The file.
        digest: SHA-256 of its bytes when it was hashed, in hex.
        size_bytes: Its size then.
        stamp: What changes when the file does; empty for a copy, which nobody changes.
    """

    path: Path
    digest: str
    size_bytes: int
    stamp: tuple[int, ...] = ()

    def is_unchanged(self) -> bool:
        """Whether the file is still as it was when it was hashed."""
        try:
            return not self.stamp or _stamp_of(self.path.stat()) == self.stamp
        except OSError:
            return False


def _stamp_of(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def hash_local(path: Path, fileurl: str, max_bytes: int, version: str | None = None) -> LocalFile:
    """Hashes a file that will be read by its path.

    Raises:
        MediaAssetsError: It cannot be read, or is not the one that was found.
    """
    with _opened(path, fileurl, max_bytes, version) as file:
        digest = file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # a real file
        status = os.fstat(file.fileno())
        return LocalFile(path, digest, status.st_size, _stamp_of(status))


def read_local(path: Path, fileurl: str, max_bytes: int, version: str | None) -> bytes:
    """Returns the bytes of a file; raises as `hash_local`."""
    with _opened(path, fileurl, max_bytes, version) as file:
        # Python reserves as much memory as it is asked to read.
        size = os.fstat(file.fileno()).st_size
        data = file.read(size + 1)
        if len(data) > size:  # it has grown in the meantime
            data += file.read(max_bytes + 1 - len(data))
        if len(data) > max_bytes:
            refuse_size(os.fstat(file.fileno()).st_size, max_bytes)
        return data


@contextmanager
def _opened(path: Path, fileurl: str, max_bytes: int, version: str | None) -> Generator[BinaryIO]:
    """Opens a local file, and checks that it is the one that was found."""
    try:
        if not path.is_file():
            raise StoredFileMissingError(fileurl)
        # Without blocking, in case it has become a pipe that has no writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not S_ISREG(status.st_mode):
                raise StoredFileMissingError(fileurl)
            is_as_found = version is None or has_version(status, version)
            if not is_as_found and _is_linked(file.fileno(), path):
                raise LinkChangedError(fileurl)
            if status.st_size > max_bytes:
                refuse_size(status.st_size, max_bytes)
            yield file
    except MediaAssetsError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoredFileMissingError(fileurl) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoredFileRefusedError(
            fileurl, action="read", reason=reason, is_local=True
        ) from error


def refuse_size(size_bytes: int, max_bytes: int) -> NoReturn:
    """Refuses a file for its size."""
    unit = "bytes"
    raise ImageTooLargeError(unit, size_bytes, max_bytes, setting=f"ImageLimits.max_{unit}")


def _is_linked(descriptor: int, path: Path) -> bool:
    """Returns whether the path of an open file contains a link."""
    return path_of_open_file(descriptor, path) != os.path.abspath(path)  # noqa: PTH100
