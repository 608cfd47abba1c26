"""Texts that name no destination, and how they are refused."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from media_assets.destinations import parse_destination
from media_assets.errors import DestinationError
from media_assets.masking import redact_uri

REFUSED: list[tuple[str, str]] = [
    ("", "empty"),
    (" ", "empty"),
    (" s3://my-bucket/", "whitespace"),
    ("s3://my-bucket/a\n", "whitespace"),
    ("s3://my-bucket/a\tb", "control character"),
    ("/data/a\x00b", "control character"),
    ("file:///a%00b", "control character"),
    ("https://h.io/b/a%0Ab", "control character"),
    ("photos/out", "relative path"),
    ("./out", "relative path"),
    ("my-bucket", "relative path"),
    ("s3:my-bucket", "relative path"),
    ("C:\\media", "relative path"),
    ("~no-such-user-here/media", "home folder of ~no-such-user-here"),
    ("/data/../etc", "'..'"),
    ("~/../other", "'..'"),
    ("file:///data/%2e%2e/etc", "'..'"),
    ("file://server/share", "another machine"),
    ("ftp://host/x", "no supported scheme"),
    ("://x", "relative path"),
    ("s3://", "does not name a bucket"),
    ("s3:///prefix", "does not name a bucket"),
    ("s3://a", "bucket name"),
    ("s3://my bucket/", "bucket name"),
    ("s3://my..bucket/", "bucket name"),
    ("s3://-bucket/", "bucket name"),
    ("s3://bücket/", "bucket name"),
    ("s3://my-bucket:9000/", "bucket name"),
    ("s3://my-bucket//a/", "empty name"),
    ("s3://my-bucket/a//b", "empty name"),
    ("s3://my-bucket/a//", "empty name"),
    ("s3://my-bucket/./a", "'.'"),
    ("s3://my-bucket/a/../b", "'..'"),
    ("s3://my-bucket/a\ud800", "Unicode"),
    ("https://h.io/b/%ff", "UTF-8"),
    ("s3://my-bucket/a?x=1", "'?' or '#'"),
    ("s3://my-bucket/a#x", "'?' or '#'"),
    ("file:///data/a#1", "'?' or '#'"),
    ("wasbs://container/prefix", "does not name a container of an Azure account"),
    ("wasbs://@account.blob.core.windows.net/", "does not name a container of an Azure account"),
    ("wasbs://container@example.com/", "does not name a container of an Azure account"),
    ("wasbs://container@account.blob.core.windows.net.evil.io/", "does not name a container"),
    ("az://Container/prefix", "container name"),
    ("az://a--b/prefix", "container name"),
    ("https://", "invalid host"),
    ("https:///b", "invalid host"),
    ("https://h.io", "does not name a bucket"),
    ("https://h.io/", "does not name a bucket"),
    ("https://h.io//b", "does not name a bucket"),
    ("https://h.io/b%2Fc/", "bucket name"),
    ("https://-h.io/b", "invalid host"),
    ("https://h.io:port/b", "invalid host"),
    ("https://h.io\\@evil.io/b", "credentials"),
    ("https://exämple.com/b", "invalid host"),
    ("https://ec2.eu-west-1.amazonaws.com/b", "not the address of a bucket"),
    ("https://b.s3-website-eu-west-1.amazonaws.com/b", "not the address of a bucket"),
    ("https://my-bucket.s3-accesspoint.eu-west-1.amazonaws.com/b", "not the address of a bucket"),
    ("https://amazonaws.com/b", "not the address of a bucket"),
    ("https://f004.backblazeb2.com/file/b", "not the address of a bucket"),
    ("https://pub-1.r2.dev/b", "not the address of a bucket"),
    ("https://account.table.core.windows.net/b", "not the address of a bucket"),
    ("http://storage.googleapis.com/my-bucket/", "does not use https"),
    ("https://storage.googleapis.com:8443/my-bucket/", "does not use https"),
]

SECRETS = [
    "s3://AKIAKEY:hunter2@my-bucket/a",
    "s3://AKIAKEY:hun/hunter2@my-bucket/a",
    "s3://hunter2@my-bucket/a",
    "https://user:hunter2@h.io/b",
    "https://hunter2@h.io/b",
    "https://user:hunter2/x@h.io/b",
    "https://user:80/hunter2@h.io/b",
    "wasbs://container:hunter2@account.blob.core.windows.net/",
    "wasbs://container@hunter2@account.blob.core.windows.net/",
    "https://account.blob.core.windows.net/container?sv=1&sig=hunter2",
    "s3://my-bucket/a#hunter2",
    "ftp://user:hunter2@host/",
    "user:hunter2@host/b",
    "AccountName=a;AccountKey=hunter2",
    "file://user:hunter2@host/a",
]


@pytest.mark.parametrize(("text", "problem"), REFUSED)
def test_a_text_that_names_no_place_is_refused_with_its_problem(text: str, problem: str) -> None:
    with pytest.raises(DestinationError) as caught:
        parse_destination(text, source="run config `output_media_dest`")

    assert problem in str(caught.value)
    assert "from run config `output_media_dest`" in str(caught.value)


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(DestinationError) as caught:
        parse_destination(text)

    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in redact_uri(text)


def test_the_error_for_a_relative_path_shows_the_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DestinationError, match=f"{tmp_path}/photos/out"):
        parse_destination("photos/out")


@given(st.text(max_size=40) | st.text(alphabet="s3az:/@?#.~%2e\\ \n", max_size=40))
def test_any_text_at_all_is_parsed_or_refused(text: str) -> None:
    for scheme in ("", "s3://", "https://", "wasbs://c@", "file://", "file:///"):
        try:
            destination = parse_destination(scheme + text)
        except DestinationError:
            continue
        assert ".." not in destination.prefix.split("/")
        assert not destination.prefix.startswith("/")
        assert parse_destination(destination.uri) == destination


def test_a_destination_and_its_error_cross_process_borders() -> None:
    destination = parse_destination("s3://my-bucket/a/")
    with pytest.raises(DestinationError) as caught:
        parse_destination("nowhere")

    assert pickle.loads(pickle.dumps(destination)) == destination  # noqa: S301 - our own bytes
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301
