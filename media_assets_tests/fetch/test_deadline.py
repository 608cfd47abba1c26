"""A slow host costs no more than the deadline, wherever it is slow."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from media_assets.errors import SourceUnavailableError
from media_assets.fetch import Environment, head
from media_assets_tests.fetch.site import (
    LIMITS,
    Pauses,
    Request,
    answer,
    fetch_bytes,
    header,
    site,
    slow,
)

BRIEF = replace(LIMITS, deadline=timedelta(seconds=1))


def drip(start: bytes, each: bytes) -> Iterator[bytes]:
    """Sends a start, and then byte after byte for twenty seconds."""
    yield start
    yield from [each] * 1000


@pytest.mark.parametrize(
    ("start", "each"),
    [
        (header(Content_Length=100_000), b"x"),
        (header(), b"x"),
        (header(Transfer_Encoding="chunked"), b"1\r\nx\r\n"),
        (header(Transfer_Encoding="chunked") + b"1;", b"x"),
        (b"HTTP/1.1 200 ", b"x"),
        (b"HTTP/1.1 200 OK\r\nA: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "endless body", "chunks", "chunk size", "status", "header", "continue"],
)
def test_a_host_that_drips_is_given_up_at_the_deadline(start: bytes, each: bytes) -> None:
    with site(slow(drip(start, each))) as served:
        with pytest.raises(
            SourceUnavailableError, match="after 1 attempt: it did not answer in time"
        ):
            fetch_bytes(served.url(), limits=BRIEF)

        assert len(served.requests) == 1


def test_a_host_that_is_silent_is_given_up_at_the_deadline() -> None:
    with site(slow([b""], pause=20)) as served:
        with pytest.raises(SourceUnavailableError, match=r"after 1 attempt: .*1 second"):
            head(served.url(), limits=BRIEF)

        assert len(served.requests) == 1


def test_a_host_that_is_silent_for_long_is_asked_again() -> None:
    limits = replace(LIMITS, read_timeout=timedelta(seconds=1))
    with site(slow([header(Content_Length=5) + b"ph"], pause=20), answer(b"photo")) as served:
        assert (
            fetch_bytes(served.url(), limits=limits, outside=Environment(pause=Pauses()))
            == b"photo"
        )

        assert len(served.requests) == 2


def test_a_host_that_accepts_no_connection_is_given_up_at_the_deadline() -> None:
    with closing(socket.socket()) as full, closing(socket.socket()) as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())  # takes the only place in the queue

        with pytest.raises(SourceUnavailableError, match="did not answer in time"):
            fetch_bytes(f"http://127.0.0.1:{full.getsockname()[1]}/", limits=BRIEF)


def test_a_name_service_that_is_silent_is_given_up_at_the_deadline() -> None:
    answered = Event()

    def silent(host: str, port: int) -> list[str]:
        answered.wait(20)
        return ["127.0.0.1"]

    with site(answer(b"secret")) as served:
        with pytest.raises(SourceUnavailableError, match="did not answer in time"):
            fetch_bytes(served.url(host="photos.test"), limits=BRIEF, outside=Environment(silent))
        answered.set()

        assert served.connections == 0


def test_a_host_that_shakes_no_hands_is_given_up_at_the_deadline() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"

        with pytest.raises(SourceUnavailableError, match="did not answer in time"):
            fetch_bytes(url, limits=BRIEF)


def test_the_deadline_covers_all_redirects_and_retries_together() -> None:
    def stall(request: Request, connected: socket.socket) -> None:
        Event().wait(0.3)
        answer(status=302, Location="/next")(request, connected)

    limits = replace(BRIEF, max_redirects=100, max_retries=100, backoff=timedelta(0))
    with site(stall) as served:
        with pytest.raises(SourceUnavailableError, match=r"after 1 attempt"):
            fetch_bytes(served.url(), limits=limits)

        assert 1 <= len(served.requests) <= 4
