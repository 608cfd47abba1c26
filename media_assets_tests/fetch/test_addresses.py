"""Which addresses are public, and that no form of writing one down gets around it."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given, strategies as st

from media_assets.errors import SourceError, SourceMissingError, SourceRefusedError
from media_assets.fetch import Environment, FetchLimits, Network, is_public
from media_assets.fetch.addresses import is_allowed
from media_assets_tests.fetch.site import Names, answer, fetch_bytes, site

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104  no server is bound to it
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # Azure's WireServer
    "169.254.169.254",  # the metadata of AWS, Azure, Google
    "169.254.170.2",  # ECS
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",  # Oracle's metadata
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # IPv4-compatible
    "::8.8.8.8",
    "::ffff:127.0.0.1",  # IPv4-mapped
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",  # IPv4-translated
    "64:ff9b::127.0.0.1",  # NAT64
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",  # NAT64 of a private network
    "100::1",
    "2001::1",  # Teredo of nobody
    "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo of client 127.0.0.1
    "2001:0:7f00:1::f7f7:f7f7",  # Teredo of server 127.0.0.1
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2002:a9fe:a9fe::",
    "2a00:1450::5efe:127.0.0.1",  # ISATAP
    "2a00:1450::200:5efe:10.0.0.1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # the metadata of AWS
    "fd20:ce::254",  # and of Google
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]
CARRIERS = [
    ip_network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96", "2001::/32", "2002::/16")
]
NAMES_OF_LOOPBACK = [
    "localhost",
    "LocalHost.",
    "127.1",
    "127.0.1",
    "0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0X7F.0.0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0300.0250.1",
    "127.0.0.1.",
    "127。0。0。1",
    "１２７.0.0.1",  # noqa: RUF001  that is the point
    "ⓛocalhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_recognized(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_recognized(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_ipv6_address_is_no_more_public_than_the_ipv4_address_in_it(
    carried: IPv4Address,
) -> None:
    number = int(carried)
    forms = [
        (0xFFFF << 32) | number,
        (0x64FF9B << 96) | number,
        (0x2002 << 112) | (number << 80) | 1,
        (0x20010000 << 96) | (int(IPv4Address("8.8.8.8")) << 64) | (number ^ 0xFFFFFFFF),
    ]

    for form in forms:
        assert is_public(IPv6Address(form)) == is_public(carried)
    isatap = (0x2A001450 << 96) | (0x5EFE << 32) | number
    assert is_public(IPv6Address(isatap)) == is_public(carried)


@given(st.ip_addresses())
def test_what_python_calls_private_multicast_or_reserved_is_not_public(
    address: IPv4Address | IPv6Address,
) -> None:
    stands_for_ipv4 = any(address in network for network in CARRIERS)
    if is_public(address) and not stands_for_ipv4:
        assert not address.is_private
        assert not address.is_multicast
        assert not address.is_reserved
        assert not address.is_link_local


def test_an_allowed_network_includes_each_form_of_its_addresses_only() -> None:
    networks: list[Network] = [ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")]

    allowed = ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:1::5", "8.8.8.8"]
    refused = ["10.2.0.1", "::ffff:10.2.0.1", "2002:a02:1::", "fd00:2::5", "127.0.0.1"]
    assert [text for text in allowed if not is_allowed(ip_address(text), networks)] == []
    assert [text for text in refused if is_allowed(ip_address(text), networks)] == []


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_a_host_with_a_forbidden_address_is_not_asked_by_address_or_by_name(text: str) -> None:
    with site(answer(b"secret")) as canary:
        literal = f"[{text}]" if ":" in text else text
        names = Names(inside=[[text]], both=[["8.8.8.8", text]])
        for host in (literal, "inside.test", "both.test"):
            with pytest.raises(SourceRefusedError, match="is refused"):
                fetch_bytes(f"http://{host}:{canary.port}/", outside=Environment(resolve=names))

        assert canary.connections == 0


@pytest.mark.parametrize("host", NAMES_OF_LOOPBACK)
def test_no_way_to_write_loopback_leads_there(host: str) -> None:
    with site(answer(b"secret")) as canary:
        with pytest.raises(SourceError) as raised:
            fetch_bytes(f"http://{host}:{canary.port}/")

        assert isinstance(raised.value, SourceRefusedError | SourceMissingError)
        assert canary.connections == 0


def test_an_allowed_network_is_asked() -> None:
    with site(answer(b"photo"), host="127.0.0.2") as private:
        limits = FetchLimits(allow_networks=(ip_network("127.0.0.2/32"),))

        assert fetch_bytes(private.url(), limits=limits) == b"photo"


def test_a_name_with_one_allowed_and_one_forbidden_address_is_refused() -> None:
    with site(answer(b"secret"), host="127.0.0.2") as private:
        limits = FetchLimits(allow_networks=(ip_network("127.0.0.2/32"),))
        names = Names(both=[["127.0.0.2", "127.0.0.1"]])

        with pytest.raises(SourceRefusedError, match=r"127\.0\.0\.1, which is not public"):
            fetch_bytes(private.url(host="both.test"), limits=limits, outside=Environment(names))

        assert private.connections == 0
