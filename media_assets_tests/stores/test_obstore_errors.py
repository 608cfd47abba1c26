"""What obstore says of real failures, in the words that are looked for: they may change with it."""

import socket
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import obstore
import obstore.store
import pytest

from media_assets.errors import (
    BucketMissingError,
    StoreUnreachableError,
    WrongRegionError,
)
from media_assets.stores.obstore_errors import Answer
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.servers.certificate import make_certificate, tls_of

Request = Callable[[obstore.store.S3Store], object]
MISSING = "<Error><Code>NoSuchBucket</Code><Message>It &amp; that is not there.</Message></Error>"
A_MOMENT = timedelta(milliseconds=1)
ODD_KEY = (
    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a//b</Key>"
    '<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"1"</ETag><Size>1</Size>'
    "</Contents></ListBucketResult>"
)


def get(store: obstore.store.S3Store) -> object:
    return obstore.get(store, "a").bytes()


def listed(store: obstore.store.S3Store) -> object:
    return list(obstore.list(store))


def answer_of(url: str, request: Request) -> Answer:
    """What is read from the error that obstore raises, asking a server twice at most."""
    store = obstore.store.S3Store(
        "bucket",
        endpoint=url,
        region="us-east-1",
        access_key_id="key",
        secret_access_key="secret",
        virtual_hosted_style_request=False,
        client_options={"allow_http": True, "timeout": timedelta(seconds=2)},
        retry_config={
            "max_retries": 1,
            "retry_timeout": timedelta(minutes=1),
            "backoff": {"init_backoff": A_MOMENT, "max_backoff": A_MOMENT, "base": 2},
        },
    )
    with pytest.raises((obstore.exceptions.BaseError, OSError)) as raised:
        request(store)
    return Answer.of(raised.value)


@contextmanager
def silent() -> Generator[str]:
    """A server that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_connection_that_is_refused() -> None:
    with silent() as url:
        pass

    answer = answer_of(url, get)

    assert (answer.reason, answer.fault) == ("connection refused", StoreUnreachableError)
    assert answer.was_asked_again


def test_a_name_without_a_host() -> None:
    answer = answer_of("http://nobody.invalid", get)

    assert (answer.reason, answer.fault) == ("its name is unknown", StoreUnreachableError)


def test_a_server_that_says_nothing() -> None:
    with silent() as url:
        answer = answer_of(url, get)

    assert (answer.reason, answer.fault) == ("no answer in time", StoreUnreachableError)


def test_a_server_without_tls() -> None:
    with canned_answers((200, "")) as server:
        answer = answer_of(server.url.replace("http:", "https:"), get)

    assert (answer.reason, answer.fault) == ("it does not speak TLS", StoreUnreachableError)


def test_an_untrusted_certificate(tmp_path: Path) -> None:
    with canned_answers((200, ""), tls=tls_of(make_certificate(tmp_path))) as server:
        answer = answer_of(server.url, get)

    assert (answer.reason, answer.fault) == (
        "its certificate is not trusted",
        StoreUnreachableError,
    )


def test_a_listing_that_broke_off() -> None:
    with canned_answers((200, "<ListBucketResult")) as server:
        assert answer_of(server.url, listed).fault is StoreUnreachableError


def test_a_key_that_obstore_cannot_express() -> None:
    with canned_answers((200, ODD_KEY)) as server:
        assert answer_of(server.url, listed).is_of_odd_key


@pytest.mark.parametrize(
    ("status", "body", "code", "reason", "fault", "was_asked_again"),
    [
        (503, "", None, "HTTP status 503", None, True),
        (418, "", None, "HTTP status 418", None, False),
        (
            *(404, MISSING, "NoSuchBucket", "NoSuchBucket: It & that is not there"),
            *(BucketMissingError, False),
        ),
        (301, "", None, None, WrongRegionError, False),
    ],
)
def test_a_status(
    status: int,
    body: str,
    code: str | None,
    reason: str | None,
    fault: type[Exception] | None,
    *,
    was_asked_again: bool,
) -> None:
    with canned_answers((status, body)) as server:
        answer = answer_of(server.url, get)

    assert (answer.code, answer.fault) == (code, fault)
    assert reason in (None, answer.reason)
    assert answer.was_asked_again == was_asked_again
