"""Where a redirect or a changing name may lead: nowhere that could not be asked directly."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from media_assets.errors import SourceRefusedError
from media_assets.fetch import Environment, FetchLimits, head
from media_assets_tests.fetch.site import LIMITS, Names, Pauses, answer, fetch_bytes, redirect, site

PHOTO = b"photo"
ONLY_FRONT = FetchLimits(allow_networks=(ip_network("127.0.0.2/32"),))
"""Lets the front be asked, and not the canary at 127.0.0.1."""

WAYS_IN = [
    "http://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://inside.test:{port}/",
    "http://both.test:{port}/",
    "http://127.0.0.2:{port}@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@127.0.0.2/",
    "http://127.0.0.1:{port}#@127.0.0.2/",
    " http://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "file:///etc/passwd",
    "jar:http://127.0.0.1:{port}!/",
    "http://169.254.169.254/latest/meta-data/",
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int) -> None:
    with site(answer(PHOTO)) as store, site(redirect(store.url("/b"), status)) as front:
        assert fetch_bytes(front.url(), limits=LIMITS) == PHOTO

        assert [request.target for request in store.requests] == ["/b"]
        assert store.requests[0].headers["host"] == f"127.0.0.1:{store.port}"


def test_a_redirect_may_be_relative_and_its_body_is_not_read() -> None:
    moved = answer(b"moved", 302, Location="c d.jpg?e")
    with site(moved, answer(PHOTO)) as served:
        assert fetch_bytes(served.url("/a/b"), limits=LIMITS) == PHOTO

        assert [request.target for request in served.requests] == ["/a/b", "/a/c%20d.jpg?e"]


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_a_redirect_leads_to_no_forbidden_place(way_in: str) -> None:
    names = Names(inside=[["127.0.0.1"]], both=[["127.0.0.2", "127.0.0.1"]])
    with (
        site(answer(b"secret")) as canary,
        site(answer(b"secret"), host="::1") as other_canary,
        site(redirect(way_in.format(port=canary.port)), host="127.0.0.2") as front,
    ):
        outside = Environment(names, pause=Pauses())
        with pytest.raises(SourceRefusedError):
            fetch_bytes(front.url(), limits=ONLY_FRONT, outside=outside)
        with pytest.raises(SourceRefusedError):
            head(front.url(), limits=ONLY_FRONT, outside=outside)

        assert canary.connections == other_canary.connections == 0


def test_a_name_is_asked_once_and_its_answer_dialled() -> None:
    names = Names(rebinding=[["127.0.0.2"], ["127.0.0.1"]])
    with (
        site(answer(b"secret")) as canary,
        site(answer(PHOTO), host="127.0.0.2") as front,
    ):
        url = front.url(host="rebinding.test")
        assert fetch_bytes(url, limits=ONLY_FRONT, outside=Environment(names)) == PHOTO

        assert names.asked == ["rebinding.test"]
        assert canary.connections == 0


@pytest.mark.parametrize("status", [302, 503])
def test_a_name_that_changes_to_a_forbidden_address_is_refused(
    status: int,
) -> None:
    names = Names(rebinding=[["127.0.0.2"], ["127.0.0.1"]])
    with (
        site(answer(b"secret")) as canary,
        site(answer(status=status, Location="/again"), host="127.0.0.2") as front,
    ):
        outside = Environment(names, pause=Pauses())
        with pytest.raises(SourceRefusedError, match=r"127\.0\.0\.1, which is not public"):
            fetch_bytes(front.url(host="rebinding.test"), limits=ONLY_FRONT, outside=outside)

        assert (len(front.requests), canary.connections) == (1, 0)


def test_a_loop_of_redirects_ends() -> None:
    with site(redirect("/again")) as served:
        with pytest.raises(SourceRefusedError, match="more than 3 times"):
            fetch_bytes(served.url(), limits=replace(LIMITS, max_redirects=3))

        assert len(served.requests) == 4


def test_a_redirect_to_nowhere_is_refused_without_its_secrets() -> None:
    with site(redirect("ftp://me:opensesame@host/?opensesame")) as served:
        with pytest.raises(SourceRefusedError, match="redirects to 'ftp://") as raised:
            fetch_bytes(served.url("/a?opensesame"), limits=LIMITS)

        assert "opensesame" not in str(raised.value)
