"""Limits on a source: its size, its time, and the networks it may be in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from time import monotonic

from media_assets.errors import SettingError
from media_assets.fetch.addresses import Network

_SETTING = "allow_networks"


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """The limits of one fetch; a plain value that can be pickled.

    Attributes:
        max_bytes: The longest body that is read, as sent.
        deadline: The time of the whole: names, redirects, retries and pauses.
        connect_timeout: The time for connecting to one address, and for its TLS handshake.
        read_timeout: The longest silence while an answer is awaited or read.
        max_redirects: How many redirects are followed in one attempt.
        max_retries: How many attempts may follow the first one, when it fails in a way that may
            pass: status 408, 425, 429, 500, 502, 503 or 504, no connection, silence, a body cut.
        backoff: The pause before the first retry; it doubles with each further one, less a random
            part of up to half. A host's `Retry-After` is waited for in full if it is longer.
        allow_networks: Networks whose hosts may be asked although they are not public.
    """

    max_bytes: int = 256 * 1024**2
    deadline: timedelta = timedelta(minutes=5)
    connect_timeout: timedelta = timedelta(seconds=10)
    read_timeout: timedelta = timedelta(seconds=30)
    max_redirects: int = 5
    max_retries: int = 4
    backoff: timedelta = timedelta(milliseconds=500)
    allow_networks: tuple[Network, ...] = ()


class Deadline:
    """The time that a whole fetch may take, from when this is made."""

    def __init__(self, lasts: timedelta) -> None:
        self.lasts = lasts
        self._end = monotonic() + lasts.total_seconds()

    @property
    def seconds_left(self) -> float:
        """The seconds from now to the deadline; zero or less when it is over."""
        return self._end - monotonic()

    def timeout(self, at_most: timedelta) -> float:
        """Returns the seconds that one wait may take.

        Raises:
            TimeoutError: The deadline is over.
        """
        left = self.seconds_left
        if left <= 0:
            raise TimeoutError
        return min(left, at_most.total_seconds())


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Returns the networks that `allow_networks` names; an address is a network of its own.

    Raises:
        SettingError: A text is none.

    >>> parse_networks(["10.1.0.0/16", "::1"])
    (IPv4Network('10.1.0.0/16'), IPv6Network('::1/128'))
    """
    return tuple(map(_network, texts))


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise SettingError(
            _SETTING,
            text,
            accepted="A network in CIDR notation, no bit set beyond its prefix, or an address.",
            example=_nearest(text),
        ) from error


def _nearest(text: str) -> str:
    """The network that a text with too many bits set was meant to be, else any."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return "10.1.0.0/16"
