"""Uploads: what files and folders give, and what an insert makes of them."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from media_assets.errors import UploadError
from media_assets.records.ledger import CatalogRoot
from media_assets.uploads.folders import Found, find_files
from media_assets.uploads.log import LogPosition, UploadLog
from media_assets.uploads.recording import RecordingResult
from media_assets.uploads.upload import Upload
from media_assets_tests.catalogs import (
    commit,
    delete_rows,
    header,
    image,
    recorder,
    upload,
)
from media_assets_tests.stores.processes import race
from media_assets_tests.uploads.given_files import rows, write


def insert(
    root: CatalogRoot, *paths: Path, rows_per_partition: int = 100, is_named: bool = False
) -> RecordingResult:
    found = find_files(paths)
    return recorder(root, rows=rows_per_partition).record(found, is_named=is_named)


def log_of(root: CatalogRoot) -> UploadLog:
    log = UploadLog(root, "photos")
    log.refresh()
    return log


def live(root: CatalogRoot) -> dict[str, list[str]]:
    """The rows of each partition."""
    log = log_of(root)
    return {partition: sorted(log.live_rows(partition)) for partition in log.partitions()}


def materialize_source(root: CatalogRoot, found: Found) -> None:
    """Commits what a run over the source column would."""
    for row, standing in log_of(root).newest_of(rows(found)).items():
        content = Path(unquote_to_bytes(standing.uri.removeprefix("file://")).decode()).read_bytes()
        digest = sha256(content).hexdigest()
        cell = image(row, standing.uri, digest=digest, input_digest=standing.identity)
        commit(root, header("source_image", standing.partition), [cell])


def touch(path: Path) -> None:
    """Gives a file another time of change."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def insert_each(location: str, name: str) -> list[int]:
    """Inserts five files one by one, and returns how many were new in each."""
    root = CatalogRoot.open(location)
    folder = Path(location).parent / name
    folder.mkdir()
    counts: list[int] = []
    for number in range(5):
        (path,) = write(folder, f"{name}-{number}.jpg")
        counts.append(insert(root, path, rows_per_partition=3).new)
    return counts


def test_new_rows_fill_batches_and_the_open_one_takes_the_next(
    folder: Path, root: CatalogRoot
) -> None:
    write(folder, *[f"{n}.jpg" for n in range(5)])
    first = insert(root, folder, rows_per_partition=2)
    second = insert(root, *write(folder, "5.jpg"), rows_per_partition=2)

    partitions = log_of(root).partitions()
    assert (first.new, first.replaced, first.unchanged) == (5, 0, 0)
    assert first.partitions == tuple(partitions) == tuple(sorted(partitions))
    assert second.partitions == (partitions[-1],)
    assert list(live(root).values()) == [
        ["0.jpg", "1.jpg"],
        ["2.jpg", "3.jpg"],
        ["4.jpg", "5.jpg"],
    ]


def test_an_insert_again_changes_nothing_and_names_the_partitions_of_its_rows(
    folder: Path, root: CatalogRoot
) -> None:
    write(folder, "a.jpg", "b.jpg", "c.jpg")
    first = insert(root, folder, rows_per_partition=2)

    again = insert(root, folder, rows_per_partition=2)
    one = insert(root, folder / "a.jpg", rows_per_partition=2)

    assert again == RecordingResult(unchanged=3, partitions=first.partitions)
    assert one == RecordingResult(unchanged=1, partitions=first.partitions[:1])
    assert log_of(root).refresh() == LogPosition(1)


def test_a_changed_file_replaces_its_row_in_the_open_batch(folder: Path, root: CatalogRoot) -> None:
    path, _ = write(folder, "a.jpg", "b.jpg")
    first = insert(root, folder)
    path.write_bytes(b"other content")

    again = insert(root, folder)

    assert again == RecordingResult(replaced=1, unchanged=1, partitions=first.partitions)
    assert list(live(root).values()) == [["a.jpg", "b.jpg"]]
    assert log_of(root).newest_of(["a.jpg"])["a.jpg"].size_bytes == len(b"other content")


