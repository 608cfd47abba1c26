"""An S3 server that accepts everything, waits before each answer, and keeps only small objects.

Its own cost must not count: a real server uses more of two cores than the step that it serves.
That files arrive is tested with real servers.
"""

import asyncio
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from email.utils import formatdate
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import ClassVar, cast

WAIT_SECONDS = 0.02
_SMALL_BYTES = 4096
_BUFFER_BYTES = 1 << 18


@contextmanager
def slow_s3() -> Generator[dict[str, str]]:
    """Runs a server until the end of the block, and yields the environment for its clients."""
    context = get_context("spawn")
    heard, told = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(told,), daemon=True)
    server.start()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{heard.recv()}",
            "AWS_ACCESS_KEY_ID": "a-key",
            "AWS_SECRET_ACCESS_KEY": "a-secret",
            "AWS_REGION": "us-east-1",
        }
    finally:
        server.terminate()
        server.join()


class _Connection(asyncio.BufferedProtocol):
    """Answers the requests of one connection in order; large bodies are not kept."""

    objects: ClassVar[dict[str, tuple[int, bytes]]] = {}
    """Size and, if it is small, content by key."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER_BYTES)
        self._head = b""
        self._body = b""
        self._missing = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> bytearray:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._missing < 0:
            self._head += self._buffer[:nbytes]
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._head, self._body = head, body
            self._missing = _length(head) - len(body)
        else:
            self._missing -= nbytes
            if len(self._body) + nbytes <= _SMALL_BYTES:
                self._body += self._buffer[:nbytes]
        if self._missing == 0:
            answer = self._answer(self._head.decode(), self._body)
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self._transport.write, answer)
            self._head, self._missing = b"", -1

    def _answer(self, head: str, body: bytes) -> bytes:
        method, target, _ = head.split(" ", 2)
        key = target.partition("?")[0]
        if method == "PUT":
            if "if-none-match" in head.lower() and key in self.objects:
                return _response("412 Precondition Failed")
            self.objects[key] = _length(head.encode()), body
            return _response("200 OK", etag=key)
        if method == "DELETE":
            self.objects.pop(key, None)
            return _response("204 No Content")
        if key not in self.objects:
            return _response("404 Not Found")
        size_bytes, content = self.objects[key]
        if method == "HEAD":
            return _response("200 OK", etag=key, size_bytes=size_bytes)
        return _response("200 OK", content, etag=key)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _response(
    status: str, body: bytes = b"", *, etag: str = "", size_bytes: int | None = None
) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if size_bytes is None else size_bytes}",
        f"Last-Modified: {formatdate(usegmt=True)}",
    ]
    if etag:
        lines.append(f'ETag: "{hashlib.sha256(etag.encode()).hexdigest()[:32]}"')
    return "\r\n".join([*lines, "", ""]).encode() + body


def _serve(told: Connection) -> None:
    asyncio.run(_listen(told))


async def _listen(told: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
