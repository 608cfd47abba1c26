"""A proxy that damages the traffic between a client and a real server, one request at a time."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_SILENCE_SECONDS = 60.0
_DRIP_PIECES = 20
_DRIP_PAUSE_SECONDS = 0.01
_SKEWED = (
    b"<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time "
    b"and the current time is too large.</Message></Error>"
)
_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access denied.</Message></Error>"


class Fault(Enum):
    """What happens to a request."""

    UNAVAILABLE = "503"
    SERVER_ERROR = "500"
    RESET_BEFORE_REPLY = "the connection is reset before the reply"
    RESET_IN_REQUEST = "the connection is reset while the request's body comes in"
    RESET_IN_REPLY = "the connection is reset within the reply's body"
    BLACK_HOLE = "nobody answers"
    SLOW_DRIP = "the reply drips"
    LOST_REPLY = "the server acts and its reply is lost"
    GARBAGE_REPLY = "the reply is no HTTP"
    SHORT_BODY = "half of the body is gone, and the headers agree"
    FLIPPED_BYTE = "a byte of the body is another one"
    DENIED = "403"
    SKEWED_CLOCK = "the clock is wrong"


@dataclass(frozen=True)
class Said:
    """An answer in the server's place, with a code as storages give it."""

    status: int
    code: str
    message: str = ""


Chosen = Fault | Said
Choice = Callable[[str, str], Chosen | None]
"""Given a method and a path, what happens to that request."""


@dataclass
class FaultProxy:
    """A running proxy, and what it did: method, path and fault of each request."""

    url: str
    choose: Choice
    requests: list[tuple[str, str, Chosen | None]] = field(
        default_factory=list[tuple[str, str, Chosen | None]]
    )

    @property
    def faults(self) -> list[Chosen]:
        """The faults so far."""
        return [fault for _, _, fault in self.requests if fault is not None]


class FirstTimes:
    """Chooses a fault for the first requests of some methods, and nothing from then on."""

    def __init__(self, fault: Fault, methods: Iterable[str], *, times: int = 1) -> None:
        self._fault, self._methods, self._left = fault, set(methods), times
        self._lock = threading.Lock()

    def __call__(self, method: str, _path: str) -> Fault | None:
        with self._lock:
            if method not in self._methods or self._left == 0:
                return None
            self._left -= 1
            return self._fault


@contextmanager
def fault_proxy(upstream: str, choose: Choice) -> Generator[FaultProxy]:
    """Serves on loopback, in front of a server, until the block ends."""
    server = _Server(upstream)
    server.proxy = FaultProxy(f"http://127.0.0.1:{server.server_address[1]}", choose)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.proxy
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    proxy: FaultProxy

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.ended = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: clients that went away are what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"  # pyright: ignore[reportIncompatibleVariableOverride]  it is one

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Handles every method alike: the base class looks for `do_GET` and its kind."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""

    def _handle(self) -> None:
        proxy = self.server.proxy
        fault = proxy.choose(self.command, self.path)
        proxy.requests.append((self.command, self.path, fault))
        length = int(self.headers.get("Content-Length") or 0)
        if fault is Fault.RESET_IN_REQUEST:
            self.rfile.read(length // 2)
            self._reset()
            return
        body = self.rfile.read(length)
        match fault:
            case Said():
                error = f"<Code>{fault.code}</Code><Message>{fault.message}</Message>"
                self._answer(fault.status, f"<Error>{error}</Error>".encode())
            case Fault.UNAVAILABLE:
                self._answer(503, b"")
            case Fault.SERVER_ERROR:
                self._answer(500, b"")
            case Fault.DENIED:
                self._answer(403, _DENIED)
            case Fault.SKEWED_CLOCK:
                self._answer(403, _SKEWED)
            case Fault.RESET_BEFORE_REPLY:
                self._reset()
            case Fault.BLACK_HOLE:
                self.server.ended.wait(_SILENCE_SECONDS)
                self.close_connection = True
            case Fault.GARBAGE_REPLY:
                self.wfile.write(b"\x16\x03\x01 what is this\r\n\r\n" * 20)
                self.close_connection = True
            case _:
                self._pass_on(body, fault)

    def _pass_on(self, body: bytes, fault: Fault | None) -> None:
        """Hands the request on and its reply back, with the damage that the fault asks for."""
        is_upload = bool(body)
        status, headers, reply = self._ask(_damaged(body, fault) if is_upload else body)
        if fault is Fault.LOST_REPLY:
            self._reset()
            return
        if not is_upload and self.command != "HEAD":
            reply = _damaged(reply, fault)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = dict(headers).get("Content-Length", "0")
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(reply)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault is Fault.RESET_IN_REPLY:
            self.wfile.write(reply[: len(reply) // 2])
            self._reset()
        elif fault is Fault.SLOW_DRIP:
            size = len(reply) // _DRIP_PIECES + 1
            for start in range(0, len(reply), size):
                self.wfile.write(reply[start : start + size])
                time.sleep(_DRIP_PAUSE_SECONDS)
        else:
            self.wfile.write(reply)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self.server.upstream, timeout=_SILENCE_SECONDS)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in ("content-length", "connection"):
                    connection.putheader(name, value)
            if "Content-Length" in self.headers:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _reset(self) -> None:
        """Ends the connection with a reset, not with a farewell."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()


def _damaged(body: bytes, fault: Fault | None) -> bytes:
    if fault is Fault.SHORT_BODY:
        return body[: len(body) // 2]
    if fault is Fault.FLIPPED_BYTE and body:
        middle = len(body) // 2
        return body[:middle] + bytes([body[middle] ^ 0x20]) + body[middle + 1 :]
    return body
