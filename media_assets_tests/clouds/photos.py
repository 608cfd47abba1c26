"""What the tests of runs over object storage share: a table, a photo, and what stands where."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets_tests.photos import picture
from media_assets_tests.steps import cells, run_step

LOOPBACK = ["127.0.0.0/8"]


def photos_table(**destinations: str | None) -> MediaTable:
    """A table with a column for each destination."""
    table = MediaTable("photos")
    for name, destination in destinations.items():

        @table.computed_column(name=name, destination=destination, code_version="1")
        def flipped(source_image: Image.Image) -> Image.Image:
            return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


def jpeg(seed: int = 0) -> bytes:
    file = BytesIO()
    picture(seed).save(file, "JPEG")
    return file.getvalue()


def keys(destination: str) -> list[str]:
    """The keys that stand below a destination, without its prefix."""
    place = parse_destination(destination)
    store = Storage().open(place)
    return [file.key.removeprefix(place.prefix) for file in store.list(place.prefix)]


def methods(requests: Sequence[str]) -> list[str]:
    return [line.split(" ")[0] for line in requests]


def content(fileurl: str | None) -> bytes:
    store, key = Storage().store_of(fileurl or "")
    return store.get(key)


def ingested(table: MediaTable, source: str, *columns: str, kept: str | None = None) -> str:
    """Inserts a photo and makes columns; returns its fileurl as the source column has it."""
    manager = MediaIOManager(input_media_dest=kept, allow_networks=LOOPBACK)
    found = find_named([source], manager.installation.reader)
    (partition,) = record(manager.installation, table, found, is_named=True).partitions
    outputs = run_step(table, partition, ("source_image", *columns), manager=manager)
    assert [error for o in outputs for error in o.committed.manifest.errors] == []
    return cells(outputs)["source_image"]["photo.jpg"].fileurl or ""
