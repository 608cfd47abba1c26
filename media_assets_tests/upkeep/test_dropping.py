"""A table or a column goes with all that was ever written for it."""

from uuid import uuid4

import pytest

from media_assets.errors import UnknownNameError
from media_assets.records.column_folders import list_columns, list_tables
from media_assets.records.ledger import CatalogRoot
from media_assets.records.stale_marks import is_marked, mark_stale
from media_assets.records.work_records import WorkRecords
from media_assets.upkeep.dropping import Drop
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import Upload
from media_assets_tests.catalogs import record_rows
from media_assets_tests.stored import STORAGE, fileurls, put_column, put_file, stored


@pytest.fixture
def former() -> str:
    """A destination that files went to in former times."""
    return f"memory://{uuid4().hex}/former/"


def full_table(root: CatalogRoot, former: str, destination: str) -> None:
    record_rows(root, "p1", ["a"])
    put_column(root, former, {"a": "1"})
    put_column(root, destination, {"a": "1"})
    put_column(root, destination, {"a": "1"}, column="gray")
    killed = put_file(root, former, "a", "unfinished", partition="p2")
    work = WorkRecords(root, "photos", "flipped", "p2")
    work.add(killed, run_id="killed")
    work.flush(run_id="killed")


def kept(root: CatalogRoot) -> list[str]:
    """The keys of all that the catalog keeps."""
    return [file.key for file in root.store.list(root.destination.prefix)]


def test_a_column_goes_from_every_destination_that_it_ever_had(
    root: CatalogRoot, former: str, destination: str
) -> None:
    full_table(root, former, destination)

    removed = list(Drop(root, STORAGE, "photos", ["flipped"]).run())

    assert stored(former) == set()
    assert [url.split("/")[-3] for url in stored(destination)] == ["gray"]
    assert list_columns(root, "photos") == ["gray"]
    assert not [key for key in kept(root) if "flipped" in key]
    assert len(removed) == 6, "two manifests, the work of one run, three files"


def test_a_table_goes_with_its_upload_log(root: CatalogRoot, former: str, destination: str) -> None:
    full_table(root, former, destination)
    put_column(root, destination, {"a": "1"}, table="photos/more")
    for table in ("photos", "photos/more"):
        mark_stale(root, table)

    list(Drop(root, STORAGE, "photos", None).run())

    assert (is_marked(root, "photos"), is_marked(root, "photos/more")) == (False, True)
    assert list_tables(root) == ["photos/more"]
    assert len(stored(destination)) == 1
    assert stored(former) == set()


def test_what_is_found_is_what_goes_and_finding_changes_nothing(
    root: CatalogRoot, former: str, destination: str
) -> None:
    full_table(root, former, destination)
    drop = Drop(root, STORAGE, "photos", None)

    found = [one.located.fileurl for folder in drop.find() for one in folder.all]

    assert [one.located.fileurl for one in drop.run()] == found
    assert list(drop.run()) == []


def test_a_drop_that_was_stopped_is_finished_by_doing_it_again(
    root: CatalogRoot, former: str, destination: str
) -> None:
    full_table(root, former, destination)
    begun = Drop(root, STORAGE, "photos", None).run()
    for _ in range(3):
        next(begun)

    list(Drop(root, STORAGE, "photos", None).run())

    assert kept(root) == []
    assert stored(former) | stored(destination) == set()


def test_files_that_another_table_uploaded_in_place_stay(
    root: CatalogRoot, destination: str
) -> None:
    manifest = put_column(root, destination, {"a": "1"})
    (fileurl,) = fileurls(manifest)
    log = UploadLog(root, "posters")
    log.append(log.refresh(), [Upload("a", fileurl, 1, "1", "q1")])

    list(Drop(root, STORAGE, "photos", None).run())

    assert stored(destination) == {fileurl}


def test_an_unknown_column_is_refused_with_the_known_ones(
    root: CatalogRoot, destination: str
) -> None:
    put_column(root, destination, {"a": "1"})

    with pytest.raises(UnknownNameError, match=r"'fliped'.*Did you mean 'flipped'"):
        Drop(root, STORAGE, "photos", ["fliped"])
