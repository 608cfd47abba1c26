"""Downloads of complete sources, with retries."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import BinaryIO, TypeVar

from media_assets.errors import SourceTooLargeError, SourceUnavailableError
from media_assets.fetch.environment import Environment
from media_assets.fetch.exchange import AttemptError, ask
from media_assets.fetch.facts import LARGEST_SIZE, SourceFacts, check_status, facts_of
from media_assets.fetch.limits import Deadline, FetchLimits
from media_assets.fetch.source_url import SourceUrl
from media_assets.fetch.unzipping import Unzipper, encoding_of

Taken = TypeVar("Taken")

_LONGEST_BACKOFF = 30.0  # seconds
_CHUNK_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Download:
    """The bytes of a source, none if they were written to a file, and what its host stated."""

    data: bytes
    facts: SourceFacts


class Attempts:
    """The attempts at one source, under one deadline."""

    def __init__(self, url: SourceUrl, limits: FetchLimits, outside: Environment) -> None:
        self._url, self._limits, self._outside = url, limits, outside
        self._deadline = Deadline(limits.deadline)
        self._failed = 0

    def answer(self, method: str, take: Callable[[HTTPResponse], Taken]) -> Taken:
        """Sends requests until an answer has the file, and returns what `take` returns for it.

        Args:
            method: "GET" or "HEAD".
            take: Called with the answer, once for each attempt.

        Raises:
            SourceUnavailableError: No retry is left, or no time for one.
            SourceError: The source does not give a file for another reason.
        """
        limits, outside, deadline = self._limits, self._outside, self._deadline
        while True:
            try:
                with ask(
                    method, self._url, limits=limits, outside=outside, deadline=deadline
                ) as response:
                    check_status(response, self._url)
                    return take(response)
            except AttemptError as error:
                self._wait_after(error)

    def _wait_after(self, error: AttemptError) -> None:
        self._failed += 1
        pause = max(self._backoff(), error.retry_after or 0.0)
        has_retry = self._failed <= self._limits.max_retries
        is_in_time = pause < self._deadline.seconds_left
        if not has_retry or not is_in_time:
            reason = error.reason
            if has_retry:
                whole = self._deadline.lasts.total_seconds()
                reason += f", and {whole:g} seconds leave no time for a retry in {pause:.1f}"
            raise SourceUnavailableError(
                self._url.shown, reason=reason, attempts=self._failed
            ) from error
        self._outside.pause(pause)

    def _backoff(self) -> float:
        longest = self._limits.backoff.total_seconds() * 2 ** (self._failed - 1)
        share = random.uniform(0.5, 1.0)  # noqa: S311  it keeps rows apart, and is no secret
        return min(longest, _LONGEST_BACKOFF) * share


def read_body(
    response: HTTPResponse,
    url: str,
    *,
    max_bytes: int,
    stops_after: int | None,
    into: BinaryIO | None = None,
) -> Download:
    """Reads the body of an answer, decompressed if necessary.

    Args:
        response: The answer.
        url: Its URL without secrets, for errors.
        max_bytes: The longest body that is read.
        stops_after: Stop reading after this many bytes, or slightly more; None reads all.
        into: Replace the contents of this file, instead of keeping the body in memory.

    Raises:
        SourceTooLargeError: The body is longer than `max_bytes`, as sent or decompressed.
        AttemptError: It was cut short.
    """
    encoding, data, length = encoding_of(response), bytearray(), 0
    if into is not None:
        into.seek(0)
        into.truncate()
    unzipper = Unzipper(encoding, url) if encoding is not None else None
    for chunk in _sent(response, url, max_bytes):
        for piece in unzipper.unpack(chunk) if unzipper else (chunk,):
            length += len(piece)
            if length > max_bytes:
                raise SourceTooLargeError(url, max_bytes=max_bytes)
            if into is None:
                data += piece
            else:
                into.write(piece)
            if stops_after is not None and length >= stops_after:
                return Download(bytes(data), facts_of(response))
    if unzipper:
        unzipper.check_end()
    return Download(bytes(data), facts_of(response))


def _sent(response: HTTPResponse, url: str, max_bytes: int) -> Iterator[bytes]:
    """Reads the body of an answer as sent, and checks that it is complete and not too long."""
    stated, read = response.length, 0
    if stated is not None and stated > max_bytes:
        found = stated if stated <= LARGEST_SIZE else None
        raise SourceTooLargeError(url, max_bytes=max_bytes, found=found)
    while chunk := response.read1(_CHUNK_BYTES):
        read += len(chunk)
        if read > max_bytes:
            raise SourceTooLargeError(url, max_bytes=max_bytes)
        yield chunk
    if stated is not None and read != stated:
        message = f"its body ended after {read} of {stated} bytes"
        raise AttemptError(message)
