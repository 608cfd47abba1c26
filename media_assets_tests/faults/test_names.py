"""Hundreds of names that were made to break things: rows, partitions, tables, copies, pages."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import dagster as dg
import pytest
from PIL import Image

from media_assets.build import build_defs
from media_assets.cache import Cache
from media_assets.catalog import Catalog
from media_assets.errors import DeclarationError, UploadError
from media_assets.gallery.contents import read_contents
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import Found
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import Upload
from media_assets_tests.faults.names import MARKUP, NAMES
from media_assets_tests.faults.places import bytes_of, small_table
from media_assets_tests.managers import manager_with
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import materialize
from media_assets_tests.steps import run_step
from media_assets_tests.stored import put_column, stored

if TYPE_CHECKING:
    from media_assets_tests.servers.azurite import AzureServer
    from media_assets_tests.servers.gcs import GcsServer
    from media_assets_tests.servers.s3 import S3Server

NOT_FOR_DAGSTER = re.compile(r"[\x00-\x1f\x7f]|\.\.\.")
KEYS = [name for name in NAMES if not NOT_FOR_DAGSTER.search(name)]


@pytest.fixture(
    params=[
        "local",
        "memory",
        *[pytest.param(name, marks=pytest.mark.faults) for name in ("s3", "gcs", "azure")],
    ]
)
def everything(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Storage]:
    """All of a storage that nobody else uses, and how it is reached."""
    name = f"names-{uuid4().hex}"
    match request.param:
        case "s3":
            s3: S3Server = request.getfixturevalue("s3_server")
            return f"s3://{s3.make_bucket(name)}/", Storage(s3=s3.settings)
        case "gcs":
            gcs: GcsServer = request.getfixturevalue("gcs_server")
            return f"gs://{gcs.make_bucket(name)}/", Storage(gcs=gcs.settings)
        case "azure":
            azure: AzureServer = request.getfixturevalue("azure_server")
            return f"az://{azure.make_container(name)}/", Storage(azure=azure.settings)
        case "memory":
            return f"memory://{name}/", Storage()
        case _:
            return f"{tmp_path / 'all'}/", Storage()


def table_by_key(keys: Mapping[str, str]) -> MediaTable:
    """A table whose rows are in partitions that a rule of its own names."""
    table = MediaTable(
        "days",
        partitions=dg.DynamicPartitionsDefinition(name="days"),
        partition_of=keys.__getitem__,
    )

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


def assert_apart(everything: tuple[str, Storage], fileurls: list[str], below: str) -> None:
    """Each file has a place of its own below its folder, and nothing else is anywhere."""
    root, storage = everything
    assert len(set(fileurls)) == len(fileurls)
    assert stored(root, storage) == set(fileurls)
    assert all(urlsplit(url).path.count(below) == 1 for url in fileurls)
    assert all(bytes_of(storage, url) for url in fileurls[::50])


def test_no_name_leaves_its_place_or_takes_anothers_and_each_is_shown_as_given(
    everything: tuple[str, Storage], home: Path, tmp_path: Path
) -> None:
    root, storage = everything
    manager, table = manager_with(storage, output_media_dest=f"{root}files/"), small_table()
    photos = [save_photo(tmp_path / f"{n}.jpg", seed=n).as_uri() for n in range(len(NAMES))]
    uploads = [Upload(*pair, 1, "1") for pair in zip(NAMES, photos, strict=True)]

    (partition,) = record(manager.installation, table, Found(tuple(uploads))).partitions
    run_step(table, partition, manager=manager)

    shown = Catalog(manager.installation.catalog).sql("select row, flipped, small from photos")
    assert len(NAMES) > 500
    assert sorted(shown["row"]) == NAMES
    assert_apart(everything, [*shown["flipped"], *shown["small"]], "/files/photos/")


def test_no_partition_leaves_its_place_or_takes_anothers_and_each_is_shown_as_given(
    everything: tuple[str, Storage], home: Path
) -> None:
    root, storage = everything
    catalog = MediaIOManager().installation.catalog
    key_of = {f"{number}.jpg": key for number, key in enumerate(KEYS)}
    uploads = tuple(Upload(row, f"file:///{row}", 1, "1") for row in key_of)

    found = record(MediaIOManager().installation, table_by_key(key_of), Found(uploads))
    for row, key in key_of.items():
        put_column(
            catalog, f"{root}files/", {row: "all alike"},
            partition=key, table="days", storage=storage,
        )  # fmt: skip

    shown = Catalog(catalog).sql("select row, partition, flipped from days")
    assert len(KEYS) > 500
    assert sorted(found.partitions) == KEYS
    assert dict(zip(shown["row"], shown["partition"], strict=True)) == key_of
    assert_apart(everything, [*shown["flipped"]], "/files/days/flipped/")


def test_dagster_runs_over_partitions_of_odd_names(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    keys = ["a,b", "[a|b] ", "../../a", "x" * 300, f"\u202e%2e{MARKUP[2]}"]
    key_of = {f"{number}.jpg": key for number, key in enumerate(keys)}
    table = table_by_key(key_of)
    photo = save_photo(tmp_path / "a.jpg").as_uri()
    manager = MediaIOManager()
    record(manager.installation, table, Found(tuple(Upload(row, photo, 1, "1") for row in key_of)))
    instance.add_dynamic_partitions("days", keys)

    for key in keys:
        assert materialize(instance, table, key).success

    assert instance.get_materialized_partitions(table.asset_key("flipped")) == set(keys)
    shown = Catalog(manager.installation.catalog).sql("select row, partition from days")
    assert dict(zip(shown["row"], shown["partition"], strict=True)) == key_of


@pytest.mark.parametrize("key", ["a...b", "a\nb", "\0", "\x7f", "a\ud800b", "x" * 2001])
def test_a_partition_that_dagster_cannot_name_is_refused_before_anything_is_recorded(
    home: Path, key: str
) -> None:
    manager = MediaIOManager()
    uploads = (Upload("a.jpg", "file:///a", 1, "1"), Upload("b.jpg", "file:///b", 1, "1"))

    with pytest.raises(UploadError, match=r"Row 'b.jpg' is in a partition .* cannot name"):
        record(manager.installation, table_by_key({"a.jpg": "fine", "b.jpg": key}), Found(uploads))

    log = UploadLog(manager.installation.catalog, "days")
    log.refresh()
    assert log.partitions() == []


def test_a_table_name_is_refused_or_one_that_paths_and_dagster_take_as_it_is() -> None:
    taken: list[MediaTable] = []
    for name in NAMES:
        try:
            taken.append(MediaTable(name))
        except DeclarationError as error:
            assert repr(name) in str(error)  # noqa: PT017

    assert len(NAMES) - len(taken) > 500
    assert [t.name for t in taken if not re.fullmatch(r"[a-z][a-z0-9_]*(/[a-z]\w*)*", t.name)] == []
    dg.Definitions.validate_loadable(build_defs(taken))


def test_no_url_gets_the_cached_copy_of_another_or_a_file_outside_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    digests = {name: f"{number:064x}" for number, name in enumerate(NAMES)}

    for name, digest in digests.items():
        cache.remember(f"s3://bucket/{name}", name, digest)

    assert {name: cache.digest_of(f"s3://bucket/{name}", name) for name in NAMES} == digests
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}
    assert [
        path for path in tmp_path.rglob("*") if not re.fullmatch(r"[a-z0-9_.-]+", path.name)
    ] == []


def test_a_gallery_holds_each_name_as_given(home: Path) -> None:
    catalog = MediaIOManager().installation.catalog
    uploads = tuple(Upload(name, "file:///a", 1, "1") for name in NAMES)
    (partition,) = record(MediaIOManager().installation, small_table(), Found(uploads)).partitions
    put_column(catalog, f"{home}/files/", dict.fromkeys(NAMES, "all alike"), partition=partition)

    contents = read_contents(Catalog(catalog), "photos")

    assert [row.name for row in contents.rows] == NAMES
