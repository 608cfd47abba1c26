"""A cable between two programs, which can be cut: what is sent waits, or connections are reset."""

import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from enum import Enum
from urllib.parse import urlsplit

_CHUNK_BYTES = 65_536
_RESET = struct.pack("ii", 1, 0)


class Cut(Enum):
    """What a cut does to connections."""

    SILENT = "nothing comes through, as with a cable that is pulled and put back"
    RESET = "connections are reset and new ones refused, as with a router that restarts"


class Cable:
    """A running relay in front of a server; `address` is where it listens."""

    def __init__(self, upstream: str) -> None:
        """Takes the server's address as `tcp://host:port`, and starts to listen."""
        target = urlsplit(upstream)
        self._upstream = (target.hostname, target.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._is_whole = threading.Event()
        self._is_whole.set()
        self._refuses = False
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def cut(self, how: Cut) -> Generator[None]:
        """Cuts it until the block ends."""
        if how is Cut.SILENT:
            self._is_whole.clear()
        else:
            self._refuses = True
            self._reset()
        try:
            yield
        finally:
            self._refuses = False
            self._is_whole.set()

    def close(self) -> None:
        """Ends all connections."""
        self._listener.close()
        self._is_whole.set()
        self._reset()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                if self._refuses:
                    near.close()
                    continue
                far = socket.create_connection(self._upstream)
                self._ends += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):  # one of the ends is gone
            while data := source.recv(_CHUNK_BYTES):
                self._is_whole.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _reset(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()
