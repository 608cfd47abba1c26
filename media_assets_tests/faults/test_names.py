"""Hundreds of names that were made to break things, as rows, on every kind of storage."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from media_assets.catalog import Catalog
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.uploads import record
from media_assets.uploads.log import Upload
from media_assets.uploads.recording import Found
from media_assets_tests.faults.places import bytes_of, small_table
from media_assets_tests.photos import save_photo
from media_assets_tests.steps import run_step
from media_assets_tests.stored import stored
from media_assets_tests.test_keys import HOSTILE

if TYPE_CHECKING:
    from media_assets_tests.servers.azurite import AzureServer
    from media_assets_tests.servers.gcs import GcsServer
    from media_assets_tests.servers.s3 import S3Server


def is_text(name: str) -> bool:
    return name.encode(errors="ignore").decode() == name


# Others are no text, and are left alone when uploads are listed.
ADDED = [
    "../../../../etc/passwd",
    "..\\..\\windows",
    "/absolute.jpg",
    "%2e%2e%2fa",
    "a#b?c=d",
    "$(touch here).jpg",
    "`id`;&&|.jpg",
    "[x](javascript:alert(1))",
    "<script>alert(1)</script>",
    "\u202egpj.exe",
    "\N{LATIN SMALL LETTER E WITH ACUTE}.jpg",
    "e\N{COMBINING ACUTE ACCENT}.jpg",
    "\N{GRINNING FACE}" * 60,
    "x" * 300,
    "Case.jpg",
    "case.JPG",
]
NAMES = sorted({*filter(is_text, HOSTILE), *ADDED} - {""})


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


def test_no_name_leaves_its_place_or_takes_anothers_and_each_is_shown_as_given(
    everything: tuple[str, Storage], home: Path, tmp_path: Path
) -> None:
    root, storage = everything
    manager, table = MediaIOManager(output_media_dest=f"{root}files/"), small_table()
    manager._storage = storage
    photos = [save_photo(tmp_path / f"{n}.jpg", seed=n).as_uri() for n in range(len(NAMES))]
    uploads = [Upload(*pair, 1, "1") for pair in zip(NAMES, photos, strict=True)]

    (partition,) = record(manager, table, Found(tuple(uploads))).partitions
    run_step(table, partition, manager=manager)

    shown = Catalog(manager.catalog_root()).sql("select row, flipped, small from photos")
    assert len(NAMES) > 500
    assert sorted(shown["row"]) == sorted(NAMES)
    fileurls = [*shown["flipped"], *shown["small"]]
    assert len(set(fileurls)) == 2 * len(NAMES)
    assert stored(root, storage) == set(fileurls)
    below = "/files/photos/"
    assert all(urlsplit(url).path.count(below) == 1 for url in fileurls)
    assert all(bytes_of(storage, url) for url in fileurls[::50])
