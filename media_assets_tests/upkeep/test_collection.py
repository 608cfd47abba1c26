"""Garbage goes in an order that is safe wherever it stops."""

from itertools import islice
from uuid import uuid4

from media_assets.destinations import parse_destination
from media_assets.records.column_folders import column_folders
from media_assets.records.known_destinations import note_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import commit_manifest, newest_manifest, read_manifest
from media_assets.stores import Storage
from media_assets.upkeep.collection import COLLECTOR, collect
from media_assets.upkeep.retention import Retention
from media_assets_tests.catalogs import delete_rows, header, image, memory_root, record_rows
from media_assets_tests.retentions import ONLY_CURRENT, tomorrow
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.stored import (
    STORAGE,
    collect_all,
    fileurls,
    find,
    put_column,
    put_file,
    stored,
    urls,
)


def full_history(root: CatalogRoot, destination: str) -> None:
    """Replaced, deleted and orphaned files of one partition."""
    record_rows(root, "p1", ["a", "b"])
    put_column(root, destination, {"a": "1", "b": "1"})
    put_column(root, destination, {"a": "2"})
    put_column(root, destination, {"a": "3"})
    put_file(root, destination, "a", "orphan")
    delete_rows(root, ["b"])


def named_by_any_manifest(root: CatalogRoot) -> set[str]:
    (folder,) = column_folders(root, "photos", "flipped")
    ledger = folder.ledger(root)
    return set().union(*(fileurls(read_manifest(ledger, number)) for number in folder.manifests))


def test_without_grace_and_history_exactly_what_is_current_is_left(
    root: CatalogRoot, destination: str
) -> None:
    full_history(root, destination)

    collect_all(root, ONLY_CURRENT)

    newest = newest_manifest(root.ledger("photos", "flipped", "p1"))
    assert newest is not None
    assert sorted(newest.records) == ["a"]
    assert stored(destination) == fileurls(newest)
    assert root.ledger("photos", "flipped", "p1").numbers() == [newest.number]
    assert newest.header.run_id == COLLECTOR
    assert collect_all(root, ONLY_CURRENT) == [], "a second time there is nothing left"


def test_wherever_it_stops_no_manifest_names_a_file_that_is_gone() -> None:
    whole = stopped_after(99)

    for stop in range(whole):
        stopped_after(stop)

    assert whole == 7, "three manifests and four files"


def stopped_after(stop: int) -> int:
    """Stops a collection after so many files, goes on with another one, and checks both."""
    root, destination = memory_root(), f"memory://{uuid4().hex}/files/"
    full_history(root, destination)
    found, _ = find(root, ONLY_CURRENT)
    removed = list(islice(collect(root, STORAGE, found), stop))
    assert named_by_any_manifest(root) <= stored(destination)

    collect_all(root, ONLY_CURRENT)

    assert named_by_any_manifest(root) == stored(destination)
    return len(removed)


def test_a_file_that_was_named_since_the_search_stays(root: CatalogRoot, destination: str) -> None:
    first = put_column(root, destination, {"a": "1"})
    put_column(root, destination, {"a": "2"})
    (found,) = find(root, tomorrow(keep=1))

    ledger = root.ledger("photos", "flipped", "p1")
    restored = commit_manifest(ledger, first.header, first.records, base=newest_manifest(ledger))
    removed = urls(collect(root, STORAGE, found))

    assert fileurls(restored) <= stored(destination)
    assert fileurls(first).isdisjoint(removed)


def test_a_run_that_commits_over_a_collected_number_loses_nothing(
    root: CatalogRoot, destination: str
) -> None:
    ledger = root.ledger("photos", "flipped", "p1")
    base = put_column(root, destination, {"a": "1"})
    for content in "23":
        put_column(root, destination, {"b": content})
    collect_all(root, ONLY_CURRENT)

    made = commit_manifest(ledger, header(), {"c": image("c", "/c.jpg")}, base=base)

    assert made.number == ledger.latest()
    assert sorted(made.records) == ["a", "b", "c"]
    newest = newest_manifest(ledger)
    assert newest is not None
    assert sorted(newest.records) == ["a", "b", "c"]


def test_it_is_the_same_with_files_and_catalog_in_a_bucket(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket(f"gc-{uuid4().hex}")
    storage = Storage(s3=s3_server.settings)
    root = CatalogRoot.open(f"s3://{bucket}/catalog/", storage=storage)
    former, destination = f"s3://{bucket}/former/", f"s3://{bucket}/files/"
    record_rows(root, "p1", ["a", "b"])
    put_column(root, former, {"a": "1", "b": "1"}, storage=storage)
    newest = put_column(root, destination, {"a": "1", "b": "2"}, storage=storage)
    alias = parse_destination(f"{s3_server.settings.endpoint}/{bucket}/files/")
    note_destination(root, "photos", "flipped", "p1", alias)

    young = collect_all(root, Retention(), storage=storage)
    removed = collect_all(root, ONLY_CURRENT, storage=storage)

    assert young == []
    assert len(removed) == 3, "a manifest and two files"
    assert stored(former, storage) == set()
    assert stored(destination, storage) == fileurls(newest)
