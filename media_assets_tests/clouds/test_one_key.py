"""What is wrong with one key is that row's; what is wrong with a storage ends the run."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from uuid import uuid4

import dagster as dg
import pytest

from media_assets.automation.local_runs import register_partitions
from media_assets.destinations import parse_destination
from media_assets.errors import BucketMissingError, StoreDeniedError, UnsafeKeyError
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.stores import Storage
from media_assets.stores.azure import AzureSettings
from media_assets.stores.azure_connection import AzureConnection
from media_assets.stores.s3 import S3Settings
from media_assets.stores.s3_connection import S3Connection
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.upkeep.verification import Trouble, verify
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.automation import sensors
from media_assets_tests.clouds.photos import jpeg, photos_table
from media_assets_tests.faults.proxy import Chosen, Said, fault_proxy
from media_assets_tests.runs import catalog, materialize
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import cells, run_step

if TYPE_CHECKING:
    from media_assets_tests.servers.s3 import S3Server

ARCHIVED = {"s3": Said(403, "InvalidObjectState"), "azure": Said(409, "BlobArchived")}
OTHER_KEY = {
    "s3": Said(400, "InvalidRequest", "The object was stored using Server Side Encryption."),
    "azure": Said(409, "BlobUsesCustomerSpecifiedEncryption"),
}
NO_KEY_RIGHT = Said(403, "AccessDenied", "User is not authorized to perform: kms:Decrypt")
NO_BUCKET = {"s3": Said(404, "NoSuchBucket"), "azure": Said(404, "ContainerNotFound")}
GONE = {"s3": Said(404, "NoSuchKey"), "azure": Said(404, "BlobNotFound")}


@dataclass
class Place:
    """A prefix behind a proxy that refuses what it is told to.

    Attributes:
        provider: "s3" or "azure".
        prefix: The prefix.
        refused: What is said to whoever reads a file of some name, or asks by a method.
    """

    provider: str
    prefix: str
    refused: dict[str, Chosen]

    def put(self, *names: str) -> None:
        place = parse_destination(self.prefix)
        for seed, name in enumerate(names):
            Storage().open(place).put(place.key(name), jpeg(seed), content_type="image/jpeg")


@pytest.fixture(params=["s3", "azure"])
def place(
    request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    name = f"keys-{uuid4().hex}"
    refused: dict[str, Chosen] = {}

    def choose(method: str, path: str) -> Chosen | None:
        file = unquote(path.partition("?")[0]).rpartition("/")[2]
        return refused.get(file if method == "GET" else method)

    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3_environment")
        prefix = f"s3://{s3.make_bucket(name)}/in/"
        with fault_proxy(s3.url, choose) as proxy:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
            yield Place("s3", prefix, refused)
        return
    azure: AzureServer = request.getfixturevalue("azure_environment")
    prefix = f"az://{azure.make_container(name)}/in/"
    server, _, account = azure.url.rpartition("/")
    with fault_proxy(server, choose) as proxy:
        monkeypatch.setenv(
            "AZURE_STORAGE_CONNECTION_STRING",
            f"BlobEndpoint={proxy.url}/{account};AccountKey={azure.account_key}",
        )
        yield Place("azure", prefix, refused)


def source_cells(prefix: str, table: MediaTable | None = None) -> dict[str, Record]:
    """Inserts a prefix, makes the source column, and returns its cells."""
    table, manager = table or photos_table(), MediaIOManager()
    found = find_named([prefix], manager.installation.reader)
    (partition,) = record(manager.installation, table, found, is_named=True).partitions
    return cells(run_step(table, partition, ("source_image",), manager=manager))["source_image"]


def test_a_key_that_is_refused_is_an_error_row_and_the_others_are_made(place: Place) -> None:
    names = ("archived.jpg", "other-key.jpg", "no-right.jpg", "gone.jpg", "a.jpg", "b.jpg")
    place.put(*names)
    place.refused["archived.jpg"] = ARCHIVED[place.provider]
    place.refused["other-key.jpg"] = OTHER_KEY[place.provider]
    place.refused["no-right.jpg"] = NO_KEY_RIGHT
    place.refused["gone.jpg"] = GONE[place.provider]

    made = source_cells(place.prefix)

    assert {row: made[row].error_class for row in sorted(made)} == {
        "a.jpg": None,
        "b.jpg": None,
        "archived.jpg": "StoredFileRefusedError",
        "gone.jpg": "UploadGoneError",
        "no-right.jpg": "StoredFileRefusedError",
        "other-key.jpg": "StoredFileRefusedError",
    }


ODD_KEYS = {
    "s3": ("in//double.jpg", "in/./dot.jpg", "in/tab\there.jpg"),
    "azure": ("in//double.jpg", "in/a//b.jpg"),
}


def put_as_it_is(place: Place, *keys: str) -> None:
    """Writes photos under keys that our own stores refuse, with the provider's client."""
    location, storage = parse_destination(place.prefix), Storage()
    settings = storage.settings(location)
    for seed, key in enumerate(keys):
        if isinstance(settings, S3Settings):
            with closing(S3Connection(location, settings).boto()) as s3:
                s3.put_object(Bucket=location.bucket, Key=key, Body=jpeg(seed))
        elif isinstance(settings, AzureSettings):
            with AzureConnection(location, settings).container() as azure:
                azure.upload_blob(key, jpeg(seed))


