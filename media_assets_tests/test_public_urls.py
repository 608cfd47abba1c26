"""Public URLs: what a setting names for a destination, wherever a file is shown."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

import media_assets as ma
from media_assets.catalog import Catalog
from media_assets.errors import DeclarationError, DestinationError, PublicUrlError
from media_assets.gallery.links import Links
from media_assets.io_manager import MediaIOManager
from media_assets.public_urls import PublicUrls
from media_assets_tests.catalogs import commit, header, image, memory_root, record_rows
from media_assets_tests.photos import save_photo

NAMED = {
    "s3://bucket/": "https://cdn.example.com/all",
    "s3://bucket/thumbs/": "https://cdn.example.com/t/",
    "gs://raw/": "https://img.example.com/plain/{fileurl}",
    "/data/media/": "https://files.example.com/{key}?v=1",
}


@pytest.mark.parametrize(
    ("fileurl", "url"),
    [
        ("s3://bucket/a b/é.jpg", "https://cdn.example.com/all/a%20b/%C3%A9.jpg"),
        ("s3://bucket/thumbs/a.jpg", "https://cdn.example.com/t/a.jpg"),
        ("s3://bucket/thumbs2/a.jpg", "https://cdn.example.com/all/thumbs2/a.jpg"),
        ("gs://raw/a/b.jpg", "https://img.example.com/plain/gs%3A%2F%2Fraw%2Fa%2Fb.jpg"),
        ("file:///data/media/a%20b.jpg", "https://files.example.com/a%20b.jpg?v=1"),
        ("s3://other/a.jpg", None),
        ("az://bucket/thumbs/a.jpg", None),
        ("not a fileurl", None),
    ],
)
def test_the_longest_prefix_names_the_url_of_a_file(fileurl: str, url: str | None) -> None:
    assert PublicUrls.of(NAMED, source="a test").of_file(fileurl) == url


@pytest.mark.parametrize(
    ("named", "error", "text"),
    [
        ({"s3://bucket/": "cdn.example.com"}, PublicUrlError, "https://cdn.example.com/thumbs/"),
        ({"s3://bucket/": "https://me:secret@host/"}, PublicUrlError, "without user and password"),
        ({"s3://bucket/": 1}, PublicUrlError, "not a public URL"),
        ({"s3://bucket/": "https://host/{row}"}, DeclarationError, "{key}, {fileurl}"),
        ({"bucket": "https://host/"}, DestinationError, "relative path"),
    ],
)
def test_what_is_no_public_url_is_refused(
    home: Path, named: dict[str, str], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text) as raised:
        PublicUrls.of(named, source="a test")
    assert "secret@" not in str(raised.value)


def test_sql_python_and_gallery_use_a_public_url_without_code_or_signature(
    home: Path, no_aws: None
) -> None:
    manager = MediaIOManager(public_urls={"s3://bucket/thumbs/": "https://cdn.example.com/t/"})
    manager.note_location()
    fileurl, url = "s3://bucket/thumbs/a.jpg", "https://cdn.example.com/t/a.jpg"

    assert ma.public_url(fileurl) == url
    assert ma.public_url("s3://bucket/other.jpg") is None
    assert ma.public_url("https://example.com/a.jpg") == "https://example.com/a.jpg"
    found = ma.Catalog.open().sql(f"select public_url('{fileurl}'), public_url(null)")
    assert found.iloc[0].to_list() == [url, None]
    links = Links(manager.installation.reader, timedelta(hours=1))
    assert links.link(fileurl) == url
    assert (links.expires_at, links.origins) == (None, {"https://cdn.example.com"})


def test_a_location_that_names_none_any_more_removes_the_note(home: Path) -> None:
    MediaIOManager(public_urls={"s3://bucket/": "https://cdn.example.com/"}).note_location()
    MediaIOManager().note_location()

    assert ma.public_url("s3://bucket/a.jpg") is None


def test_a_picture_in_a_notebook_links_to_the_public_url_of_its_file(
    home: Path, tmp_path: Path
) -> None:
    manager = MediaIOManager(public_urls={f"{tmp_path}/": "https://cdn.example.com/'\"<b>/"})
    path = save_photo(tmp_path / "a.jpg")
    root = memory_root()
    record_rows(root, "p1", ["a.jpg"])
    digest = sha256(path.read_bytes()).hexdigest()
    commit(root, header("photo"), [image("a.jpg", path.as_uri(), digest=digest)])

    html = Catalog(root, reader=manager.installation.reader).table("photos")._repr_html_()

    assert 'href="https://cdn.example.com/&#x27;&quot;&lt;b&gt;/a.jpg"' in html
