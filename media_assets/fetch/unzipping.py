"""Decompression, chunk by chunk, of bodies that a host compressed without being asked."""

import zlib
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import NoReturn

from media_assets.errors import SourceAnswerError
from media_assets.fetch.exchange import AttemptError

_CHUNK_BYTES = 128 * 1024
_NONE = ("", "identity")
_WITH_ANY_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's
_ENCODINGS = ("gzip", "x-gzip", "deflate")


def encoding_of(response: HTTPResponse) -> str | None:
    """Returns the Content-Encoding of an answer in lower case; None if not compressed."""
    encoding = (response.getheader("Content-Encoding") or "").strip().lower()
    return None if encoding in _NONE else encoding


class Unzipper:
    """Decompresses one body in pieces of bounded size."""

    def __init__(self, encoding: str, url: str) -> None:
        """Checks the encoding; the URL, without its secrets, is for errors.

        Raises:
            SourceAnswerError: The encoding is not supported.
        """
        self._encoding, self._url = encoding, url
        if encoding not in _ENCODINGS:
            self._refuse("which was not asked for")
        self._zlib = zlib.decompressobj(_WITH_ANY_HEADER)

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Yields the decompressed content of a chunk, in pieces.

        Raises:
            SourceAnswerError: The chunk is not in this encoding.
        """
        while chunk:
            if self._zlib.eof:  # a gzip file may consist of several
                self._zlib = zlib.decompressobj(_WITH_ANY_HEADER)
            try:
                piece = self._zlib.decompress(chunk, _CHUNK_BYTES)
            except zlib.error:
                self._refuse("and it cannot be decompressed")
            if piece:
                yield piece
            chunk = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail

    def check_end(self) -> None:
        """Raises an error unless the body was decompressed to its end.

        Raises:
            AttemptError: It was cut short.
        """
        if not self._zlib.eof:
            message = f"its {self._encoding} body ended early"
            raise AttemptError(message)

    def _refuse(self, problem: str) -> NoReturn:
        reason = f"its host sent it with Content-Encoding {self._encoding[:40]!r}, {problem}"
        raise SourceAnswerError(self._url, reason=reason) from None