def test_a_changed_file_of_a_full_batch_moves_to_a_newer_one(
    folder: Path, root: CatalogRoot
) -> None:
    path, _, _ = write(folder, "a.jpg", "b.jpg", "c.jpg")
    first = insert(root, folder, rows_per_partition=2)
    path.write_bytes(b"other content")

    again = insert(root, path, rows_per_partition=2)

    assert again == RecordingResult(replaced=1, partitions=first.partitions[1:])
    assert list(live(root).values()) == [["b.jpg"], ["a.jpg", "c.jpg"]]


def test_a_copy_elsewhere_moves_its_row_which_stays_where_it_is(
    folder: Path, root: CatalogRoot
) -> None:
    write(folder, "x/a.jpg", "y/a.jpg")
    first = insert(root, folder / "x", rows_per_partition=1)
    insert(root, *write(folder, "b.jpg"), rows_per_partition=1)

    again = insert(root, folder / "y", rows_per_partition=1)

    assert again == RecordingResult(moved=1, partitions=first.partitions)
    (held,) = log_of(root).live_rows(first.partitions[0]).values()
    assert held.uri == (folder / "y" / "a.jpg").as_uri()


@pytest.mark.parametrize("is_same", [True, False])
def test_a_touched_file_is_compared_by_its_content(
    folder: Path,
    root: CatalogRoot,
    is_same: bool,  # noqa: FBT001  the case
) -> None:
    (path,) = write(folder, "ä b.jpg")
    insert(root, path)
    materialize_source(root, find_files([path]))
    path.write_bytes(path.read_bytes() if is_same else path.read_bytes()[::-1])
    touch(path)

    again = insert(root, path)

    assert (again.replaced, again.unchanged) == ((0, 1) if is_same else (1, 0))


def test_a_touched_file_that_was_never_read_counts_as_changed(
    folder: Path, root: CatalogRoot
) -> None:
    (path,) = write(folder, "a.jpg")
    insert(root, path)
    touch(path)

    assert insert(root, path).replaced == 1


def test_an_object_with_a_new_version_is_recorded_unread_as_changed(root: CatalogRoot) -> None:
    versions = [upload("a.jpg", uri="s3://bucket/a.jpg", version=version) for version in "12"]
    recorded = []
    for one in versions:
        found = Found((one,))
        recorded.append(recorder(root, rows=9).record(found))
        cell = image("a.jpg", "s3://bucket/a.jpg", digest=None, error_class="TooDark")
        commit(root, header("source_image", recorded[-1].partitions[0]), [cell])

    assert [one.changed for one in recorded] == [0, 1]


def test_a_deleted_row_stays_deleted_until_its_file_changes_or_is_named(
    folder: Path, root: CatalogRoot
) -> None:
    path, _ = write(folder, "a.jpg", "b.jpg")
    insert(root, folder)
    delete_rows(root, ["a.jpg", "b.jpg"])
    path.write_bytes(b"other content")

    scanned = insert(root, folder)
    after_scan = list(live(root).values())
    named = insert(root, folder, is_named=True)

    assert (scanned.new, scanned.replaced, named.new) == (1, 0, 1)
    assert after_scan == [["a.jpg"]]
    assert list(live(root).values()) == [["a.jpg", "b.jpg"]]


def test_an_insert_of_nothing_records_nothing(folder: Path, root: CatalogRoot) -> None:
    assert insert(root, folder) == RecordingResult()
    assert log_of(root).refresh() == LogPosition(0)


def test_an_insert_is_one_entry_however_many_batches_it_fills(
    folder: Path, root: CatalogRoot
) -> None:
    write(folder, *[f"{n}.jpg" for n in range(20)])

    insert(root, folder, rows_per_partition=3)

    assert log_of(root).refresh() == LogPosition(1)


