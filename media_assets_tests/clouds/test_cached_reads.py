"""How often a stored file is asked for by those who read it: once, as it is cached."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.catalog.frame import MediaFrame
from media_assets.cli.location import Location
from media_assets.gallery import read_contents, write_gallery
from media_assets.home import CACHE_VARIABLE, NETWORKS_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.media_column import MediaColumn
from media_assets.stores import Storage
from media_assets.tables.assets import table_assets
from media_assets.tables.table import MediaTable
from media_assets_tests.catalogs import commit, header, image, record_rows
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.fetch.site import Site
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize
from media_assets_tests.servers.s3 import S3Server

ROWS = 4
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def table(bucket: str) -> MediaTable:
    """A table whose computed column is in the bucket."""
    table = MediaTable("photos")

    @table.computed_column(destination=f"s3://{bucket}/out/", code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


@pytest.fixture
def partition(instance: dg.DagsterInstance, table: MediaTable, home: Path, tmp_path: Path) -> str:
    """The partition of some rows, made by a machine that is not this one: nothing is cached."""
    partition = inserted(instance, table, *save_photos(tmp_path / "in", ROWS))
    assert materialize(instance, table, partition).success
    forget(home)
    return partition


def html_of(frame: MediaFrame) -> str:
    """What a notebook shows."""
    return frame._repr_html_()


def forget(home: Path) -> None:
    for file in (home / "media/cache").rglob("*"):
        if file.is_file():
            file.unlink()


@pytest.fixture
def reads(s3_environment: S3Server, bucket: str) -> Callable[[], int]:
    """Counts the requests that read a file of the bucket."""
    return lambda: sum(
        line.startswith(f"GET /{bucket}/out/") for line in s3_environment.requests(bucket)
    )


@pytest.mark.usefixtures("partition")
def test_a_row_that_is_opened_four_times_is_fetched_once(reads: Callable[[], int]) -> None:
    before = reads()

    for _ in range(2):
        column = Catalog.open().column("photos", "flipped")
        for _ in range(2):
            assert column.open("photo-000.jpg").size == (48, 36)

    assert reads() - before == 1


@pytest.mark.usefixtures("partition")
def test_a_notebook_that_shows_a_table_again_asks_for_nothing(reads: Callable[[], int]) -> None:
    before = reads()

    shown = [html_of(Catalog.open().table("photos")) for _ in range(3)]

    # The uploads are local files.
    assert [html.count("<img") for html in shown] == [2 * ROWS] * 3
    assert reads() - before == ROWS


def test_a_downstream_asset_of_three_runs_fetches_each_file_once(
    instance: dg.DagsterInstance, table: MediaTable, partition: str, reads: Callable[[], int]
) -> None:
    seen: list[int] = []

    @dg.asset(
        partitions_def=table.partitioning.definition,
        ins={"flipped": dg.AssetIn(table.asset_key("flipped"))},
    )
    def report(flipped: MediaColumn) -> None:
        seen.append(sum(image.width for _, image in flipped.items()))

    before = reads()
    for _ in range(3):
        dg.materialize(
            [table_assets(table), report],
            instance=instance,
            resources={"media_io_manager": MediaIOManager()},
            partition_key=partition,
            selection=[report],
            run_config=QUIET,
        )

    assert seen == [48 * ROWS] * 3
    assert reads() - before == ROWS


@pytest.mark.usefixtures("partition")
def test_a_gallery_reads_what_the_catalog_has_cached(
    table: MediaTable, reads: Callable[[], int], tmp_path: Path
) -> None:
    location = Location()
    dict(Catalog.open().column("photos", "flipped").items())
    before = reads()

    contents = read_contents(location.noted_catalog(), "photos")
    written = write_gallery(
        contents, tmp_path / "gallery", location.noted_reader(), expires_in=timedelta(hours=1)
    )

    assert written is not None
    assert reads() == before


@pytest.mark.usefixtures("partition")
def test_the_local_path_of_a_cached_file_is_its_copy_and_of_any_other_there_is_none(
    home: Path,
) -> None:
    query = "select row, localpath(flipped) as path from photos order by row"
    column = Catalog.open().column("photos", "flipped")
    before = (dict(column.localpath), Catalog.open().sql(query)["path"].notna().sum())

    data = column.read("photo-002.jpg")
    paths = column.localpath
    of_query = dict(Catalog.open().sql(query).dropna().itertuples(index=False, name=None))
    of_files = Catalog.open().sql(
        "select localpath(fileurl) as path from media_assets.files where \"column\" = 'flipped'"
    )

    assert before == ({}, 0)
    assert list(paths) == ["photo-002.jpg"]
    assert len(paths) == 1
    assert paths["photo-002.jpg"].read_bytes() == data
    assert paths["photo-002.jpg"].is_relative_to(home / "media/cache")
    assert of_query == {"photo-002.jpg": str(paths["photo-002.jpg"])}
    assert of_files["path"].dropna().to_list() == list(of_query.values())


@pytest.mark.usefixtures("partition")
def test_a_copy_that_was_damaged_or_is_gone_has_no_local_path(home: Path) -> None:
    column = Catalog.open().column("photos", "flipped")
    for row in ("photo-000.jpg", "photo-001.jpg"):
        column.read(row)
    damaged, gone = (column.localpath[f"photo-00{n}.jpg"] for n in range(2))

    damaged.write_bytes(b"damaged")
    gone.unlink()

    assert column.localpath.get("photo-000.jpg") is None
    assert column.localpath.get("photo-001.jpg") is None
    assert column.open("photo-000.jpg").size == (48, 36)


@pytest.mark.usefixtures("partition")
@pytest.mark.parametrize("given", ["environment", "settings file", "code"])
def test_a_cache_of_0_bytes_is_none_for_every_reader(
    home: Path, reads: Callable[[], int], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    Catalog.open().column("photos", "flipped").read("photo-000.jpg")
    if given == "environment":
        monkeypatch.setenv(CACHE_VARIABLE, "0")
    elif given == "settings file":
        (home / "media_assets.toml").write_text("cache_bytes = 0\n")
    manager = MediaIOManager(cache_bytes=0) if given == "code" else MediaIOManager()
    opened = Catalog(manager.installation.catalog, reader=manager.installation.reader)
    before = reads()

    column = opened.column("photos", "flipped")
    for _ in range(2):
        column.open("photo-000.jpg")
    html_of(opened.table("photos", limit=1))

    assert manager.installation.reader.cache is None
    assert reads() - before == 3
    assert not column.localpath


@pytest.mark.usefixtures("partition")
def test_a_file_that_a_notebook_cannot_show_says_why(bucket: str) -> None:
    frame = Catalog.open().table("photos", limit=1)
    store, key = Storage().store_of(str(frame["flipped"].iloc[0]))
    store.delete([key])

    html = html_of(frame)

    assert html.count("<img") == 1, "the upload is a local file"
    assert f'<em title="There is no file s3://{bucket}/out/' in html


@pytest.mark.parametrize("given", ["environment", "settings file"])
def test_a_notebook_reads_sources_from_the_networks_that_are_allowed(
    home: Path, source_site: Site, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    url = source_site.url("/photo.jpg")
    root = MediaIOManager().installation.catalog
    record_rows(root, "p1", ["a"])
    digest = sha256(jpeg()).hexdigest()
    commit(root, header("source_image"), [image("a", url, digest=digest)])
    closed = html_of(Catalog.open().table("photos"))
    if given == "environment":
        monkeypatch.setenv(NETWORKS_VARIABLE, "127.0.0.0/8")
    else:
        (home / "media_assets.toml").write_text('allow_networks = ["127.0.0.0/8"]\n')

    opened = html_of(Catalog.open().table("photos"))

    assert "<em title=" in closed
    assert NETWORKS_VARIABLE in closed
    assert opened.count("<img") == 1
    assert Catalog.open().column("photos", "source_image").open("a").size == (48, 36)
