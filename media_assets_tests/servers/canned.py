"""A server that answers what it was told to: for what real servers say only on bad days."""

import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NextAnswer = Callable[[str, dict[str, str], bytes], tuple[int, str]]


@dataclass
class CannedServer:
    """A running server, and the requests that it has got: also their headers, in lower case."""

    url: str
    requests: list[str] = field(default_factory=list[str])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    bodies: list[str] = field(default_factory=list[str])


@contextmanager
def canned_answers(
    *answers: tuple[int, str], tls: ssl.SSLContext | None = None
) -> Generator[CannedServer]:
    """Answers one request after the other with these statuses and bodies, the last one for ever."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    scheme = "https" if tls else "http"
    canned = CannedServer(f"{scheme}://127.0.0.1:{server.server_address[1]}")

    def next_answer(request: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        canned.requests.append(request)
        canned.headers.append(headers)
        canned.bodies.append(body.decode(errors="replace"))
        return answers[min(len(canned.requests), len(answers)) - 1]

    Handler.next_answer_of[server.server_address[1]] = next_answer
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield canned
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    next_answer_of: dict[int, NextAnswer] = {}  # noqa: RUF012

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answers every method alike: the base class looks for `do_GET` and its kind."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        port = self.connection.getsockname()[1]
        headers = {name.lower(): text for name, text in self.headers.items()}
        status, body = self.next_answer_of[port](f"{self.command} {self.path}", headers, sent)
        self.send_response_only(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT")
        kind = "json" if body.startswith("{") else "xml"
        self.send_header("Content-Type", f"application/{kind}")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())
