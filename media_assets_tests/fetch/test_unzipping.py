"""Bodies that come compressed although nobody asked for it."""

import gzip
import tracemalloc
import zlib
from dataclasses import replace

import pytest

from media_assets.errors import SourceAnswerError, SourceTooLargeError, SourceUnavailableError
from media_assets.fetch import Environment, fetch, head
from media_assets.fetch.facts import SourceFacts
from media_assets_tests.fetch.site import LIMITS, Pauses, answer, cut, fetch_bytes, site

PHOTO = bytes(range(256)) * 2000
PACKED = gzip.compress(PHOTO)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", PACKED),
        ("X-GZip", PACKED),
        ("deflate", zlib.compress(PHOTO)),
        ("gzip", gzip.compress(PHOTO[:1000]) + gzip.compress(PHOTO[1000:])),
        ("identity", PHOTO),
    ],
)
def test_a_packed_body_is_unpacked(encoding: str, body: bytes) -> None:
    with site(answer(body, Content_Encoding=encoding, ETag='"1"')) as served:
        assert fetch_bytes(served.url(), limits=LIMITS) == PHOTO


def test_the_size_of_a_packed_body_is_not_the_files() -> None:
    with site(answer(PACKED, Content_Encoding="gzip", ETag='"1"')) as served:
        assert head(served.url(), limits=LIMITS) == SourceFacts(None, '"1"')


def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    limits = replace(LIMITS, max_bytes=1_000_000)
    with site(answer(bomb, Content_Encoding="gzip")) as served:
        tracemalloc.start()
        with pytest.raises(SourceTooLargeError, match="At most 1,000,000 bytes"):
            fetch_bytes(served.url(), limits=limits)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("encoding", "problem"),
    [
        ("br", "'br', which was not asked for"),
        ("gzip, gzip", "'gzip, gzip', which was not asked for"),
        ("gzip", "'gzip', and it cannot be decompressed"),
    ],
)
def test_an_unsupported_encoding_is_named(encoding: str, problem: str) -> None:
    with (
        site(answer(PHOTO, Content_Encoding=encoding)) as served,
        pytest.raises(SourceAnswerError, match=problem),
    ):
        fetch_bytes(served.url(), limits=LIMITS)


def test_a_packed_body_that_is_cut_is_asked_for_again_from_its_start() -> None:
    pauses = Environment(pause=Pauses())
    with site(
        cut(PACKED, len(PACKED) // 2, Content_Encoding="gzip", ETag='"1"'),
        answer(PACKED, Content_Encoding="gzip", ETag='"1"'),
    ) as served:
        assert fetch(served.url(), limits=LIMITS, outside=pauses).data == PHOTO
        assert "range" not in served.requests[1].headers


def test_a_packed_body_that_ends_early_is_an_error() -> None:
    with (
        site(answer(PACKED[:-20], Content_Encoding="gzip")) as served,
        pytest.raises(SourceUnavailableError, match="its gzip body ended early"),
    ):
        fetch_bytes(served.url(), limits=replace(LIMITS, max_retries=0))