def test_keys_that_obstore_cannot_express_are_read_by_the_providers_own_client(
    place: Place,
) -> None:
    place.put("a.jpg")
    keys = ODD_KEYS[place.provider]
    put_as_it_is(place, *keys)
    manager = MediaIOManager()
    table = MediaTable("photos", uploads=place.prefix)

    made = source_cells(place.prefix, table)
    found = record(manager.installation, table, scan_uploads(manager.installation, table))
    named = [
        find_named([f"{place.prefix.removesuffix('in/')}{key}"], manager.installation.reader)
        for key in keys
    ]

    assert {row: cell.error_message for row, cell in made.items()} == dict.fromkeys(
        ["a.jpg", *(key.removeprefix("in/") for key in keys)]
    )
    for seed, key in enumerate(keys):
        assert made[key.removeprefix("in/")].digest == sha256(jpeg(seed)).hexdigest()
    assert (found.new, found.replaced) == (0, 0)
    assert [one.uploads[0].uri for one in named] == [
        made[key.removeprefix("in/")].fileurl for key in keys
    ]


def test_a_key_beside_that_obstore_cannot_express_hides_no_other_key(place: Place) -> None:
    place.put("a.jpg", "b/c.jpg", "z.jpg")
    put_as_it_is(place, *ODD_KEYS[place.provider])
    store = Storage().open(parse_destination(place.prefix))

    assert [file.key for file in store.list("in/")] == ["in/a.jpg", "in/b/c.jpg", "in/z.jpg"]
    assert [file.key for file in store.list("in/", start_after="in/b")] == [
        "in/b/c.jpg",
        "in/z.jpg",
    ]
    assert "b" in store.folders("in/")


def test_an_odd_key_has_a_presigned_url_that_reads_it(place: Place) -> None:
    (key, *_) = ODD_KEYS[place.provider]
    put_as_it_is(place, key)
    store = Storage().open(parse_destination(place.prefix))

    assert fetch(store.sign(key, timedelta(hours=1))).body == jpeg(0)


def test_a_key_that_azures_client_would_change_is_an_error_row_that_says_so(
    home: Path, azure_environment: AzureServer
) -> None:
    container = azure_environment.make_container(f"keys-{uuid4().hex}")
    store = Storage().open(parse_destination(f"az://{container}/"))

    with pytest.raises(UnsafeKeyError, match=r"a name in it is '\.' or '\.\.'"):
        store.get("in/./dot.jpg")


