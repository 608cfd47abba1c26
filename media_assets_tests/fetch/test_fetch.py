"""The bytes of a source: what is asked, what comes back, and where it ends."""

import pickle
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from queue import SimpleQueue

import pytest

from media_assets.errors import (
    SourceAnswerError,
    SourceDeniedError,
    SourceMissingError,
    SourceTooLargeError,
    SourceUnavailableError,
)
from media_assets.fetch import Environment, FetchLimits, fetch
from media_assets.fetch.download import Download
from media_assets.fetch.facts import SourceFacts
from media_assets_tests.fetch.site import (
    LIMITS,
    Names,
    Pauses,
    Request,
    answer,
    fetch_bytes,
    header,
    raw,
    site,
)

PHOTO = bytes(range(256)) * 2000
NO_RETRY = replace(LIMITS, max_retries=0)


@pytest.mark.parametrize("size", [0, 1, 200_000, 3_000_000])
def test_a_source_of_any_size_comes_whole(size: int) -> None:
    body = (PHOTO * 6)[:size]
    with site(answer(body)) as served:
        assert fetch_bytes(served.url(), limits=LIMITS) == body
        assert len(served.requests) == 1


def test_a_request_says_what_it_wants_and_nothing_about_who_asks() -> None:
    with site(answer(PHOTO)) as served:
        fetch_bytes(served.url("/a b.jpg?key=x#top"), limits=LIMITS)

        request = served.requests[0]
        assert (request.method, request.target) == ("GET", "/a%20b.jpg?key=x")
        assert request.headers == {
            "host": f"127.0.0.1:{served.port}",
            "user-agent": "media-assets (Python)",
            "accept": "*/*",
            "accept-encoding": "identity",
            "connection": "close",
        }


def test_an_ipv6_host_is_asked() -> None:
    with site(answer(PHOTO), host="::1") as served:
        assert fetch_bytes(served.url(host="[::1]"), limits=LIMITS) == PHOTO
        assert served.requests[0].headers["host"] == f"[::1]:{served.port}"


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with site(answer(PHOTO), host="127.0.0.3") as served:
        names = Names(photos=[["127.0.0.2", "127.0.0.3"]])

        url = served.url(host="photos.test")
        assert fetch_bytes(url, limits=NO_RETRY, outside=Environment(names)) == PHOTO

        assert served.requests[0].headers["host"] == f"photos.test:{served.port}"
        assert names.asked == ["photos.test"]


def test_cookies_are_not_sent_back() -> None:
    with site(answer(status=302, Location="/b", Set_Cookie="a=b"), answer(PHOTO)) as served:
        fetch_bytes(served.url(), limits=LIMITS)

        assert all("cookie" not in request.headers for request in served.requests)


def test_proxies_and_netrc_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with site(answer(b"proxied")) as proxy, site(answer(PHOTO)) as served:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url("/"))
        monkeypatch.delenv("no_proxy", raising=False)
        (tmp_path / ".netrc").write_text("default login me password opensesame")
        monkeypatch.setenv("HOME", str(tmp_path))

        assert fetch_bytes(served.url(), limits=LIMITS) == PHOTO

        assert proxy.connections == 0
        assert "authorization" not in served.requests[0].headers


def test_facts_are_those_of_the_bytes_that_come() -> None:
    with site(answer(PHOTO, ETag='"v1"', Last_Modified="yesterday")) as served:
        found = fetch(served.url(), limits=LIMITS)

        assert found == Download(PHOTO, SourceFacts(len(PHOTO), '"v1"'))
        assert len(served.requests) == 1


def test_an_empty_source_has_facts() -> None:
    with site(answer(b"", Last_Modified="yesterday")) as served:
        found = fetch(served.url(), limits=LIMITS)

    assert found == Download(b"", SourceFacts(0, "modified yesterday"))


def test_a_source_of_which_enough_came_is_hung_up() -> None:
    heard: SimpleQueue[bytes] = SimpleQueue()

    def reply(request: Request, connected: socket.socket) -> None:
        connected.sendall(header(Content_Length=len(PHOTO)) + PHOTO[:1000])
        heard.put(connected.recv(1))

    with site(reply) as served:
        found = fetch(served.url(), limits=LIMITS, stops_after=10)

        assert len(found.data) >= 10
        assert PHOTO.startswith(found.data)
        assert found.facts.size_bytes == len(PHOTO)
        assert heard.get(timeout=240) == b""
        assert len(served.requests) == 1