def test_rows_move_if_the_partition_rule_changes(folder: Path, root: CatalogRoot) -> None:
    path, _ = write(folder, "2026/a.jpg", "2027/b.jpg")

    def record(places: dict[str, str]) -> RecordingResult:
        rules = recorder(root, partition_of=lambda row: places[row[:4]])
        return rules.record(find_files([folder]))

    first = record({"2026": "2026", "2027": "2027"})
    path.write_bytes(b"other content")
    second = record({"2026": "old", "2027": "never asked"})

    assert first.partitions == ("2026", "2027")
    assert second == RecordingResult(replaced=1, unchanged=1, partitions=("2027", "old"))
    assert live(root) == {"2026": [], "2027": ["2027/b.jpg"], "old": ["2026/a.jpg"]}


def test_a_rule_that_fails_records_nothing(folder: Path, root: CatalogRoot) -> None:
    write(folder, "a.jpg", "b.jpg")

    def partition_of(row: str) -> str:
        if row == "b.jpg":
            raise UploadError(what="No.", accepted="", fix="")
        return "p1"

    with pytest.raises(UploadError, match="No"):
        recorder(root, partition_of=partition_of).record(find_files([folder]))

    assert log_of(root).refresh() == LogPosition(0)


def test_inserts_from_many_threads_lose_nothing(folder: Path, root: CatalogRoot) -> None:
    paths = write(folder, *[f"{n:02d}.jpg" for n in range(12)])

    with ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(lambda path: insert(root, path, rows_per_partition=5), paths))

    batches = live(root)
    assert sum(one.new for one in recorded) == 12
    assert sorted(row for batch in batches.values() for row in batch) == [p.name for p in paths]
    assert [len(batch) for batch in batches.values()] == [5, 5, 2]


def test_two_inserts_of_the_same_files_make_each_row_once(folder: Path, root: CatalogRoot) -> None:
    write(folder, *[f"{n:02d}.jpg" for n in range(10)])

    with ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(lambda _: insert(root, folder, rows_per_partition=4), range(4)))

    assert sorted(one.new for one in recorded) == [0] * 3 + [10]
    assert {one.partitions for one in recorded} == {tuple(log_of(root).partitions())}


def test_inserts_from_two_processes_lose_nothing(tmp_path: Path) -> None:
    location = tmp_path / "catalog"

    counts = race(insert_each, str(location))

    batches = live(CatalogRoot.open(str(location)))
    assert counts == {"a": [1] * 5, "b": [1] * 5}
    assert sorted(row for batch in batches.values() for row in batch) == sorted(
        f"{name}-{number}.jpg" for name in "ab" for number in range(5)
    )
    assert [len(batch) for batch in batches.values()] == [3, 3, 3, 1]


def test_an_azure_file_is_one_upload_under_any_scheme(
    root: CatalogRoot,
) -> None:
    host = "one.blob.core.windows.net"
    listed = Upload("a b.jpg", f"https://{host}/photos/in/a%20b.jpg", 3, "etag")
    named = replace(listed, uri=f"az://photos@{host}/in/a b.jpg")
    recorder(root, rows=10).record(Found((listed,)))

    again = recorder(root, rows=10).record(Found((named,)), is_named=True)

    assert (again.unchanged, again.new, again.moved, again.replaced) == (1, 0, 0, 0)
    held = log_of(root).live_rows(again.partitions[0])["a b.jpg"]
    assert held.uri == named.uri
    assert held.identity == listed.identity


def test_a_named_object_too_long_to_compare_counts_as_different(root: CatalogRoot) -> None:
    first, again = (
        upload("a.tif", uri="s3://bucket/a.tif", size_bytes=2**30, version=version)
        for version in "12"
    )
    recorded = recorder(root).record(Found((first,)), is_named=True)
    cell = image("a.tif", first.uri, input_digest=first.identity)
    commit(root, header("source_image", recorded.partitions[0]), [cell])

    assert recorder(root).record(Found((again,)), is_named=True).replaced == 1
