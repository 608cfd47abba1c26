"""Columns whose destination changed: copied, looked at, then switched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from PIL import Image

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.stores import Storage
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.upkeep.retention import Retention
from media_assets.uploads.insert_sources import find_named
from media_assets.urls import presigned_url
from media_assets_tests.clouds.photos import content, ingested, jpeg, keys, methods
from media_assets_tests.fetch.site import Site
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import cells, run_step
from media_assets_tests.stored import collect_all


@dataclass(frozen=True)
class Moved:
    """A column before and after its destination changed."""

    before: Record
    after: Record
    calls: int
    requests: Sequence[str]


def moved(source: Path, old: str, new: str, *, requests: Callable[[], list[str]]) -> Moved:
    """Makes a column, empties the cache, changes the destination, and runs again."""
    calls: list[str] = []

    def run(destination: str) -> Record:
        table = MediaTable("photos")

        @table.computed_column(destination=destination, code_version="1")
        def flipped(source_image: Image.Image) -> Image.Image:
            calls.append(destination)
            return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

        found = find_named([str(source)], MediaIOManager().installation.reader)
        record(MediaIOManager().installation, table, found)
        (partition,) = catalog().sql("select partition from photos")["partition"]
        return cells(run_step(table, str(partition)))["flipped"]["a.jpg"]

    before = run(old)
    for copy in (MediaIOManager().installation.home.folder / "media/cache").rglob("*"):
        if copy.is_file():
            copy.unlink()
    earlier = len(requests())
    after = run(new)
    return Moved(before, after, len(calls), requests()[earlier:])


def test_a_move_within_a_bucket_is_a_copy_by_the_storage_and_is_looked_at(
    home: Path, s3_environment: S3Server, bucket: str, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    old, new = f"s3://{bucket}/old/", f"s3://{bucket}/new/"

    done = moved(photo, old, new, requests=lambda: s3_environment.requests(bucket))

    # The destination is new, so it is tried first.
    assert methods(done.requests) == ["PUT", "GET", "POST", "PUT", "HEAD"]
    assert done.calls == 1
    assert done.after.fileurl == (done.before.fileurl or "").replace("/old/", "/new/")
    assert content(done.after.fileurl) == content(done.before.fileurl), "the old file stays"
    assert fetch(presigned_url(done.after.fileurl or "", 60)).headers["content-type"] == (
        "image/jpeg"
    )


def test_a_move_to_another_provider_reads_once_and_writes_once(
    home: Path,
    s3_environment: S3Server,
    azure_environment: AzureServer,
    bucket: str,
    tmp_path: Path,
) -> None:
    container = azure_environment.make_container(bucket)
    photo = save_photo(tmp_path / "a.jpg")
    old, new = f"s3://{bucket}/old/", f"az://{container}/new/"

    done = moved(photo, old, new, requests=lambda: s3_environment.requests(bucket))

    of_the_file = [one for one in azure_environment.requests(container) if one.endswith(".jpg")]
    assert methods(done.requests) == ["GET"]
    assert methods(of_the_file).count("PUT") == 1
    assert done.calls == 1
    assert content(done.after.fileurl) == content(done.before.fileurl)


def test_a_file_that_is_gone_is_made_anew_where_it_should_be(
    home: Path, s3_environment: S3Server, bucket: str, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")

    def requests_after_removal() -> list[str]:
        store = Storage().open(parse_destination(f"s3://{bucket}/"))
        store.delete([file.key for file in store.list("old/")])
        return s3_environment.requests(bucket)

    done = moved(
        photo, f"s3://{bucket}/old/", f"s3://{bucket}/new/", requests=requests_after_removal
    )

    assert done.calls == 2
    assert content(done.after.fileurl)


def test_what_was_moved_from_is_collected_once_nothing_names_it(
    home: Path, s3_environment: S3Server, bucket: str, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    old, new = f"s3://{bucket}/old/", f"s3://{bucket}/new/"
    done = moved(photo, old, new, requests=list)
    root = MediaIOManager().installation.catalog

    gone = collect_all(root, Retention(grace=timedelta(), keep=1))

    assert done.before.fileurl in gone
    assert (keys(old), len(keys(new))) == ([], 1)


def test_kept_uploads_move_without_being_decoded(
    home: Path, s3_environment: S3Server, bucket: str, source_site: Site
) -> None:
    table = MediaTable("photos")
    before = ingested(table, source_site.url(), kept=f"s3://{bucket}/old/")
    asked = len(source_site.requests)

    manager = MediaIOManager(input_media_dest=f"s3://{bucket}/new/")
    (partition,) = catalog().sql("select partition from photos")["partition"]
    outputs = run_step(table, str(partition), manager=manager)

    after = cells(outputs)["source_image"]["photo.jpg"].fileurl or ""
    assert after == before.replace("/old/", "/new/")
    assert content(after) == jpeg()
    assert outputs[-1].timing.decodes == 0
    assert len(source_site.requests) == asked, "the source is not asked again"
