"""What presigned URLs of every cloud store have to pass, at a server that checks signatures."""

import time
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest

from media_assets.errors import ExpiryError, UnsafeKeyError
from media_assets.stores import Store
from media_assets_tests.servers.web import fetch

HOUR = timedelta(hours=1)
NAMES_IN_URLS = [
    "plain.jpg",
    "a b.jpg",
    "é.jpg",
    "e\u0301.jpg",
    "a+b&c=d.jpg",
    "100%.jpg",
    "a%20b.jpg",
    "a#1.jpg",
    "what?.jpg",
    "日本 😀.jpg",
    "a;b:c@d,e!f$g'h(i)j*k[l]m{n}o|p^q`r~s.jpg",
]
REFUSED = {400, 401, 403}


class SigningContract:
    """The tests. A subclass gives a `store` with a key that can sign, and its longest lifetime.

    Also a `base`: a key prefix that nothing is under.
    """

    LONGEST: timedelta | None = timedelta(days=7)
    LIMIT = "604,800 s (7 days)"

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def base(self) -> str:
        raise NotImplementedError

    @pytest.mark.parametrize("name", NAMES_IN_URLS)
    def test_a_presigned_url_reads_a_file_of_any_name_by_plain_http(
        self, store: Store, base: str, name: str
    ) -> None:
        store.put(f"{base}rows/{name}/{name}", name.encode(), content_type="image/jpeg")

        answer = fetch(store.sign(f"{base}rows/{name}/{name}", HOUR))

        assert (answer.status, answer.body) == (200, name.encode())
        assert answer.headers["content-type"] == "image/jpeg"

    def test_a_presigned_url_plays_by_ranges_of_bytes_where_it_is_opened(
        self, store: Store, base: str
    ) -> None:
        store.put(f"{base}a b.mp4", bytes(range(256)) * 40, content_type="video/mp4")
        url = store.sign(f"{base}a b.mp4", HOUR)

        middle = fetch(url, headers={"Range": "bytes=250-259"})
        rest = fetch(url, headers={"Range": "bytes=10000-"})

        assert (middle.status, middle.body) == (
            206,
            bytes([250, 251, 252, 253, 254, 255, *range(4)]),
        )
        assert (rest.status, len(rest.body)) == (206, 240)
        assert middle.headers["content-range"] == "bytes 250-259/10240"
        assert middle.headers["content-type"] == "video/mp4"
        assert middle.headers.get("content-disposition", "inline").startswith("inline")

    def test_without_its_signature_a_file_is_private(self, store: Store, base: str) -> None:
        store.put(f"{base}a.jpg", b"private")
        url = store.sign(f"{base}a.jpg", HOUR)

        assert fetch(url.partition("?")[0]).status in {*REFUSED, 404}

    def test_a_tampered_signature_is_refused(self, store: Store, base: str) -> None:
        store.put(f"{base}a.jpg", b"private")
        url = store.sign(f"{base}a.jpg", HOUR)
        assert fetch(url).status == 200

        assert fetch(_tampered(url)).status in REFUSED

    def test_a_signature_is_not_valid_for_another_key(self, store: Store, base: str) -> None:
        for name in ("a.jpg", "b.jpg"):
            store.put(f"{base}{name}", b"private")
        url = store.sign(f"{base}a.jpg", HOUR)

        split = urlsplit(url)
        other = urlunsplit(split._replace(path=split.path.replace("a.jpg", "b.jpg")))

        assert fetch(other).status in REFUSED

    def test_a_signature_to_read_does_not_write_or_delete(self, store: Store, base: str) -> None:
        store.put(f"{base}a.jpg", b"private")
        url = store.sign(f"{base}a.jpg", HOUR)

        assert fetch(url, method="PUT").status in REFUSED
        assert fetch(url, method="DELETE").status in REFUSED
        assert store.get(f"{base}a.jpg") == b"private"

    def test_an_expired_url_is_refused(self, store: Store, base: str) -> None:
        store.put(f"{base}a.jpg", b"private")
        url = store.sign(f"{base}a.jpg", timedelta(seconds=1))

        time.sleep(2.1)

        assert fetch(url).status in REFUSED

    def test_a_file_that_is_not_there_can_be_signed(self, store: Store, base: str) -> None:
        assert fetch(store.sign(f"{base}nothing.jpg", HOUR)).status == 404

    @pytest.mark.parametrize("seconds", [0, -5, 0.5])
    def test_a_lifetime_of_less_than_a_second_is_refused(
        self, store: Store, base: str, seconds: float
    ) -> None:
        with pytest.raises(ExpiryError, match="From 1 second up to"):
            store.sign(f"{base}a.jpg", timedelta(seconds=seconds))

    def test_the_longest_lifetime_works_and_a_longer_one_is_refused_with_its_source(
        self, store: Store, base: str
    ) -> None:
        store.put(f"{base}a.jpg", b"private")
        longest = self.LONGEST or timedelta(days=400)

        assert fetch(store.sign(f"{base}a.jpg", longest)).status == 200

        if self.LONGEST is not None:
            with pytest.raises(ExpiryError) as caught:
                store.sign(f"{base}a.jpg", longest + timedelta(seconds=1))
            assert self.LIMIT in str(caught.value)
        with pytest.raises(ExpiryError, match="up to"):
            store.sign(f"{base}a.jpg", timedelta.max)

    def test_a_key_that_no_file_has_is_not_signed(self, store: Store) -> None:
        with pytest.raises(UnsafeKeyError):
            store.sign("a/../b", HOUR)


def _tampered(url: str) -> str:
    """The URL with one character of its signature changed."""
    for name in ("X-Amz-Signature=", "X-Goog-Signature=", "sig="):
        before, found, after = url.partition(name)
        if found:
            return before + found + ("b" if after[0] != "b" else "c") + after[1:]
    raise AssertionError(url)
