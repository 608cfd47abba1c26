"""The bytes of a source, whole or not at all, over as many attempts as it takes."""

from collections.abc import Generator, Iterator
from contextlib import closing
from hashlib import sha256
from http.client import HTTPResponse
from types import TracebackType
from typing import Self

from media_assets.errors import SourceTooLargeError
from media_assets.fetch.attempts import Attempts
from media_assets.fetch.exchange import AttemptError
from media_assets.fetch.facts import (
    LARGEST_SIZE,
    SourceFacts,
    check_status,
    facts_of,
    is_rest,
    strong_etag,
)
from media_assets.fetch.unzipping import Unzipper, encoding_of

_CHUNK_BYTES = 128 * 1024
_RANGE_NOT_SATISFIABLE = 416
_PARTIAL = 206


class Download(Iterator[bytes]):
    """A source's bytes in chunks; nothing is asked before the first one is wanted.

    When a body is cut, the next attempt reads on where it ended, if the host promises by a strong
    ETag that the file is the same. Otherwise it reads from the start and gives what follows,
    provided that what was given before comes again, byte for byte. So what is given is always
    one version of the file.

    Leave it with `with` or `close()` if it is not read to its end.
    """

    def __init__(self, attempts: Attempts, *, max_bytes: int) -> None:
        """Takes the attempts, of which none was made yet, and the longest body to read."""
        self._attempts, self._max_bytes = attempts, max_bytes
        self._given, self._hash = 0, sha256()
        self._facts: SourceFacts | None = None
        self._etag: str | None = None
        self._ahead: bytes | None = None
        self._chunks = self._all_attempts()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        """Returns the next chunk, never an empty one.

        Raises:
            SourceError: The source gives no file, of one of its subclasses.
        """
        ahead, self._ahead = self._ahead, None
        return ahead or next(self._chunks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def facts(self) -> SourceFacts:
        """What the host tells of the very file that is read; asks for it if nobody did yet."""
        if self._facts is None:
            self._ahead = next(self._chunks, None)
        return self._facts or SourceFacts(None, None)

    @property
    def digest(self) -> str:
        """SHA-256 of the source in hex, once it is read to its end."""
        return self._hash.hexdigest()

    def read(self) -> bytes:
        """Returns all bytes that were not given yet."""
        with closing(self):
            return b"".join(self)

    def close(self) -> None:
        """Hangs up; further chunks do not come."""
        self._chunks.close()

    def _all_attempts(self) -> Generator[bytes]:
        while True:
            try:
                yield from self._attempt()
            except AttemptError as error:
                self._attempts.wait_after(error)
            else:
                return

    def _attempt(self) -> Generator[bytes]:
        headers: dict[str, str] = {}
        if self._given and self._etag is not None:
            headers = {"Range": f"bytes={self._given}-", "If-Range": self._etag}
        with self._attempts.ask("GET", headers) as response:
            before = self._start(response, is_part_asked=bool(headers))
            again = _Again(self._given - before, self._hash.hexdigest())
            for chunk in self._body(response, before):
                fresh = again.pass_by(chunk)
                if fresh:
                    self._given += len(fresh)
                    self._hash.update(fresh)
                    yield fresh
            again.check()

    def _start(self, response: HTTPResponse, *, is_part_asked: bool) -> int:
        """Returns how many bytes of the file come before the first one of this answer."""
        if is_part_asked and response.status in (_RANGE_NOT_SATISFIABLE, _PARTIAL):
            size_bytes = self._facts.size_bytes if self._facts else None
            is_as_it_is = response.status == _PARTIAL and encoding_of(response) is None
            if is_as_it_is and is_rest(response, start=self._given, size_bytes=size_bytes):
                return self._given
            self._etag = None
            message = "its host does not give the part that was asked for"
            raise AttemptError(message)
        check_status(response, self._attempts.url)
        self._facts, self._etag = facts_of(response), strong_etag(response)
        if encoding_of(response) is not None:
            self._etag = None  # a part of what is packed is no part of the file
        return 0

    def _body(self, response: HTTPResponse, before: int) -> Iterator[bytes]:
        """Reads one answer's body, unpacks it if it is packed, and notices when it is too long."""
        encoding, url = encoding_of(response), self._attempts.url.shown
        if encoding is None:
            yield from self._sent(response, before)
            return
        unzipper, size_bytes = Unzipper(encoding, url), 0
        for chunk in self._sent(response, before):
            for piece in unzipper.unpack(chunk):
                size_bytes += len(piece)
                if size_bytes > self._max_bytes:
                    raise SourceTooLargeError(url, max_bytes=self._max_bytes)
                yield piece
        unzipper.check_end()

    def _sent(self, response: HTTPResponse, before: int) -> Iterator[bytes]:
        """Reads one answer's body as it was sent, and notices when it is cut or too long."""
        told, url = response.length, self._attempts.url.shown
        if told is not None and before + told > self._max_bytes:
            found = before + told if told <= LARGEST_SIZE else None
            raise SourceTooLargeError(url, max_bytes=self._max_bytes, found=found)
        read = 0
        while chunk := response.read1(_CHUNK_BYTES):
            read += len(chunk)
            if before + read > self._max_bytes:
                raise SourceTooLargeError(url, max_bytes=self._max_bytes)
            yield chunk
        if told is not None and read != told:
            message = f"its body ended after {before + read} of {before + told} bytes"
            raise AttemptError(message)


class _Again:
    """The bytes that were given before, coming a second time: compared, and not given again."""

    def __init__(self, size_bytes: int, digest: str) -> None:
        self._left, self._digest, self._hash = size_bytes, digest, sha256()
        self._is_repeated = size_bytes > 0

    def pass_by(self, chunk: bytes) -> bytes:
        """Returns what of a chunk is new."""
        if not self._left:
            return chunk
        repeated = chunk[: self._left]
        self._left -= len(repeated)
        self._hash.update(repeated)
        if not self._left:
            self.check()
        return chunk[len(repeated) :]

    def check(self) -> None:
        if self._is_repeated and (self._left or self._hash.hexdigest() != self._digest):
            message = "it changed while it was read"
            raise AttemptError(message, is_last=True)
