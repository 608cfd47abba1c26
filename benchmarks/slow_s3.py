"""An S3 server that takes everything and waits before each answer; it keeps small objects alone.

What it costs must not count: a real server takes more of two cores than the step that it serves.
Whether files arrive is what the tests ask real servers.
"""

import asyncio
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from email.utils import formatdate
from multiprocessing import get_context
from multiprocessing.connection import Connection

WAIT_SECONDS = 0.02
_SMALL_BYTES = 4096
_LINE_BYTES = 1 << 16


@contextmanager
def slow_s3() -> Generator[dict[str, str]]:
    """Gives the environment of a client of a server that runs until the end of the block."""
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


class _Objects:
    """Answers requests."""

    def __init__(self) -> None:
        self._etags: dict[str, tuple[str, int]] = {}
        self._small: dict[str, bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection, one after the other."""
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split(" ", 2)
                headers: dict[str, str] = {}
                while (header := (await reader.readline()).decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                await asyncio.sleep(WAIT_SECONDS)
                writer.write(self._answer(method, target.partition("?")[0], headers, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, key: str, headers: dict[str, str], body: bytes) -> bytes:
        if method == "PUT":
            if "if-none-match" in headers and key in self._etags:
                return _response("412 Precondition Failed")
            etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
            self._etags[key] = etag, len(body)
            if len(body) <= _SMALL_BYTES:
                self._small[key] = body
            return _response("200 OK", etag=etag)
        if method == "DELETE":
            self._etags.pop(key, None)
            return _response("204 No Content")
        if key not in self._etags:
            return _response("404 Not Found")
        etag, size_bytes = self._etags[key]
        if method == "HEAD":
            return _response("200 OK", etag=etag, size_bytes=size_bytes)
        return _response("200 OK", self._small[key], etag=etag)


def _response(
    status: str, body: bytes = b"", *, etag: str = "", size_bytes: int | None = None
) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if size_bytes is None else size_bytes}",
        f"Last-Modified: {formatdate(usegmt=True)}",
    ]
    if etag:
        lines.append(f'ETag: "{etag}"')
    return "\r\n".join([*lines, "", ""]).encode() + body


def _serve(told: Connection) -> None:
    asyncio.run(_listen(told))


async def _listen(told: Connection) -> None:
    server = await asyncio.start_server(_Objects().serve, "127.0.0.1", 0, limit=_LINE_BYTES)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