def test_a_body_in_chunks_of_http_comes_whole() -> None:
    body = b"5\r\nhello\r\n6;extension=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
    with site(raw(header(Transfer_Encoding="chunked"), body)) as served:
        found = fetch(served.url(), limits=LIMITS)

        assert found == Download(b"hello world", SourceFacts(None, None))


def test_a_body_that_ends_with_its_connection_comes_whole() -> None:
    with site(raw(b"HTTP/1.0 200 OK\r\n\r\n", PHOTO)) as served:
        assert fetch_bytes(served.url(), limits=LIMITS) == PHOTO


def test_a_source_that_states_too_large_a_size_is_not_read() -> None:
    with site(raw(header(Content_Length=10**12))) as served:
        with pytest.raises(SourceTooLargeError, match="1,000,000,000,000 bytes") as raised:
            fetch_bytes(served.url(), limits=LIMITS)

        assert not raised.value.is_transient
        assert len(served.requests) == 1


@pytest.mark.parametrize("start", [header(), header(Content_Length="nonsense")])
def test_a_source_without_a_size_is_read_up_to_the_limit(start: bytes) -> None:
    limits = replace(LIMITS, max_bytes=1_000_000)

    with site(raw(start, *[PHOTO] * 10)) as served:
        with pytest.raises(SourceTooLargeError, match="At most 1,000,000 bytes"):
            fetch(served.url(), limits=limits)

        assert len(served.requests) == 1


def test_a_source_of_just_the_limit_is_read() -> None:
    with site(answer(PHOTO)) as served:
        limits = replace(LIMITS, max_bytes=len(PHOTO))

        assert fetch_bytes(served.url(), limits=limits) == PHOTO
        with pytest.raises(SourceTooLargeError):
            fetch_bytes(served.url(), limits=replace(limits, max_bytes=len(PHOTO) - 1))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, SourceMissingError),
        (410, SourceMissingError),
        (401, SourceDeniedError),
        (403, SourceDeniedError),
        (407, SourceDeniedError),
        (451, SourceDeniedError),
        (204, SourceAnswerError),
        (206, SourceAnswerError),
        (300, SourceAnswerError),
        (304, SourceAnswerError),
        (400, SourceAnswerError),
        (416, SourceAnswerError),
        (418, SourceAnswerError),
        (501, SourceAnswerError),
        (505, SourceAnswerError),
        (999, SourceAnswerError),
    ],
)
def test_a_status_that_will_not_pass_is_an_error_at_once(
    status: int, error: type[SourceMissingError]
) -> None:
    with site(raw(header(status, Content_Length=0, Retry_After=1))) as served:
        with pytest.raises(error, match=f"status {status}") as raised:
            fetch_bytes(served.url("/a.jpg?key=opensesame"), limits=LIMITS)

        assert not raised.value.is_transient
        assert "opensesame" not in str(raised.value)
        assert len(served.requests) == 1


def test_errors_cross_process_borders() -> None:
    with site(answer(status=404)) as served, pytest.raises(SourceMissingError) as raised:
        fetch_bytes(served.url(), limits=LIMITS)

    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301  our own bytes
    assert (type(again), str(again)) == (SourceMissingError, str(raised.value))


def test_limits_can_be_pickled() -> None:
    limits = FetchLimits(allow_networks=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")))

    assert pickle.loads(pickle.dumps(limits)) == limits  # noqa: S301  our own bytes


def test_many_threads_fetch_at_once() -> None:
    with site(answer(PHOTO)) as served, ThreadPoolExecutor(16) as pool:
        urls = [served.url(f"/{number}") for number in range(100)]

        bodies = list(pool.map(lambda url: fetch_bytes(url, limits=LIMITS), urls))

        assert all(body == PHOTO for body in bodies)
        assert sorted(request.target for request in served.requests) == sorted(
            f"/{number}" for number in range(100)
        )


def test_an_unknown_host_is_missing_but_a_silent_name_service_is_transient() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def silent(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    pauses = Pauses()
    with pytest.raises(SourceMissingError, match=r"the host 'photos\.test' does not exist"):
        fetch_bytes("http://photos.test/", outside=Environment(unknown, pause=pauses))
    with pytest.raises(SourceUnavailableError, match="5 attempts: temporary failure"):
        fetch_bytes("http://photos.test/", outside=Environment(silent, pause=pauses))
    assert len(pauses.seconds) == 4


def test_a_resolver_that_breaks_is_not_taken_for_a_host_that_is_down() -> None:
    def broken(host: str, port: int) -> list[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fetch_bytes("http://photos.test/", outside=Environment(broken))
