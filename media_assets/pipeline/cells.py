"""An image cell as its readers see it: fetched once, decoded once per size, dropped in time."""

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from PIL import Image

from media_assets.errors import CorruptFileError
from media_assets.images.decode import (
    ImageFacts,
    ImageLimits,
    OpenedImage,
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
    ) -> None:
        """Takes where the bytes are, and which digest or version they have, if that is known."""
        self.fileurl = fileurl
        self.decodes = 0
        self._reader = reader
        self._limits, self._wait_for_room, self._watch = limits, wait_for_room, watch
        self._expected_digest, self._version = expected_digest, version
        self._data: bytes | None = None
        self._digest = ""
        self._opened: OpenedImage | None = None
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
        """
        if self._data is None:
            with self._watch.stage("fetch"):
                data = retried(self._read)
            with self._watch.stage("hash"):
                self._digest = hashlib.sha256(data).hexdigest()
            if self._expected_digest not in (None, self._digest):
                raise CorruptFileError(self.fileurl, self._expected_digest, self._digest)
            self._data = data
        return self._data

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
            self._wait_for_room(opened.size[0] * opened.size[1])
            with self._watch.stage("decode"):
                self._decoded[reads_at] = decode_image(opened, reads_at=reads_at)
            self.decodes += 1
        return self._decoded[reads_at]

    @contextmanager
    def as_file(self) -> Generator[Path]:
        """Gives the path of the file: where it is stored, or of a copy that goes away again."""
        path = self._reader.path(self.fileurl)
        if path is not None and self._expected_digest is None:
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

    def _open(self) -> OpenedImage:
        data = self.data
        with self._watch.stage("decode"):
            return open_image(data, self._limits)
