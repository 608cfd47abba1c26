"""An image cell as its readers see it: fetched once, decoded once per size, dropped in time."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from media_assets.errors import CorruptFileError, UploadChangedError
from media_assets.images.decode import (
    ImageFacts,
    ImageLimits,
    OpenedImage,
    decode_image,
    image_facts,
    open_image,
)
from media_assets.pipeline.budget import RowRoom
from media_assets.pipeline.timing import Stopwatch
from media_assets.reading import Reader
from media_assets.stores.retry import retried
from media_assets.temporary_folder import TemporaryFolder

_KEPT_BYTES = 16_000_000
"""Of a file: a longer one is read again where its bytes are needed again."""


class ImageCell:
    """One image that row functions read.

    Nothing is fetched before somebody asks, and what was fetched is hashed, so that a record can
    say what it was made from.
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
    ) -> None:
        """Takes where the bytes are, and what is known of them.

        Args:
            fileurl: The file.
            reader: What reads it.
            limits: What an image may be.
            room: Of the row, in memory.
            watch: Counts the seconds.
            expected_digest: SHA-256 of the bytes, in hex.
            version: What changes when the bytes do.
            size_bytes: Their number, as far as it is known.
            is_in_place: Whether this is an upload where its owner keeps it, and may change it.
        """
        self.fileurl = fileurl
        self.decodes = 0
        self._reader = reader
        self._limits, self._room, self._watch = limits, room, watch
        self._expected_digest, self._version = expected_digest, version
        self._size_bytes = size_bytes
        self._is_in_place = is_in_place
        self._data: bytes | None = None
        self._digest = ""
        self._marks: list[str] = []
        self._facts: ImageFacts | None = None
        self._spool: TemporaryFolder | None = None
        self._opened: OpenedImage | None = None
        self._decoded: dict[tuple[int, int] | None, Image.Image] = {}

    @property
    def is_fetched(self) -> bool:
        """Whether the bytes were read."""
        return bool(self._digest)

    @property
    def data(self) -> bytes:
        """The file's bytes.

        Raises:
            CorruptFileError: They are not those that were written, or not those read before.
            UploadChangedError: They are not those of the upload that was recorded.
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
        if expected not in (None, digest):
            raise CorruptFileError(self.fileurl, expected, digest)
        self._digest, self._size_bytes = digest, len(data)
        return data

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        _ = self.digest
        return self._size_bytes

    @property
    def marks(self) -> Sequence[str]:
        """What had to be left out of the image, or is not as it should be, as far as is known."""
        return self._marks

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        if not self._digest:
            _ = self.data
        return self._digest

    @property
    def facts(self) -> ImageFacts:
        """Format, size and frames, from the header."""
        # No `cached_property`: before Python 3.12 one lock of it would serve all rows, which wait.
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

    def take_room(self) -> None:
        """Waits for the room that the row needs, and reads no pixel."""
        self._opened = self._with_room()

    def _with_room(self) -> OpenedImage:
        """Opens the image when all room is there that the row needs.

        Whoever has to wait does so without the file, whose room is given back.
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

    @property
    def images(self) -> Sequence[Image.Image]:
        """The decoded images that are kept."""
        return list(self._decoded.values())

    @property
    def held_bytes(self) -> int:
        """The length of the file as far as it is kept in memory."""
        return len(self._data or b"")

    def drop(self) -> None:
        """Lets go of all decoded images."""
        self._decoded.clear()

    def close(self) -> None:
        """Lets go of everything."""
        self.drop()
        self._data = self._opened = None
        if self._spool is not None:
            self._spool.close()

    def _let_go(self) -> None:
        """Lets go of the bytes; what is not on this machine is kept in a temporary file."""
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
            return open_image(data, self._limits)
