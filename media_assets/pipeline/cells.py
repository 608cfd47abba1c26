"""An image cell as its readers see it: fetched once, decoded once per size, dropped in time."""

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from PIL import Image

from media_assets.errors import CorruptFileError, UploadChangedError
from media_assets.images.decode import (
    ImageFacts,
    ImageLimits,
    decode_image,
    image_facts,
    open_image,
)
from media_assets.pipeline.retrying import retried
from media_assets.pipeline.timing import Stopwatch
from media_assets.reading import Reader
from media_assets.temporary_folder import TemporaryFolder

WaitForRoom = Callable[[int], None]
"""Waits until so many pixels may be loaded; the room is kept until the row is done."""


class ImageCell:
    """One image that row functions read.

    Nothing is fetched before somebody asks, and what was fetched is hashed, so that a record can
    say what it was made from.
    """

    def __init__(
        self,
        fileurl: str,
        *,
        reader: Reader,
        limits: ImageLimits,
        wait_for_room: WaitForRoom,
        watch: Stopwatch,
        expected_digest: str | None = None,
        version: str | None = None,
        is_in_place: bool = False,
    ) -> None:
        """Takes where the bytes are, and what is known of them.

        Args:
            fileurl: The file.
            reader: What reads it.
            limits: What an image may be.
            wait_for_room: Waits for memory.
            watch: Counts the seconds.
            expected_digest: SHA-256 of the bytes, in hex.
            version: What changes when the bytes do.
            is_in_place: Whether this is an upload where its owner keeps it, and may change it.
        """
        self.fileurl = fileurl
        self.decodes = 0
        self._reader = reader
        self._limits, self._wait_for_room, self._watch = limits, wait_for_room, watch
        self._expected_digest, self._version = expected_digest, version
        self._is_in_place = is_in_place
        self._data: bytes | None = None
        self._digest = ""
        self._opened: Image.Image | None = None
        self._decoded: dict[tuple[int, int] | None, Image.Image] = {}

    @property
    def is_fetched(self) -> bool:
        """Whether the bytes were read."""
        return self._data is not None

    @property
    def data(self) -> bytes:
        """The file's bytes.

        Raises:
            CorruptFileError: They are not those that were written.
            UploadChangedError: They are not those of the upload that was recorded.
        """
        if self._data is None:
            try:
                self._data = self._fetched()
            except CorruptFileError as error:
                if self._is_in_place:
                    raise UploadChangedError(self.fileurl) from error
                raise
        return self._data

    def _fetched(self) -> bytes:
        with self._watch.stage("fetch"):
            data = retried(self._read)
        with self._watch.stage("hash"):
            self._digest = hashlib.sha256(data).hexdigest()
        if self._expected_digest not in (None, self._digest):
            raise CorruptFileError(self.fileurl, self._expected_digest, self._digest)
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        _ = self.data
        return self._digest

    @cached_property
    def facts(self) -> ImageFacts:
        """Format, size and frames, from the header."""
        self._opened = self._open()
        return image_facts(self._opened)

    def decoded(self, reads_at: tuple[int, int] | None = None) -> Image.Image:
        """Returns the decoded image, the same object until it is dropped."""
        if reads_at not in self._decoded:
            opened, self._opened = self._opened or self._open(), None
            self._wait_for_room(opened.width * opened.height)
            with self._watch.stage("decode"):
                self._decoded[reads_at] = decode_image(opened, reads_at=reads_at)
            self.decodes += 1
        return self._decoded[reads_at]

    @contextmanager
    def as_file(self) -> Generator[Path]:
        """Gives the path of the file: where it is stored, or of a copy that goes away again."""
        path = self._reader.path(self.fileurl)
        is_as_it_is = self._is_in_place or self._expected_digest is None
        # A path through a link may lead elsewhere by the time that somebody else opens it.
        if path is not None and is_as_it_is and path.resolve() == path:
            _ = self.data  # so that the record says what was read, should it have changed in place
            yield path
            return
        with TemporaryFolder() as folder:
            copy = folder.path / "copy"
            copy.write_bytes(self.data)
            yield copy

    def drop(self) -> None:
        """Lets go of all decoded images."""
        self._decoded.clear()

    def _read(self) -> bytes:
        return self._reader.read(
            self.fileurl,
            max_bytes=self._limits.max_bytes,
            digest=self._expected_digest,
            version=self._version,
        )

    def _open(self) -> Image.Image:
        data = self.data
        with self._watch.stage("decode"):
            return open_image(data, self._limits)
