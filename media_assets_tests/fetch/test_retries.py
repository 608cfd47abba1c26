"""What is tried again, how often, after which pause, and what comes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, strategies as st

from media_assets.errors import SourceUnavailableError
from media_assets.fetch import Environment, fetch
from media_assets.fetch.download import Download
from media_assets.fetch.exchange import seconds_to_wait
from media_assets.fetch.facts import SourceFacts
from media_assets_tests.fetch.site import (
    LIMITS,
    Pauses,
    Reply,
    answer,
    cut,
    fetch_bytes,
    header,
    raw,
    redirect,
    reset,
    site,
)

PHOTO = bytes(range(256)) * 2000
OTHER = bytes(reversed(PHOTO))
HALF = len(PHOTO) // 2
HUGE = st.integers(0, 10**40)
CHUNKED = header(Transfer_Encoding="chunked")
FAILING: dict[str, Reply] = {
    "status 408": answer(status=408),
    "status 425": answer(status=425),
    "status 429": answer(status=429),
    "status 500": answer(b"no photo", status=500),
    "status 502": answer(status=502),
    "status 503": answer(status=503),
    "status 504": answer(status=504),
    "reset at once": reset(),
    "reset in the header": reset(b"HTTP/1.1 200 OK\r\nContent-"),
    "reset in the body": reset(header(Content_Length=len(PHOTO)) + PHOTO[:10]),
    "hung up at once": raw(),
    "hung up in the status": raw(b"HTTP/1."),
    "hung up before the body": cut(PHOTO, 0),
    "hung up in the body": cut(PHOTO, HALF),
    "hung up in a chunk": raw(CHUNKED, b"100\r\n" + PHOTO[:10]),
    "hung up between chunks": raw(CHUNKED, b"a\r\n" + PHOTO[:10] + b"\r\n"),
    "a chunk of nonsense": raw(CHUNKED, b"a\r\n" + PHOTO[:10] + b"\r\nzz\r\n"),
    "not HTTP": raw(b"\x00\xff\xfe\r\n\r\n"),
    "too many headers": raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
    "too long a header": raw(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n"),
}


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def outside(pauses: Pauses) -> Environment:
    return Environment(pause=pauses)


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING.keys())
def test_what_may_pass_is_tried_again(failing: Reply, outside: Environment, pauses: Pauses) -> None:
    with site(failing, failing, answer(PHOTO)) as served:
        assert fetch_bytes(served.url(), limits=LIMITS, outside=outside) == PHOTO

        assert len(served.requests) == 3
        assert len(pauses.seconds) == 2


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING.keys())
def test_what_does_not_pass_is_unavailable_after_the_last_retry(
    failing: Reply, outside: Environment, pauses: Pauses
) -> None:
    limits = replace(LIMITS, max_retries=2)
    with site(failing) as served:
        with pytest.raises(SourceUnavailableError, match="after 3 attempts") as raised:
            fetch_bytes(served.url("/a?key=opensesame"), limits=limits, outside=outside)

        assert raised.value.is_transient
        assert "opensesame" not in str(raised.value)
        assert len(served.requests) == 3
        assert len(pauses.seconds) == 2


def test_a_host_that_takes_no_connection_is_tried_again(
    outside: Environment, pauses: Pauses
) -> None:
    with site() as gone:
        url = gone.url()

    with pytest.raises(SourceUnavailableError, match="after 5 attempts: connection refused"):
        fetch_bytes(url, limits=LIMITS, outside=outside)

    assert len(pauses.seconds) == 4


def test_pauses_double_less_a_random_part(outside: Environment, pauses: Pauses) -> None:
    limits = replace(LIMITS, max_retries=4, backoff=timedelta(seconds=1))
    with site(answer(status=503)) as served, pytest.raises(SourceUnavailableError):
        fetch_bytes(served.url(), limits=limits, outside=outside)

    for number, seconds in enumerate(pauses.seconds):
        assert 2**number / 2 <= seconds <= 2**number


def test_the_pause_that_a_host_asks_for_is_kept(outside: Environment, pauses: Pauses) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    replies = [
        answer(status=429, Retry_After="7"),
        answer(status=503, Retry_After=soon),
        answer(status=503, Retry_After="0"),
        answer(status=503, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"),
    ]
    with site(*replies, answer(PHOTO)) as served:
        assert fetch_bytes(served.url(), limits=LIMITS, outside=outside) == PHOTO

    assert pauses.seconds[0] == 7
    assert 10 < pauses.seconds[1] <= 20
    assert all(0 < seconds <= 4 for seconds in pauses.seconds[2:])


def test_a_pause_that_is_too_long_for_the_deadline_is_not_begun(
    outside: Environment, pauses: Pauses
) -> None:
    with site(answer(status=429, Retry_After="86400"), answer(PHOTO)) as served:
        with pytest.raises(SourceUnavailableError, match=r"status 429.* 86400"):
            fetch_bytes(served.url(), limits=LIMITS, outside=outside)

        assert len(served.requests) == 1
        assert pauses.seconds == []


@given(
    st.text(st.characters(codec="latin-1", exclude_characters="\r\n"))
    | st.integers().map(str)
    | st.builds("Mon, 01 Jan {} 00:00:00 +{}".format, HUGE, HUGE)
)
def test_any_retry_after_is_a_pause_or_nothing(text: str) -> None:
    seconds = seconds_to_wait(text)

    assert seconds is None or seconds >= 0


def test_a_retry_asks_the_first_host_again(outside: Environment) -> None:
    with site(answer(status=503), answer(PHOTO)) as store, site(redirect("")) as front:
        front.replies = iter([redirect(store.url("/1")), redirect(store.url("/2"))])

        assert fetch_bytes(front.url(), limits=LIMITS, outside=outside) == PHOTO

        assert [request.target for request in store.requests] == ["/1", "/2"]


@pytest.mark.parametrize("after", [OTHER, PHOTO[:100], b""])
def test_two_versions_of_a_file_are_never_mixed(after: bytes, outside: Environment) -> None:
    with site(cut(PHOTO, HALF, ETag='"v1"'), answer(after, ETag='"v2"')) as served:
        found = fetch(served.url(), limits=LIMITS, outside=outside)

    assert found == Download(after, SourceFacts(len(after), '"v2"'))


def test_without_retries_there_is_one_attempt(outside: Environment, pauses: Pauses) -> None:
    with site(answer(status=503)) as served:
        with pytest.raises(SourceUnavailableError, match="after 1 attempt:"):
            fetch_bytes(served.url(), limits=replace(LIMITS, max_retries=0), outside=outside)

        assert (len(served.requests), pauses.seconds) == (1, [])
