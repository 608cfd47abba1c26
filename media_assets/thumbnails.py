"""Thumbnails of recorded files of any kind: a picture, a poster, a waveform, a first page."""

from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock, Semaphore

from PIL import Image

from media_assets.column_types import ColumnType
from media_assets.errors import RemoteFileTooLargeError, StoredFileMissingError
from media_assets.images.limits import ImageLimits, limits_of_file
from media_assets.images.thumbnails import thumbnail_image
from media_assets.machine import usable_cores
from media_assets.media_types import MediaType, medium_of
from media_assets.reading import UNBOUNDED, Reader
from media_assets.records.manifests import Record
from media_assets.temporary_folder import TemporaryFolder

FETCHED_BYTES = ImageLimits().max_bytes
"""A page of rows fetches no larger file than the largest image, only to show it small."""

_SMALL_BYTES = 8_000_000
_ONE_LARGE_FILE = Lock()
_DECODING = Semaphore(usable_cores())
"""A decoded image may take a hundred times the memory of its file."""


@dataclass(frozen=True, slots=True)
class PicturedFile:
    """A file of a medium, as far as the catalog knows it.

    Attributes:
        fileurl: Where it is.
        digest: SHA-256 of its recorded bytes, in hex.
        medium: The type of its column.
        format: Its format.
        size_bytes: Its size.
        width: Pixels.
        height: Pixels.
        frames: How many pictures an image has.
    """

    fileurl: str
    digest: str | None = None
    medium: ColumnType = ColumnType.IMAGE
    format: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None


def pictured(record: Record, medium: ColumnType) -> PicturedFile:
    """Returns the file of a record in a column of this type."""
    return PicturedFile(
        record.fileurl or "",
        record.digest,
        medium,
        record.format,
        record.size_bytes,
        record.width,
        record.height,
        record.frames,
    )


def thumbnail_of(
    file: PicturedFile,
    size: tuple[int, int],
    reader: Reader,
    *,
    verifies: bool = False,
    fetched_bytes: int = UNBOUNDED,
) -> Image.Image:
    """Returns a small picture of a file, with its proportions kept.

    A large file of another kind than images is read alone, and never stands in memory.

    Args:
        file: The file.
        size: The box's width and height in pixels.
        reader: Reads the file.
        verifies: Whether a file on this machine must still have its recorded bytes.
        fetched_bytes: The size above which no video, document, ... is fetched from elsewhere.

    Raises:
        UnreadableFileError: It is damaged, is of another kind, or exceeds the limits.
        CorruptFileError: It has other bytes than those recorded.
        RemoteFileTooLargeError: It would have to be fetched, and is too large for that.
        MediaAssetsError: As for `Reader.read`.
    """
    medium = medium_of(file.medium)
    if medium.is_decoded:
        return _of_image(file, size, reader, verifies=verifies)
    is_small = file.size_bytes is not None and file.size_bytes <= _SMALL_BYTES
    with nullcontext() if is_small else _ONE_LARGE_FILE:
        return _of_file(file, size, reader, medium, verifies=verifies, fetched_bytes=fetched_bytes)


def _of_image(
    file: PicturedFile, size: tuple[int, int], reader: Reader, *, verifies: bool
) -> Image.Image:
    limits = limits_of_file((file.width, file.height), file.size_bytes, file.frames)
    read = reader.read_recorded if verifies else reader.read
    data = read(file.fileurl, digest=file.digest, max_bytes=limits.max_bytes)
    with _DECODING:
        # One that ended early when it was recorded was kept; one that was cut since is damaged.
        is_recorded = verifies or len(data) == file.size_bytes
        return thumbnail_image(data, size, limits=limits, keeps_truncated=is_recorded)


def _of_file(
    file: PicturedFile,
    size: tuple[int, int],
    reader: Reader,
    medium: MediaType,
    *,
    verifies: bool,
    fetched_bytes: int,
) -> Image.Image:
    path = reader.path(file.fileurl)
    size_bytes = file.size_bytes or 0
    if path is None and size_bytes > fetched_bytes and reader.copy(file.digest) is None:
        raise RemoteFileTooLargeError(file.fileurl, size_bytes, fetched_bytes)
    with TemporaryFolder() as folder:
        if path is None or verifies:
            name = f"file{medium.extension(file.format or '')}"
            path = reader.keep_recorded(file.fileurl, file.digest, folder.path / name).path
        if not path.is_file():
            raise StoredFileMissingError(file.fileurl)
        with _DECODING:
            return medium.thumbnail(path, size)
