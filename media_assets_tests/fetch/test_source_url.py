"""Which URLs are taken for sources, and what their errors show."""

import pytest
from hypothesis import given, strategies as st

from media_assets.errors import SourceRefusedError
from media_assets.fetch.source_url import SourceUrl, parse_source_url

NOT_A_SOURCE = [
    "",
    "photo.jpg",
    "/etc/passwd",
    "//host/photo.jpg",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://host/photo.jpg",
    "gopher://host/_x",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "s3://bucket/photo.jpg",
    "http:/host/photo.jpg",
    "http:host",
    "http://",
    "http:///photo.jpg",
    "http://:80/",
    "http://host:0/",
    "http://host:65536/",
    "http://host:-1/",
    "http://host:8x/",
    "http://ho st/",
    "http://ho%73t/",
    "http://%31%32%37.0.0.1/",
    "http://host\\other/",
    "http://host\\@other/",
    "http://a..b/",
    "http://.host/",
    "http://-host/",
    f"http://{'x' * 64}.test/",
    f"http://{'x.' * 200}test/",
    "http://[::1/",
    "http://[::1%25lo]/",
    "http://[fe80::1%lo]/",
    "http://[host]/",
    "http://[v1.host]/",
    "http://host/\r\nX-Injected: 1",
    "http://host\t/",
    "http://host/\0",
    " http://host\n/",
    "http://host/\ud800",
    "http://\ud800/",
]
WITH_A_SECRET = [
    "http://me:opensesame@host/photo.jpg",
    "http://opensesame@host/",
    "http://me:open/opensesame@host/",
    "http://me:open?opensesame@host/",
    "http://me:open#opensesame@host/",
    "http://me:opensesame@[::1/",
    "http://:opensesame@host/",
    "http://me:opensesame@@host/",
    "ftp://me:opensesame@host/",
    "http://host:opensesame/",
    "http://host:99999/a?signature=opensesame",
    "ftp://host/a?signature=opensesame#x",
    "ftp://host/a#opensesame",
    "me:opensesame@host",
    "opensesame\0@http://host",
]


@pytest.mark.parametrize("text", NOT_A_SOURCE)
def test_a_text_that_is_not_an_http_url_is_refused(text: str) -> None:
    with pytest.raises(SourceRefusedError, match="is refused"):
        parse_source_url(text)


@pytest.mark.parametrize("text", WITH_A_SECRET)
def test_a_refused_url_does_not_show_its_secrets(text: str) -> None:
    with pytest.raises(SourceRefusedError) as raised:
        parse_source_url(text)

    assert "opensesame" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://host", SourceUrl("http", "host", 80, "/")),
        ("HTTPS://Host.Example./A", SourceUrl("https", "host.example", 443, "/A")),
        ("http://host:8080?a=b", SourceUrl("http", "host", 8080, "/?a=b")),
        ("https://host:443/a#b", SourceUrl("https", "host", 443, "/a")),
        ("http://host/a b/é.jpg", SourceUrl("http", "host", 80, "/a%20b/%C3%A9.jpg")),
        ("http://host/a%20b%2Fc", SourceUrl("http", "host", 80, "/a%20b%2Fc")),
        ("http://host/100%.jpg", SourceUrl("http", "host", 80, "/100%.jpg")),
        ("http://host/a\\b<c>", SourceUrl("http", "host", 80, "/a%5Cb%3Cc%3E")),
        ("http://host/@me/a.jpg", SourceUrl("http", "host", 80, "/@me/a.jpg")),
        ("http://host/a?b=c/d?e=ü&f", SourceUrl("http", "host", 80, "/a?b=c/d?e=%C3%BC&f")),
        ("http://bücher.example/", SourceUrl("http", "xn--bcher-kva.example", 80, "/")),
        ("http://my_bucket.s3.test/", SourceUrl("http", "my_bucket.s3.test", 80, "/")),
        ("http://[2606:4700::1]:81/", SourceUrl("http", "2606:4700::1", 81, "/")),
    ],
)
def test_a_source_is_taken_apart(text: str, expected: SourceUrl) -> None:
    assert parse_source_url(text) == expected


def test_host_and_port_are_written_as_a_host_header_wants_them() -> None:
    texts = [
        "https://host",
        "https://host:443",
        "https://host:80",
        "http://[::1]:81",
        "http://[::1]",
    ]

    written = [parse_source_url(text).authority for text in texts]

    assert written == ["host", "host", "host:80", "[::1]:81", "[::1]"]


def test_what_is_shown_leaves_out_the_query() -> None:
    url = parse_source_url("https://host:81/a/b.jpg?signature=opensesame")

    assert url.shown == "https://host:81/a/b.jpg?***"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/c", "http://host:81/c"),
        ("c?d", "http://host:81/a/c?d"),
        ("?d", "http://host:81/a/b?d"),
        ("//other/c", "http://other/c"),
        ("https://other/c", "https://other/c"),
        ("/Ã¼ Ã©", "http://host:81/%C3%BC%20%C3%A9"),  # UTF-8 as http.client gives it
        ("", "http://host:81/a/b"),
    ],
)
def test_a_relative_redirect_starts_at_its_own_url(location: str, expected: str) -> None:
    url = parse_source_url("http://host:81/a/b")

    assert url.redirect(location) == parse_source_url(expected)


@pytest.mark.parametrize(
    "location",
    [
        None,
        "file:///etc/passwd",
        "ftp://a/",
        "//me:pw@a/",
        "http://[::1",
        "javascript:x",
    ],
)
def test_a_redirect_to_a_refused_url_is_refused(location: str | None) -> None:
    with pytest.raises(SourceRefusedError, match="redirects"):
        parse_source_url("http://host/a").redirect(location)


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(SourceRefusedError, match="from https to http"):
        parse_source_url("https://host/a").redirect("http://host/a")


@given(st.text() | st.text().map("http://host/".__add__) | st.text().map("http://".__add__))
def test_any_text_is_a_source_with_a_clean_request_line_or_refused(text: str) -> None:
    try:
        url = parse_source_url(text)
    except SourceRefusedError:
        return

    assert url.target.startswith("/")
    assert f"{url.host}{url.target}".isascii()
    assert not any(character <= " " or character == "\x7f" for character in url.host + url.target)
