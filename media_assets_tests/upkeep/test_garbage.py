"""What is garbage, and what never is."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from media_assets.destinations import parse_destination
from media_assets.records.known_destinations import note_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.records.work_records import WorkRecords
from media_assets.stores import staging_name
from media_assets.upkeep.retention import Retention
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import Upload
from media_assets_tests.catalogs import delete_rows, record_rows
from media_assets_tests.retentions import ONLY_CURRENT, tomorrow
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


def files_of(root: CatalogRoot, retention: Retention) -> list[str]:
    """The files, of no kind but stored ones, that would go."""
    return [url for folder in find(root, retention) for url in urls(folder.files)]


def manifests_of(root: CatalogRoot, retention: Retention) -> list[str]:
    return [url[-16:] for folder in find(root, retention) for url in urls(folder.manifests)]


def leave_work(root: CatalogRoot, destination: str) -> str:
    """Leaves the work of a run that was killed, and returns the fileurl of the file it wrote."""
    record = put_file(root, destination, "a", "unfinished")
    work = WorkRecords(root, "photos", "flipped", "p1")
    work.add(record, run_id="killed")
    work.flush(run_id="killed")
    return record.fileurl or ""


def test_nothing_of_a_table_as_it_stands_is_garbage(root: CatalogRoot, destination: str) -> None:
    put_column(root, destination, {"a": "1", "b": "2"})
    put_column(root, destination, {"c": "3"}, partition="p2")

    assert [list(folder.all) for folder in find(root, ONLY_CURRENT)] == [[], []]


def test_a_file_that_was_replaced_goes_with_the_last_manifest_that_names_it(
    root: CatalogRoot, destination: str
) -> None:
    first = put_column(root, destination, {"a": "1", "b": "2"})
    put_column(root, destination, {"a": "changed"})

    assert files_of(root, tomorrow(keep=2)) == manifests_of(root, tomorrow(keep=2)) == []
    assert files_of(root, tomorrow(keep=1)) == [first.records["a"].fileurl]
    assert manifests_of(root, tomorrow(keep=1)) == ["00000001.parquet"]


def test_a_file_that_no_manifest_ever_named_goes_after_its_grace(
    root: CatalogRoot, destination: str
) -> None:
    put_column(root, destination, {"a": "1"})
    orphan = put_file(root, destination, "a", "2")

    assert files_of(root, Retention()) == []
    assert files_of(root, tomorrow()) == [orphan.fileurl]


def test_files_of_a_run_that_was_killed_before_any_commit_are_found(
    root: CatalogRoot, destination: str
) -> None:
    orphan = put_file(root, destination, "a", "1")

    assert files_of(root, ONLY_CURRENT) == [orphan.fileurl]


def test_old_copies_at_a_former_destination_go(root: CatalogRoot, destination: str) -> None:
    former = put_column(root, destination, {"a": "1"})
    put_column(root, f"memory://{uuid4().hex}/", {"a": "1"})

    assert files_of(root, ONLY_CURRENT) == sorted(fileurls(former))


def test_one_bucket_by_two_names_is_one_place(root: CatalogRoot, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "files")
    put_column(root, str(tmp_path / "link"), {"a": "1"})
    note_destination(root, "photos", "flipped", "p1", parse_destination(str(tmp_path / "files")))

    assert files_of(root, ONLY_CURRENT) == []


def test_work_that_a_run_may_go_on_from_protects_its_files_for_the_grace(
    root: CatalogRoot, destination: str
) -> None:
    put_column(root, destination, {"b": "1"})
    unfinished = leave_work(root, destination)

    young = [folder for folder in find(root, Retention()) if list(folder.all)]
    (old,) = find(root, tomorrow())

    assert young == []
    assert urls(old.files) == [unfinished]
    assert len(old.work) == 1


def test_foreign_files_are_left_alone(root: CatalogRoot, destination: str) -> None:
    put_column(root, destination, {"a": "1"})
    store = root.store.__class__(parse_destination(destination).bucket)  # type: ignore[call-arg]
    for key in (
        "files/photos/flipped/p1/holiday.jpg",
        "files/photos/flipped/p1/deeper/a-0123456789abcdef.jpg",
        "files/photos/flipped/p9/a-0123456789abcdef.jpg",
        "files/photos/unknown/p1/a-0123456789abcdef.jpg",
        "files/a-0123456789abcdef.jpg",
    ):
        store.put(key, b"somebody else's")

    assert files_of(root, ONLY_CURRENT) == []


def test_our_own_file_that_another_table_uploaded_in_place_stays(
    root: CatalogRoot, destination: str
) -> None:
    former = put_column(root, destination, {"a": "1"})
    put_column(root, destination, {"a": "2"})
    (fileurl,) = fileurls(former)
    log = UploadLog(root, "posters")
    log.append(log.refresh(), [Upload("a", fileurl, 1, "1", "q1")])

    assert files_of(root, ONLY_CURRENT) == []


def test_gc_removes_a_deleted_row_from_the_newest_manifest_and_the_history(
    root: CatalogRoot, destination: str
) -> None:
    record_rows(root, "p1", ["a", "b"])
    put_column(root, destination, {"a": "1"})
    both = put_column(root, destination, {"b": "2"})
    delete_rows(root, ["b"])

    young, _ = find(root, Retention())
    old, _ = find(root, tomorrow())

    assert (young.gone, list(young.all)) == (frozenset(), [])
    assert old.gone == {"b"}
    assert urls(old.files) == [both.records["b"].fileurl]
    assert len(old.manifests) == 2, "history has no holes"


def test_a_row_that_moved_to_another_batch_stays_in_the_history(
    root: CatalogRoot, destination: str
) -> None:
    record_rows(root, "p1", ["a", "b"])
    put_column(root, destination, {"a": "1", "b": "2"})
    record_rows(root, "p2", ["b"])

    found, _ = find(root, tomorrow(keep=2))

    assert found.gone == {"b"}
    assert list(found.all) == []


def test_a_deleted_row_that_came_back_is_not_gone(root: CatalogRoot, destination: str) -> None:
    record_rows(root, "p1", ["a"])
    put_column(root, destination, {"a": "1"})
    delete_rows(root, ["a"])
    record_rows(root, "p1", ["a"])

    found, _ = find(root, ONLY_CURRENT)

    assert found.gone == frozenset()
    assert list(found.all) == []


def test_staged_files_of_killed_processes_go_in_destinations_and_in_the_catalog(
    tmp_path: Path,
) -> None:
    root = CatalogRoot.open(str(tmp_path / "catalog"))
    put_column(root, str(tmp_path / "files"), {"a": "1"})
    record_rows(root, "p1", ["a"])
    folders = [
        tmp_path / "files/photos/flipped/p1",
        tmp_path / "catalog/photos/flipped/p1",
        tmp_path / "catalog/photos/_uploads/_",
    ]
    staged = [folder / staging_name() for folder in folders]
    for path in staged:
        path.write_bytes(b"half a f")

    young = [url for folder in find(root, Retention()) for url in urls(folder.all)]
    old = [url for folder in find(root, ONLY_CURRENT) for url in urls(folder.staged)]

    assert young == []
    assert sorted(old) == sorted(path.as_uri() for path in staged)


def test_what_a_killed_trial_of_a_destination_left_there_is_found(
    root: CatalogRoot, destination: str
) -> None:
    record_rows(root, "p1", ["a"])
    put_column(root, destination, {"a": "1"})
    put_column(root, destination, {"a": "1"}, column="gray")
    place = parse_destination(destination)
    store = STORAGE.open(place)
    left = place.key(staging_name())
    store.put(left, b"does writing work?")

    assert collect_all(root, Retention()) == []
    assert collect_all(root, ONLY_CURRENT) == [store.fileurl(left)]


def test_an_unreachable_destination_is_reported_and_the_others_are_searched(
    root: CatalogRoot, destination: str
) -> None:
    put_column(root, destination, {"a": "1"})
    orphan = put_file(root, destination, "a", "2", partition="p2")
    unreachable = parse_destination("http://127.0.0.1:9/bucket/")
    note_destination(root, "photos", "flipped", "p1", unreachable)

    found = find(root, ONLY_CURRENT)

    assert [len(folder.faults) for folder in found] == [1, 0]
    assert urls(found[1].all) == [orphan.fileurl]


def test_a_table_whose_name_goes_on_is_another_table(root: CatalogRoot, destination: str) -> None:
    put_column(root, destination, {"a": "1"}, table="team")
    put_column(root, destination, {"a": "1"}, table="team/photos")
    put_column(root, destination, {"a": "2"}, table="team/photos")

    removed = collect_all(root, ONLY_CURRENT, table="team")

    assert removed == []
    assert len(collect_all(root, ONLY_CURRENT, table="team/photos")) == 2


def test_history_may_be_kept_by_its_age(root: CatalogRoot, destination: str) -> None:
    for content in "123":
        put_column(root, destination, {"a": content})

    assert manifests_of(root, tomorrow(keep=timedelta(days=30))) == []
    assert len(manifests_of(root, tomorrow(keep=timedelta(minutes=1)))) == 2
    assert len(stored(destination)) == 3
