"""Where uploads go: every kind of source, and every kind of input destination."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets_tests.clouds.photos import ingested, jpeg, keys, photos_table
from media_assets_tests.fetch.site import Site
from media_assets_tests.runs import catalog
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import cells, made, run_step


@pytest.fixture
def source(request: pytest.FixtureRequest, source_site: Site, bucket: str, tmp_path: Path) -> str:
    """What is inserted: one photo, named in each of the ways there are."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/photo.jpg").write_bytes(jpeg())
    place = parse_destination(f"s3://{bucket}/in/")
    Storage().open(place).put(place.key("photo.jpg"), jpeg())
    return {
        "file": str(tmp_path / "in/photo.jpg"),
        "folder": str(tmp_path / "in"),
        "url": source_site.url("/photo.jpg"),
        "object": f"s3://{bucket}/in/photo.jpg",
        "prefix": f"s3://{bucket}/in/",
    }[str(request.param)]


EACH_SOURCE = pytest.mark.parametrize(
    "source", ["file", "folder", "url", "object", "prefix"], indirect=True
)


@EACH_SOURCE
def test_without_an_input_destination_an_upload_stays_where_it_is(
    home: Path, source: str, bucket: str, source_site: Site
) -> None:
    fileurl = ingested(photos_table(flipped=None), source, "flipped")

    path = Path(source)
    photo = path / "photo.jpg" if path.is_dir() else path
    in_place = photo.as_uri() if photo.is_file() else f"{source.removesuffix('photo.jpg')}photo.jpg"
    assert fileurl == in_place
    assert keys(f"s3://{bucket}/") == ["in/photo.jpg"]
    assert not (home / "media/files/photos/source_image").exists()
    gets = [r for r in source_site.requests if r.method == "GET"]
    assert len(gets) == source.startswith("http"), "what is remote is fetched once, then cached"


@EACH_SOURCE
def test_a_local_input_destination_keeps_every_kind_of_source(
    home: Path, source: str, tmp_path: Path, source_site: Site, bucket: str
) -> None:
    fileurl = ingested(photos_table(flipped=None), source, "flipped", kept=str(tmp_path / "kept"))

    assert fileurl.startswith((tmp_path / "kept/photos/source_image").as_uri())
    (kept,) = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert kept.read_bytes() == jpeg()
    assert keys(f"s3://{bucket}/") == ["in/photo.jpg"], "the upload stays"


@EACH_SOURCE
def test_a_cloud_input_destination_keeps_every_kind_of_source_by_one_read_and_one_write(
    home: Path, source: str, s3_environment: S3Server, bucket: str, source_site: Site
) -> None:
    table = photos_table(flipped=None, later=None)

    fileurl = ingested(table, source, "flipped", kept=f"s3://{bucket}/kept/")
    ingested(table, source, "later", kept=f"s3://{bucket}/kept/")

    assert fileurl.startswith(f"s3://{bucket}/kept/photos/source_image/")
    (kept,) = keys(f"s3://{bucket}/kept/")
    asked = s3_environment.requests(bucket)
    read = [line for line in asked if line == f"GET /{bucket}/in/photo.jpg"]
    assert len(read) == source.startswith("s3"), "a later column is made from the cached copy"
    assert [line for line in asked if line.endswith(kept)] == [f"PUT /{bucket}/kept/{kept}"]
    gets = [r for r in source_site.requests if r.method == "GET"]
    assert len(gets) == source.startswith("http")


def test_a_column_made_later_is_read_from_the_cache_and_without_it_from_the_bucket(
    home: Path, s3_environment: S3Server, bucket: str, source_site: Site
) -> None:
    kept = f"s3://{bucket}/kept/"
    table = photos_table(first=None, second=None)
    fileurl = ingested(table, source_site.url(), "first", kept=kept)
    manager = MediaIOManager(input_media_dest=kept)
    (partition,) = catalog().sql("select partition from photos")["partition"]

    def reads() -> int:
        key = urlsplit(fileurl).path
        return len([one for one in s3_environment.requests(bucket) if one.endswith(key)])

    written = reads()
    cached = run_step(table, partition, ("second",), manager=manager)
    from_cache = reads()
    for file in (home / "media/cache").rglob("*"):
        if file.is_file():
            file.unlink()
    again = run_step(table, partition, ("second",), force=True, manager=manager)

    assert (written, from_cache, reads()) == (1, 1, 2)
    assert (made(cached), made(again)) == (1, 1)
    assert cells(cached)["second"]["photo.jpg"].digest == cells(again)["second"]["photo.jpg"].digest
