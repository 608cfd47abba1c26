"""The parts of the machine that a fetch uses: name lookup, certificates, pauses."""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

Resolve = Callable[[str, int], Sequence[str]]


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Returns the addresses that the operating system knows for a name, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def system_tls() -> ssl.SSLContext:
    """Returns the settings of TLS that trust what this machine trusts, made once."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Environment:
    """What a fetch uses of the world outside; a private network may want its own.

    Attributes:
        resolve: Takes a host's name and a port, returns its IP addresses, raises `OSError`.
        tls: Whose certificates are trusted; None for what this machine trusts.
        pause: Waits for so many seconds before a retry.
    """

    resolve: Resolve = system_addresses
    tls: ssl.SSLContext | None = None
    pause: Callable[[float], None] = time.sleep
