"""An image cell for its readers: fetched once, decoded once per size, dropped when done."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from media_assets.addresses import is_part
from media_assets.errors import CorruptFileError, UploadChangedError
from media_assets.file_facts import FileFacts
from media_assets.images.animations import animation_of
from media_assets.images.decode import (
    ImageFacts,
    ImageLimits,
    OpenedImage,
    check_image,
    decode_image,
    image_facts,
    open_image,
)
from media_assets.images.truncated import TRUNCATED
from media_assets.pipeline.budget import RowRoom
from media_assets.pipeline.timing import Stopwatch
from media_assets.pixels.animation import Animation
from media_assets.reading import Reader
from media_assets.stores.retry import retried
from media_assets.temporary_folder import TemporaryFolder

_KEPT_BYTES = 16_000_000
"""The size of a file; a larger one is read again if its bytes are needed again."""

UNREAD = (0, 0)
"""In place of a `decode_size`: no column reads pixels."""


class ImageCell:
    """One image that row functions read.

    Nothing is fetched until it is needed, and fetched bytes are hashed, so that a record can state
    what a cell was made from.
    """

    def __init__(  # noqa: PLR0913  each is known or not by itself
        self,
        fileurl: str,
        *,
        reader: Reader,
        limits: ImageLimits,
        room: RowRoom,
        watch: Stopwatch,
        expected_digest: str | None = None,
        version: str | None = None,
        size_bytes: int = 0,
        is_in_place: bool = False,
        keeps_truncated: bool = False,
        validated_at: tuple[int, int] | None = None,
    ) -> None:
        """Keeps where the bytes are, and the facts known about them.

        Args:
            fileurl: The file.
            reader: Reads the file.
            limits: The limits on the image.
            room: The memory room of the row.
            watch: Counts the seconds.
            expected_digest: SHA-256 of the bytes, in hex.
            version: Changes when the bytes do.
            size_bytes: The size of the file, if known.
            is_in_place: Whether this is an upload that its owner keeps and may change.
            keeps_truncated: Whether it is decoded as far as it goes if it ends early.
            validated_at: A `decode_size` to validate it at: that reads the same bytes as all of it,
                and finds the same damage. None for all of it, `UNREAD` if nobody reads pixels.
        """
        self.fileurl = fileurl
        self.decodes = 0
        self._reader = reader
        self._limits, self._room, self._watch = limits, room, watch
        self._expected_digest, self._version = expected_digest, version
        self._size_bytes = size_bytes
        self._is_in_place = is_in_place
        self._keeps_truncated, self._validated_at = keeps_truncated, validated_at
        self._data: bytes | None = None
        self._digest = ""
        self._marks: list[str] = []
        self._facts: ImageFacts | None = None
        self._spool: TemporaryFolder | None = None
        self._opened: OpenedImage | None = None
        self._decoded: dict[tuple[int, int] | None, Image.Image] = {}

    @property
    def is_fetched(self) -> bool:
        """Whether the bytes have been read."""
        return bool(self._digest)

    @property
    def data(self) -> bytes:
        """The file's bytes.

        Raises:
            CorruptFileError: They are not those that were recorded, or not those read before.
            UploadChangedError: They are not those of the recorded upload.
        """
        if self._data is None:
            try:
                self._data = self._fetch()
            except CorruptFileError as error:
                if self._is_in_place:
                    raise UploadChangedError(self.fileurl) from error
                raise
        return self._data

    def _fetch(self) -> bytes:
        self._wait(lambda: self._room.begin(self._size_bytes))
        with self._watch.stage("fetch"):
            data = self._read_spool() or retried(self._read)
        with self._watch.stage("hash"):
            digest = hashlib.sha256(data).hexdigest()
        expected = self._digest or self._expected_digest
        if is_part(self.fileurl):  # its digest says what it is made from
            digest = expected or digest
        if expected not in (None, digest):
            raise CorruptFileError(self.fileurl, expected, digest)
        self._digest, self._size_bytes = digest, len(data)
        return data

    @property
    def content(self) -> bytes:
        """The file's bytes, whose header says what is to be known of it."""
        return self.data

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        _ = self.digest
        return self._size_bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        if not self._digest:
            _ = self.data
        return self._digest

    def validate(self) -> FileFacts:
        """Decodes the image, and returns its facts."""
        facts = self.facts
        if self._validated_at == UNREAD:
            self._check()
        else:
            self.decode(self._validated_at)
        others = {TRUNCATED: True} if TRUNCATED in self._marks else {}
        size = facts.width, facts.height
        return FileFacts(facts.format, *size, facts.frames, tuple(self._marks), others)

    def copy_into(self, file: BinaryIO) -> None:
        """Writes the file's bytes into another one."""
        file.write(self.data)

    @property
    def facts(self) -> ImageFacts:
        """Format, size and frames, from the header."""
        # Not a `cached_property`: before Python 3.12, all rows would wait for its single lock.
        if self._facts is None:
            self._opened = self._opened or self._open()
            self._marks = self._opened.marks
            self._facts = image_facts(self._opened)
        return self._facts

    def decode(self, decode_size: tuple[int, int] | None = None) -> Image.Image:
        """Returns the decoded image, the same object until it is dropped."""
        if decode_size not in self._decoded:
            opened = self._with_room()
            with self._watch.stage("decode"):
                self._decoded[decode_size] = decode_image(opened, decode_size=decode_size)
            self._marks = opened.marks
            self.decodes += 1
            del opened
            if self._size_bytes > _KEPT_BYTES:
                self._let_go()
        return self._decoded[decode_size]

    def _check(self) -> None:
        """Decodes the image for its damage alone, and keeps no pixels."""
        opened = self._with_room()
        with self._watch.stage("decode"):
            check_image(opened)
        self._marks = opened.marks
        self.decodes += 1

    def animation(self) -> Animation:
        """Returns all frames, which are decoded when they are iterated."""
        return animation_of(self._with_room(), self._limits, self._count_decode)

    def _count_decode(self) -> None:
        self.decodes += 1

    def take_room(self) -> None:
        """Waits until the row has the room that it needs, without reading pixels."""
        self._opened = self._with_room()

    def _with_room(self) -> OpenedImage:
        """Opens the image once there is room for all that the row needs.

        A row that has to wait gives back its file's room in the meantime.
        """
        opened, self._opened = self._opened or self._open(), None
        if self._room.is_whole:
            return opened
        needed = self._room.needed(opened)
        if self._room.grow(needed):
            return opened
        if self._size_bytes > _KEPT_BYTES:
            del opened
            self._let_go()
            self._wait(lambda: self._room.wait(needed))
            return self._open()
        self._wait(lambda: self._room.wait(needed))
        return opened

    @contextmanager
    def as_file(self) -> Generator[Path]:
        """Yields the path of the file: the stored one, or a temporary copy."""
        path = self._reader.path(self.fileurl)
        is_as_it_is = self._is_in_place or self._expected_digest is None
        # The target of a link may change before another process opens the path.
        if path is not None and is_as_it_is and path.resolve() == path:
            _ = self.data  # the record must state what was read, in case the file has changed
            yield path
            return
        with TemporaryFolder() as folder:
            copy = folder.path / "copy"
            copy.write_bytes(self.data)
            yield copy

    @property
    def images(self) -> Sequence[Image.Image]:
        """The decoded images in memory."""
        return list(self._decoded.values())

    @property
    def held_bytes(self) -> int:
        """The size of the file's part in memory."""
        return len(self._data or b"")

    def drop(self) -> None:
        """Drops all decoded images."""
        self._decoded.clear()

    def close(self) -> None:
        """Drops everything."""
        self.drop()
        self._data = self._opened = None
        if self._spool is not None:
            self._spool.close()

    def _let_go(self) -> None:
        """Drops the bytes; those of a remote file are kept in a temporary file."""
        if self._spool is None and self._reader.path(self.fileurl) is None:
            self._spool = TemporaryFolder()
            (self._spool.path / "file").write_bytes(self.data)
        self._data = self._opened = None

    def _read_spool(self) -> bytes | None:
        return None if self._spool is None else (self._spool.path / "file").read_bytes()

    def _wait(self, wait: Callable[[], None]) -> None:
        with self._watch.stage("wait"):
            wait()

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
            return open_image(data, self._limits, keeps_truncated=self._keeps_truncated)
