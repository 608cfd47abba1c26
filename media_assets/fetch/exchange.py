"""One HTTP request and its answer, over a separate connection with a deadline."""

import io
import socket
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ssl import SSLError
from typing import IO

from media_assets.errors import SourceError, SourceRefusedError
from media_assets.fetch.dialing import dial
from media_assets.fetch.environment import Environment
from media_assets.fetch.limits import Deadline, FetchLimits
from media_assets.fetch.source_url import SourceUrl

_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = {
    "User-Agent": "media-assets (Python)",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_LONGEST_RETRY_AFTER = 9  # digits; more than thirty years


class AttemptError(Exception):
    """A failure of one attempt that may be temporary."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


@contextmanager
def ask(
    method: str,
    url: SourceUrl,
    *,
    limits: FetchLimits,
    outside: Environment,
    deadline: Deadline,
) -> Generator[HTTPResponse]:
    """Gives the answer to a request, after redirects; read the body inside the block.

    Args:
        method: "GET" or "HEAD".
        url: The URL; each redirect is checked like it.
        limits: The limits of size and time.
        outside: Name lookup and certificates.
        deadline: The deadline for everything, including the body.

    Raises:
        SourceRefusedError: The URL or a redirect leads to an address that is not allowed.
        SourceMissingError: The host does not exist.
        AttemptError: The connection failed, possibly while the body was read.
    """

    def wait() -> float:
        return deadline.timeout(limits.read_timeout)

    with _attempting():
        place = url
        for _ in range(limits.max_redirects + 1):
            with (
                closing(dial(place, limits=limits, deadline=deadline, outside=outside)) as dialled,
                _answer(method, place, dialled, wait) as response,
            ):
                if response.status not in _REDIRECTS:
                    yield response
                    return
                place = place.redirect(response.getheader("Location"))
    problem = f"it redirects more than {limits.max_redirects} times"
    raise SourceRefusedError(url.shown, problem=problem)


def seconds_to_wait(retry_after: str) -> float | None:
    """Returns the seconds that a Retry-After header asks for; None if it is invalid.

    >>> seconds_to_wait("120")
    120.0
    """
    text = retry_after.strip()
    if text.isdecimal():
        return float(text[:_LONGEST_RETRY_AFTER])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # not a date, or out of range
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


@contextmanager
def _attempting() -> Generator[None]:
    try:
        yield
    except SourceError:
        raise
    except HTTPException as error:
        reason = f"its answer is cut short or not HTTP ({type(error).__name__})"
        raise AttemptError(reason) from error
    except OSError as error:
        raise AttemptError(_reason(error)) from error


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, SSLError):
        return f"TLS failed ({error.reason or type(error).__name__})"
    return (error.strerror or str(error) or type(error).__name__).lower()


@contextmanager
def _answer(
    method: str,
    url: SourceUrl,
    dialled: socket.socket,
    timeout: Callable[[], float],
) -> Generator[HTTPResponse]:
    connection = HTTPConnection(url.host, url.port)
    connection.sock = _Line(dialled, timeout)
    connection.putrequest(method, url.target, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": url.authority, **_HEADERS}.items():
        connection.putheader(name, value)
    connection.endheaders()
    with closing(connection.getresponse()) as response:
        yield response


class _Line:
    """A socket for http.client whose waits end with the deadline, and that stays open.

    A fixed timeout would start again with every byte from a slow host.
    """

    def __init__(self, connected: socket.socket, timeout: Callable[[], float]) -> None:
        self._socket, self._timeout = connected, timeout

    def makefile(self, mode: str) -> IO[bytes]:
        del mode
        return io.BufferedReader(_Incoming(self._socket, self._timeout))

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._timeout())
        self._socket.sendall(data)

    def close(self) -> None:
        """Does nothing: the caller of `dial` closes the connection."""


class _Incoming(io.RawIOBase):
    def __init__(self, connected: socket.socket, timeout: Callable[[], float]) -> None:
        self._socket, self._timeout = connected, timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  BufferedReader passes this
        self._socket.settimeout(self._timeout())
        return self._socket.recv_into(buffer)
