"""Limits on sources: size, time, and allowed networks."""

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
    """The limits of one fetch; picklable.

    Attributes:
        max_bytes: The longest body that is read, as sent.
        deadline: The total time, including name lookup, redirects, retries and pauses.
        connect_timeout: The time for connecting to one address, including the TLS handshake.
        read_timeout: The longest wait for data of an answer.
        max_redirects: The most redirects in one attempt.
        max_retries: The most retries after temporary failures: status 408, 425, 429, 500, 502, 503
            or 504, no connection, a timeout, or a body cut short.
        backoff: The pause before the first retry. It doubles with each retry, and up to half of it
            is taken off at random. A longer `Retry-After` of the host is waited for in full.
        allow_networks: Networks that are allowed although they are not public.
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
    """The deadline of a fetch, counted from the creation of this object."""

    def __init__(self, lasts: timedelta) -> None:
        self.lasts = lasts
        self._end = monotonic() + lasts.total_seconds()

    @property
    def seconds_left(self) -> float:
        """Returns the seconds until the deadline; zero or less once it has passed."""
        return self._end - monotonic()

    def timeout(self, at_most: timedelta) -> float:
        """Returns how many seconds one wait may take.

        Raises:
            TimeoutError: The deadline has passed.
        """
        left = self.seconds_left
        if left <= 0:
            raise TimeoutError
        return min(left, at_most.total_seconds())


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Parses the networks of `allow_networks`; an address is a network by itself.

    Raises:
        SettingError: A text is not a network.

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
            accepted="A network in CIDR notation with no bits set after its prefix, or an address.",
            example=_nearest(text),
        ) from error


def _nearest(text: str) -> str:
    """Returns the network that a text with extra bits set probably means, or an example."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return "10.1.0.0/16"
