"""A cell of a medium that row functions read as a file, by its path: a video, a document, ..."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from media_assets.errors import CorruptFileError, UploadChangedError
from media_assets.file_facts import FileFacts
from media_assets.limits import Limits
from media_assets.local_reading import LocalFile
from media_assets.media_types import MediaType
from media_assets.pipeline.timing import Stopwatch
from media_assets.reading import UNBOUNDED, Reader
from media_assets.stores.retry import retried
from media_assets.temporary_folder import TemporaryFolder

_CHUNK_BYTES = 1024**2


class FileCell:
    """One file that row functions read by its path; it never stands in memory.

    A file on this machine is read where it is, all others in a temporary copy. Its bytes are hashed
    before they are used, so that a record can state what a cell was made from.
    """

    def __init__(  # noqa: PLR0913  each is known or not by itself
        self,
        fileurl: str,
        *,
        medium: MediaType,
        limits: Limits,
        reader: Reader,
        watch: Stopwatch,
        expected_digest: str | None = None,
        version: str | None = None,
        is_in_place: bool = False,
        file: LocalFile | None = None,
    ) -> None:
        """Keeps where the file is, and the facts known about it.

        Args:
            fileurl: The file.
            medium: Its kind.
            limits: The limits on it.
            reader: Reads the file.
            watch: Counts the seconds.
            expected_digest: SHA-256 of the bytes, in hex.
            version: Changes when the bytes do.
            is_in_place: Whether this is an upload that its owner keeps and may change.
            file: The file on this machine, if it was read already.
        """
        self.fileurl = fileurl
        self.decodes = 0
        self._medium, self._limits = medium, limits
        self._reader, self._watch = reader, watch
        self._expected_digest, self._version = expected_digest, version
        self._is_in_place = is_in_place
        self._file = file
        self._facts: FileFacts | None = None
        self._copy: TemporaryFolder | None = None
        self._handles: list[Any] = []

    @property
    def is_fetched(self) -> bool:
        """Whether the bytes have been read."""
        return self._file is not None

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        return self._local.digest

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        return self._local.size_bytes

    @property
    def content(self) -> Path:
        """The file itself: its bytes may be too many for memory."""
        return self.path

    @property
    def path(self) -> Path:
        """The file, or its temporary copy.

        Raises:
            CorruptFileError: Its bytes are not those that were recorded.
            UploadChangedError: They are not those of the recorded upload.
        """
        return self._local.path

    @property
    def images(self) -> Sequence[Image.Image]:
        """No decoded images are kept."""
        return ()

    @property
    def held_bytes(self) -> int:
        """The size of the file's part in memory: none."""
        return 0

    def validate(self) -> FileFacts:
        """Opens the file, decodes its first part, and returns its facts."""
        path = self.path
        with self._watch.stage("decode"):
            self._facts = self._medium.inspect(path, self._limits)
        self.decodes += 1
        self.check_unchanged()
        return self._facts

    def open(self) -> object:
        """Returns what a row function gets for the file; it is closed when the file is dropped."""
        handle = self._medium.open(self.path, self._limits, self._facts)
        self._handles.append(handle)
        return handle

    def hold(self, file: LocalFile) -> None:
        """Takes a file on this machine as the file, which is not fetched then."""
        self._file = file

    def again(self) -> "FileCell":
        """Returns another cell of the same file, which is not read again, with handles of its own.

        It is to be closed before this one.
        """
        again = FileCell(
            self.fileurl,
            medium=self._medium,
            limits=self._limits,
            reader=self._reader,
            watch=self._watch,
            is_in_place=self._is_in_place,
            file=self._local,
        )
        again._facts = self._facts
        return again

    def check_unchanged(self) -> None:
        """Raises `UploadChangedError` if the file changed since it was hashed."""
        if self._file is not None and not self._file.is_unchanged():
            raise UploadChangedError(self.fileurl)

    def take_room(self) -> None:
        """Takes no memory."""

    @contextmanager
    def as_file(self) -> Generator[Path]:
        """Yields the path of the file, for another process."""
        yield self.path

    def copy_into(self, file: BinaryIO) -> None:
        """Writes the file's bytes into another one."""
        with self.path.open("rb") as source:
            while chunk := source.read(_CHUNK_BYTES):
                file.write(chunk)
        self.check_unchanged()

    def drop(self) -> None:
        """Closes what row functions got."""
        while self._handles:
            with suppress(Exception):  # a user may have closed it, or broken it
                self._handles.pop().close()

    def close(self) -> None:
        """Closes everything, and deletes the temporary copy."""
        self.drop()
        self._file = None
        if self._copy is not None:
            self._copy.close()
            self._copy = None

    @property
    def _local(self) -> LocalFile:
        if self._file is None:
            with self._watch.stage("fetch"):
                self._file = retried(self._fetch)
        return self._file

    def _fetch(self) -> LocalFile:
        path, version = self._reader.path(self.fileurl), self._version
        if path is None:
            return self._copied()
        found = self._reader.hashed(self.fileurl, path, version)
        if self._expected_digest in (None, found.digest):
            return found
        if self._is_in_place:
            raise UploadChangedError(self.fileurl)
        raise CorruptFileError(self.fileurl, self._expected_digest, found.digest)

    def _copied(self) -> LocalFile:
        self._copy = self._copy or TemporaryFolder()
        path = self._copy.path / "file"
        digest = self._reader.download(
            self.fileurl,
            path,
            max_bytes=UNBOUNDED,
            digest=self._expected_digest,
            version=self._version,
        )
        return LocalFile(path, digest, path.stat().st_size)
