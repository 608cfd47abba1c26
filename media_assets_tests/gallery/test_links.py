"""Links of a gallery."""

from datetime import UTC, datetime, timedelta

import pytest

from media_assets.errors import ExpiryError
from media_assets.gallery.links import Links
from media_assets.reading import Reader
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings

HOUR = timedelta(hours=1)


@pytest.fixture
def storage() -> Storage:
    keys = S3Settings(access_key_id="key", secret_access_key="secret", region="eu-west-1")
    return Storage(s3=keys)


def test_a_local_file_is_its_own_link_and_never_expires(storage: Storage) -> None:
    links = Links(Reader(storage), HOUR)

    assert links.link("file:///media/a%20b.jpg") == "file:///media/a%20b.jpg"
    assert links.expires_at is None
    assert links.origins == set()


def test_a_file_in_cloud_storage_is_signed_and_says_until_when(storage: Storage) -> None:
    links = Links(Reader(storage), HOUR)

    link = links.link("s3://bucket/photos/a.jpg")

    assert link is not None
    assert "X-Amz-Expires=3600" in link
    assert links.expires_at is not None
    assert abs(links.expires_at - datetime.now(UTC) - HOUR) < timedelta(minutes=5)
    (origin,) = links.origins
    assert link.startswith(f"{origin}/")


def test_a_photo_on_the_web_is_its_own_link(storage: Storage) -> None:
    links = Links(Reader(storage), HOUR)

    assert links.link("https://example.com/a.jpg") == "https://example.com/a.jpg"
    assert links.expires_at is None
    assert links.origins == {"https://example.com"}


def test_files_that_browsers_cannot_open_have_no_link(storage: Storage) -> None:
    assert Links(Reader(storage), HOUR).link("memory://bucket/a.jpg") is None


@pytest.mark.parametrize(
    "fileurl",
    ["https://a.com;script-src *@evil.com/a.jpg", "https://a.com'/a.jpg", "https://[::1]/a.jpg"],
)
def test_no_host_adds_a_rule_to_the_pages_policy(storage: Storage, fileurl: str) -> None:
    links = Links(Reader(storage), HOUR)

    links.link(fileurl)

    assert links.origins == set()


def test_a_lifetime_that_no_provider_signs_for_is_an_error(storage: Storage) -> None:
    with pytest.raises(ExpiryError):
        Links(Reader(storage), timedelta(days=30)).link("s3://bucket/a.jpg")
