"""What is told of a source that is not read."""

import socket
from typing import Any

import pytest

from media_assets.errors import SourceAnswerError, SourceDeniedError, SourceMissingError
from media_assets.fetch import Environment, fetch, head
from media_assets.fetch.facts import SourceFacts
from media_assets_tests.fetch.site import (
    LIMITS,
    Pauses,
    Reply,
    Request,
    answer,
    header,
    raw,
    redirect,
    site,
)

PHOTO = bytes(range(256)) * 2000


def only_get(status: int, reply: Reply) -> Reply:
    """A host that refuses HEAD with some status."""

    def choose(request: Request, connected: socket.socket) -> None:
        refusal = answer(status=status)
        (refusal if request.method == "HEAD" else reply)(request, connected)

    return choose


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({"ETag": '"v1"', "Last-Modified": "yesterday"}, '"v1"'),
        ({"ETag": 'W/"v1"'}, 'W/"v1"'),
        (
            {"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"},
            "modified Thu, 01 Jan 1970 00:00:00 GMT",
        ),
        ({}, None),
    ],
)
def test_size_and_version_are_known_without_the_body(
    headers: dict[str, Any], version: str | None
) -> None:
    with site(answer(PHOTO, **headers)) as served:
        assert head(served.url(), limits=LIMITS) == SourceFacts(len(PHOTO), version)

        assert [request.method for request in served.requests] == ["HEAD"]
        assert fetch(served.url(), limits=LIMITS).facts == SourceFacts(len(PHOTO), version)


@pytest.mark.parametrize(
    "start",
    [
        header(),
        header(Transfer_Encoding="chunked", Content_Length=9),
        header(Content_Length="-1"),
        header(Content_Length="9" * 20),
        header(Content_Length="9" * 5000),
    ],
)
def test_an_unstated_size_is_none(start: bytes) -> None:
    with site(raw(start)) as served:
        assert head(served.url(), limits=LIMITS).size_bytes is None


def test_a_version_of_any_length_is_a_short_text() -> None:
    with site(answer(ETag='"' + "x" * 5000 + '"'), answer(ETag='"' + "x" * 5001 + '"')) as served:
        versions = {head(served.url(), limits=LIMITS).version or "" for _ in range(2)}

    assert len(versions) == 2
    assert all(len(version) < 100 for version in versions)


def test_a_redirect_is_followed_with_the_same_method() -> None:
    with site(redirect("/b", 303), answer(PHOTO)) as served:
        assert head(served.url(), limits=LIMITS).size_bytes == len(PHOTO)

        assert [request.method for request in served.requests] == ["HEAD", "HEAD"]


@pytest.mark.parametrize("status", [400, 403, 405, 501])
def test_a_host_that_refuses_head_is_asked_with_get(status: int) -> None:
    endless = raw(header(Content_Length=10**9, ETag='"v1"'), PHOTO)
    with site(only_get(status, endless)) as served:
        assert head(served.url(), limits=LIMITS) == SourceFacts(10**9, '"v1"')

        assert [request.method for request in served.requests] == ["HEAD", "GET"]


@pytest.mark.parametrize(
    ("status", "error", "requests"),
    [(404, SourceMissingError, 1), (403, SourceDeniedError, 2), (400, SourceAnswerError, 2)],
)
def test_a_source_that_gives_no_file_is_an_error(
    status: int, error: type[SourceMissingError], requests: int
) -> None:
    with site(answer(status=status)) as served:
        with pytest.raises(error):
            head(served.url(), limits=LIMITS)

        assert len(served.requests) == requests


def test_what_may_pass_is_tried_again() -> None:
    pauses = Pauses()
    with site(answer(status=503, Retry_After=3), answer(PHOTO)) as served:
        facts = head(served.url(), limits=LIMITS, outside=Environment(pause=pauses))

    assert (facts.size_bytes, pauses.seconds) == (len(PHOTO), [3])
