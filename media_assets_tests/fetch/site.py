"""Small real web servers on loopback, which answer just as a test says, also wrongly."""

import socket
import ssl
import struct
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import chain, repeat
from threading import Event, Lock, Thread

from media_assets.fetch import Environment, FetchLimits, fetch
from media_assets.fetch.environment import system_addresses

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
LIMITS = FetchLimits(allow_networks=LOOPBACK)
_USUAL, _SYSTEM = FetchLimits(), Environment()
_TLS_HANDSHAKE = b"\x16"


def fetch_bytes(url: str, *, limits: FetchLimits = _USUAL, outside: Environment = _SYSTEM) -> bytes:
    """The bytes of a source, without its facts."""
    return fetch(url, limits=limits, outside=outside).data


@dataclass(frozen=True)
class Request:
    """What a site was asked, header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]


Reply = Callable[[Request, socket.socket], None]


@dataclass
class Site:
    """A server that gives its replies one after the other, the last one for ever."""

    listener: socket.socket
    replies: Iterator[Reply]
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list[Request])
    connections: int = 0
    server_names: list[str | None] = field(default_factory=list[str | None])
    stopped: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    @property
    def host(self) -> str:
        return str(self.listener.getsockname()[0])

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def url(self, path: str = "/photo.jpg", *, host: str | None = None) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def serve(self) -> None:
        while not self.stopped.is_set():
            try:
                connected, _ = self.listener.accept()
            except OSError:
                return
            Thread(target=self._converse, args=(connected,), daemon=True).start()

    def _converse(self, connected: socket.socket) -> None:
        with self._lock:
            self.connections += 1
        with ExitStack() as stack, suppress(OSError):
            stack.callback(connected.close)
            connected.settimeout(20)
            if self.tls is not None:
                connected = self.tls.wrap_socket(connected, server_side=True)
                stack.callback(connected.close)
            request = _read_request(connected)
            if request is None:
                return
            with self._lock:
                self.requests.append(request)
                reply = next(self.replies)
            reply(request, connected)


@contextmanager
def site(
    *replies: Reply, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Generator[Site]:
    """Gives a running site, which answers with its last reply when the others are used up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, backlog=64)
    served = Site(listener, chain(replies, repeat(replies[-1])) if replies else iter(()), tls)
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: served.server_names.append(name)
    thread = Thread(target=served.serve, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.stopped.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _read_request(connected: socket.socket) -> Request | None:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        received = connected.recv(65536)
        if not received:
            return None
        data += received
        if data.startswith(_TLS_HANDSHAKE):
            return Request("TLS", "", {})
    lines = data.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    return Request(method, target, {name.lower(): value for name, value in headers.items()})


def header(status: int = 200, /, **headers: object) -> bytes:
    """A status line and headers; `Retry_After=1` stands for `Retry-After: 1`."""
    lines = [f"HTTP/1.1 {status} Said"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(body: bytes = b"", status: int = 200, **headers: object) -> Reply:
    """Replies with a whole body, and none to a HEAD."""

    def reply(request: Request, connected: socket.socket) -> None:
        start = header(status, Content_Length=len(body), **headers)
        connected.sendall(start + (b"" if request.method == "HEAD" else body))

    return reply


def raw(*parts: bytes) -> Reply:
    """Replies with just these bytes, and hangs up."""
    return slow(parts, pause=0)


def slow(parts: Iterable[bytes], *, pause: float = 0.02) -> Reply:
    """Replies with one part after the other, with a pause after each."""

    def reply(request: Request, connected: socket.socket) -> None:
        for part in parts:
            connected.sendall(part)
            if pause:
                Event().wait(pause)

    return reply


def reset(sent: bytes = b"") -> Reply:
    """Sends something, and then resets the connection."""

    def reply(request: Request, connected: socket.socket) -> None:
        if sent:
            connected.sendall(sent)
            Event().wait(0.05)  # what is still unread on the other side goes with a reset
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return reply


def cut(body: bytes, after: int, **headers: object) -> Reply:
    """Announces a body, and ends after some of its bytes."""
    return raw(header(Content_Length=len(body), **headers) + body[:after])


def redirect(location: str, status: int = 302) -> Reply:
    """Replies that the file is elsewhere."""
    return answer(status=status, Location=location)


class Names:
    """A name service of its own: the answers to each question in turn, the last one for ever.

    Names that it does not know are left to the operating system.
    """

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers, self.asked = answers, list[str]()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        answers = self._answers.get(host.partition(".")[0])
        if answers is None:
            return system_addresses(host, port)
        number = min(self.asked.count(host), len(answers) - 1)
        self.asked.append(host)
        return answers[number]


class Pauses:
    """Keeps how long was to be waited, and waits not at all."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
