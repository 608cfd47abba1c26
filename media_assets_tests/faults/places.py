"""A small table, and places where it is made: what every fault is tried on."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from media_assets import transforms
from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.records.column_folders import column_folders
from media_assets.records.manifests import Record, newest_manifest, read_manifest
from media_assets.stores import Storage
from media_assets.stores.staging import is_staging_name
from media_assets.tables.table import MediaTable
from media_assets.upkeep.garbage import GarbageFinder
from media_assets.upkeep.referenced_files import files_uploaded_in_place
from media_assets.upkeep.retention import Retention
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.retentions import NO_GRACE
from media_assets_tests.stored import stored

if TYPE_CHECKING:
    from dagster_aws.s3 import S3Resource

COLUMNS = ("flipped", "small", "shade")


def small_table(name: str = "photos", *, rows_per_partition: int = 1_000) -> MediaTable:
    """Two image columns and a value that reads one of them."""
    table = MediaTable(name, rows_per_partition=rows_per_partition)

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column(code_version="1", format="png")
    def small(source_image: Image.Image) -> Image.Image:
        return transforms.thumbnail(source_image, (16, 16))

    @table.computed_column(code_version="1")
    def shade(small: Image.Image) -> float:
        return transforms.mean_luminance(small)

    return table


@dataclass(frozen=True, slots=True)
class S3Access:
    """What it takes to reach an S3 server; a picklable value."""

    url: str
    key: str
    secret: str

    @property
    def resource(self) -> "S3Resource":
        from dagster_aws.s3 import S3Resource

        return S3Resource(
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A home, a catalog and a destination; a picklable value, so that processes share it.

    Attributes:
        home: The DAGSTER_HOME.
        root: The URI or folder that catalog and files are below.
        s3: How the server of an `s3://` root is reached.
    """

    home: Path
    root: str
    s3: S3Access | None = None

    @property
    def files(self) -> str:
        return f"{self.root}/files/"

    @property
    def manager(self) -> MediaIOManager:
        return MediaIOManager(
            catalog=f"{self.root}/catalog",
            output_media_dest=self.files,
            s3=self.s3.resource if self.s3 else None,
        )

    @property
    def storage(self) -> Storage:
        return self.manager.storage

    def enter(self) -> None:
        """Makes this the home of a process that has none yet."""
        os.environ["DAGSTER_HOME"] = str(self.home)
        tempfile.tempdir = str(self.home)


def rows_in(place: Place, partition: str, *, table: str = "photos") -> dict[str, dict[str, Record]]:
    """What stands, by column and row."""
    root = place.manager.installation.catalog
    found = {name: newest_manifest(root.ledger(table, name, partition)) for name in COLUMNS}
    return {name: dict(m.records) for name, m in found.items() if m is not None}


def content_of(place: Place, rows: Mapping[str, Mapping[str, Record]]) -> dict[str, object]:
    """What all cells hold, wherever their files are; fails where a file is not what was written."""
    held: dict[str, object] = {}
    for column, records in rows.items():
        for row, record in records.items():
            assert record.error_class is None, record
            held[f"{column}/{row}"] = record.digest
            if record.fileurl is not None:
                assert sha256(bytes_of(place.storage, record.fileurl)).hexdigest() == record.digest
    return held


def assert_nothing_is_torn(place: Place) -> None:
    """Every file under a name that readers see is whole, and every manifest's files are there."""
    there = stored(place.files, place.storage)
    for fileurl in there:
        if is_staging_name(fileurl.rpartition("/")[2]):
            continue  # hidden: it was to try whether writing works
        with Image.open(BytesIO(bytes_of(place.storage, fileurl))) as image:
            image.load()
    assert named(place) <= there


def assert_orphans_are_listed(place: Place, *, table: str = "photos") -> None:
    """What no manifest names is what collecting garbage would remove."""
    listed = set(garbage(place, table=table))
    assert stored(place.files, place.storage) - named(place) - listed == set()
    assert _staged(place) <= listed


def garbage(place: Place, *, table: str = "photos") -> list[str]:
    """What a dry run without grace lists."""
    root, storage = place.manager.installation.catalog, place.storage
    in_place = files_uploaded_in_place(root, storage)
    retention = Retention(grace=NO_GRACE)
    finder = GarbageFinder(StoredTable(root, table), storage, retention, in_place=in_place)
    return [one.located.fileurl for folder in finder.find() for one in folder.all]


def named(place: Place, *, table: str = "photos") -> set[str]:
    """The fileurls that any manifest of a computed column names."""
    return {fileurl for column in COLUMNS for fileurl in _named(place, table, column)}


def _staged(place: Place) -> set[str]:
    """Files that were staged beside where they go, and never got there."""
    destination = parse_destination(place.files)
    store = place.storage.open(destination)
    return {store.fileurl(file.key) for file in store.list_staged(destination.prefix)}


def _named(place: Place, table: str, column: str) -> Iterator[str]:
    root = place.manager.installation.catalog
    for folder in column_folders(root, table, column):
        for number in folder.manifests:
            records = read_manifest(folder.ledger(root), number).records.values()
            yield from (record.fileurl for record in records if record.fileurl)


def bytes_of(storage: Storage, fileurl: str) -> bytes:
    store, key = storage.store_of(fileurl)
    return store.get(key)
