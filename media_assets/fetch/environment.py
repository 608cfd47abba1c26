"""The environment of a fetch: name lookup, certificates, pauses."""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

Resolve = Callable[[str, int], Sequence[str]]


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Returns the addresses of a name from the operating system, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def system_tls() -> ssl.SSLContext:
    """Returns TLS settings with the certificates that this machine trusts, made once."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of a fetch, which a private network may replace.

    Attributes:
        resolve: Takes a host's name and a port, returns its IP addresses, raises `OSError`.
        tls: The certificates to trust; None for those that this machine trusts.
        pause: Waits for a number of seconds before a retry.
    """

    resolve: Resolve = system_addresses
    tls: ssl.SSLContext | None = None
    pause: Callable[[float], None] = time.sleep