def test_a_storage_that_refuses_every_source_fails_the_run_after_its_commit(
    place: Place, instance: dg.DagsterInstance
) -> None:
    place.put("a.jpg", "b.jpg")
    place.refused |= dict.fromkeys(("a.jpg", "b.jpg"), NO_KEY_RIGHT)
    table, manager = photos_table(flipped=None), MediaIOManager()

    def run(prefix: str) -> dg.ExecuteInProcessResult:
        found = find_named([prefix], manager.installation.reader)
        (partition,) = record(manager.installation, table, found, is_named=True).partitions
        register_partitions(instance, table, StoredTable(manager.installation.catalog, table.name))
        return materialize(instance, table, partition)

    refused = run(place.prefix)
    place.put("c.jpg")
    mixed = run(place.prefix)

    (failure,) = refused.filter_events(lambda event: event.is_step_failure)
    assert "refused all 2 sources" in str(failure.step_failure_data.user_failure_data)
    assert len(catalog().sql("from media_assets.errors")) == 4, "both columns are committed"
    assert mixed.success, "one that is given shows that the storage works"


def test_verify_tells_of_a_source_that_is_refused_and_goes_on(place: Place) -> None:
    place.put("a.jpg", "b.jpg", "c.jpg")
    source_cells(place.prefix)
    place.refused["b.jpg"] = ARCHIVED[place.provider]
    manager = MediaIOManager()
    photos = StoredTable(manager.installation.catalog, "photos")

    (verified,) = verify(
        photos, manager.installation.reader, ["source_image"], photos.partitions(), sample=inf
    )

    assert [(p.row, p.trouble, p.is_failure) for p in verified.problems] == [
        ("b.jpg", Trouble.SOURCE_REFUSED, False)
    ]
    assert verified.digests == 3


def test_a_missing_bucket_still_ends_the_step(place: Place) -> None:
    place.put("a.jpg", "b.jpg")
    manager = MediaIOManager()
    table = photos_table()
    found = find_named([place.prefix], manager.installation.reader)
    (partition,) = record(manager.installation, table, found, is_named=True).partitions
    place.refused |= dict.fromkeys(("a.jpg",), NO_BUCKET[place.provider])

    with pytest.raises(BucketMissingError):
        run_step(table, partition, manager=manager)


def test_a_sensor_and_the_run_that_it_requests_meet_refused_and_odd_keys_alike(
    place: Place, instance: dg.DagsterInstance
) -> None:
    place.put("a.jpg", "archived.jpg")
    put_as_it_is(place, *ODD_KEYS[place.provider])
    place.refused["archived.jpg"] = ARCHIVED[place.provider]
    table = sensors.photos_table(uploads=place.prefix)
    ticker = sensors.Ticker(instance, table)

    ticker.tick()
    ticker.tick()
    runs = [materialize(instance, table, r.partition_key or "") for r in ticker.runs.values()]

    assert [run.success for run in runs] == [True]
    errors = catalog().sql('select row, "column", error_class from media_assets.errors')
    assert sorted(map(tuple, errors.to_numpy().tolist())) == [
        ("archived.jpg", "flipped", "InputFailedError"),
        ("archived.jpg", "source_image", "StoredFileRefusedError"),
    ]
    made = catalog().sql("select row from photos where flipped is not null")["row"]
    odd = [key.removeprefix("in/") for key in ODD_KEYS[place.provider]]
    assert sorted(made) == sorted(["a.jpg", *odd])


def test_a_refused_write_still_ends_the_step(place: Place) -> None:
    place.put("a.jpg", "b.jpg")
    bucket = place.prefix.removesuffix("in/")
    table, manager = photos_table(flipped=f"{bucket}flipped/"), MediaIOManager()
    found = find_named([place.prefix], manager.installation.reader)
    (partition,) = record(manager.installation, table, found, is_named=True).partitions
    place.refused["PUT"] = Said(403, "AccessDenied", "No right to write")

    with pytest.raises(StoreDeniedError, match="Could not write"):
        run_step(table, partition, manager=manager)
