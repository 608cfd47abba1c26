"""The IP addresses that sources may have."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Python's own `is_global` differs between patch releases, so the registries are listed here:
# https://www.iana.org/assignments/iana-ipv4-special-registry/
# https://www.iana.org/assignments/iana-ipv6-special-registry/
_NOT_PUBLIC_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; on Linux, 0.0.0.0 is this host
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's WireServer, a public address only reachable by guests
            "169.254.0.0/16",  # link-local; metadata of AWS, Azure, Google
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocol assignments; Oracle's metadata
            "192.0.2.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # nothing outside it is public
_NOT_PUBLIC_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_TEREDO = IPv6Network("2001::/32")
_6TO4 = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)
_LOW_32_BITS = 0xFFFFFFFF


def is_public(address: Address) -> bool:
    """Returns whether an address, and every address embedded in it, is on the public internet.

    >>> [is_public(ip_address(text)) for text in ("8.8.8.8", "10.1.2.3", "::ffff:10.1.2.3")]
    [True, False, False]
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    carried = _embedded_addresses(address)
    if _is_carrier_alone(address):
        return all(map(is_public, carried))
    return (
        address in _GLOBAL_UNICAST
        and not any(address in network for network in _NOT_PUBLIC_V6)
        and all(map(is_public, carried))
    )


def is_allowed(address: Address, networks: Iterable[Network]) -> bool:
    """Returns whether an address is public, or in one of these networks.

    An IPv6 address that represents an IPv4 address is in the networks of that address.
    """
    networks = tuple(networks)
    if is_public(address) or any(address in network for network in networks):
        return True
    if isinstance(address, IPv4Address) or not _is_carrier_alone(address):
        return False
    return all(is_allowed(carried, networks) for carried in _embedded_addresses(address))


def parse_address(text: str) -> Address | None:
    """Parses an address, with or without a zone; returns None for any other text."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_carrier_alone(address: IPv6Address) -> bool:
    """Returns whether packets to an address go only to the embedded address."""
    return bool(address.ipv4_mapped) or any(
        address in network for network in (_NAT64, _TEREDO, _6TO4)
    )


def _embedded_addresses(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Returns the IPv4 addresses embedded in an IPv6 address."""
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address in _TEREDO:
        return address.teredo or ()
    if address in _6TO4:
        return (address.sixtofour,) if address.sixtofour else ()
    number = int(address)
    if address in _NAT64 or (number >> 32) & _LOW_32_BITS in _ISATAP:
        return (IPv4Address(number & _LOW_32_BITS),)
    return ()
