"""Whether files are there and are what was recorded."""

from collections.abc import Callable
from dataclasses import asdict, replace
from math import inf
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.errors import ManifestFormatError
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record, commit_manifest, to_parquet
from media_assets.upkeep.verification import Trouble, Verified, verify
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.catalogs import (
    delete_rows,
    failure,
    header,
    record_rows,
    without_checksum,
)
from media_assets_tests.stored import STORAGE, put_column, stored


@pytest.fixture(params=["local", "memory"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "local" else f"memory://{uuid4().hex}/files/"


def look(root: CatalogRoot, *, sample: float = 0) -> Verified:
    """Looks at column `flipped` in partition `p1`."""
    table = StoredTable(root, "photos")
    (verified,) = verify(table, Reader(), ["flipped"], ["p1"], sample=sample)
    return verified


def troubles(verified: Verified) -> dict[str, Trouble]:
    return {problem.row: problem.trouble for problem in verified.problems}


def change(fileurl: str | None, content: bytes | None) -> None:
    """Overwrites a stored file, or deletes it."""
    store, key = STORAGE.store_of(fileurl or "")
    if content is None:
        store.delete([key])
    else:
        store.put(key, content)


def test_files_that_are_as_recorded_cause_no_problem(root: CatalogRoot, destination: str) -> None:
    put_column(root, destination, {"a": "1", "b": "2", "c": "3"})

    verified = look(root, sample=2)

    assert (verified.rows, verified.files, verified.digests) == (3, 3, 2)
    assert verified.problems == []


def test_a_missing_file_and_one_of_another_size_are_found_without_reading(
    root: CatalogRoot, destination: str
) -> None:
    records = put_column(root, destination, {"a": "1", "b": "2", "c": "3"}).records
    change(records["a"].fileurl, None)
    change(records["c"].fileurl, b"longer")

    verified = look(root)

    assert troubles(verified) == {"a": Trouble.MISSING, "c": Trouble.SIZE}
    assert all(problem.is_failure for problem in verified.problems)
    assert verified.digests == 0


def test_a_flipped_byte_is_found_by_reading_everything(root: CatalogRoot, destination: str) -> None:
    records = put_column(root, destination, {row: row for row in "abcdef"}).records
    change(records["d"].fileurl, b"D")

    assert troubles(look(root)) == {}
    assert troubles(look(root, sample=inf)) == {"d": Trouble.DIGEST}
    assert troubles(look(root, sample=100)) == {"d": Trouble.DIGEST}


def test_two_rows_that_share_a_file_are_both_named(root: CatalogRoot, destination: str) -> None:
    put_column(root, destination, {"x/a.jpg": "1", "y/a.jpg": "1"})
    (fileurl,) = stored(destination)
    change(fileurl, None)

    assert sorted(troubles(look(root))) == ["x/a.jpg", "y/a.jpg"]


def test_rows_that_left_the_table_are_not_looked_for(root: CatalogRoot, destination: str) -> None:
    record_rows(root, "p1", ["a", "b", "c"])
    records = put_column(root, destination, {"a": "1", "b": "2", "c": "3"}).records
    delete_rows(root, ["a"])
    record_rows(root, "p2", ["b"])
    for row in "ab":
        change(records[row].fileurl, None)

    verified = look(root)

    assert (verified.rows, verified.files, verified.problems) == (1, 1, [])


@pytest.mark.parametrize(
    ("spoil", "trouble"),
    [
        (Path.unlink, Trouble.SOURCE_GONE),
        (lambda path: path.write_bytes(b"another one"), Trouble.SOURCE_CHANGED),
    ],
)
def test_missing_or_changed_uploads_are_reported_and_are_not_a_failure(
    root: CatalogRoot, tmp_path: Path, spoil: Callable[[Path], object], trouble: Trouble
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"1")
    head = replace(header(), destination=None)
    record = Record("a", path.as_uri(), "0" * 64, 1)
    commit_manifest(
        root.ledger("photos", "flipped", "p1"),
        head,
        {"a": record, "b": Record("b", "https://example.com/b.jpg", "1" * 64, 1)},
        base=None,
    )
    spoil(path)

    (problem,) = look(root, sample=inf).problems

    assert (problem.row, problem.trouble, problem.is_failure) == ("a", trouble, False)


def test_error_rows_are_counted(root: CatalogRoot) -> None:
    ledger = root.ledger("photos", "flipped", "p1")
    commit_manifest(ledger, header(), {"a": failure("a")}, base=None)

    verified = look(root)

    assert (verified.rows, [record.row for record in verified.errors]) == (1, ["a"])
    assert verified.files == 0


def test_a_manifest_of_an_older_version_is_read_and_its_damage_is_found(root: CatalogRoot) -> None:
    ledger = root.ledger("photos", "flipped", "p1")
    older = without_checksum(to_parquet({}, [failure("a"), failure("b")]), asdict(header()))
    ledger.store.put(ledger.key(1), older)

    assert [record.row for record in look(root).errors] == ["a", "b"]

    place = older.index(b"too dark")
    ledger.store.put(ledger.key(1), older[:place] + b"T" + older[place + 1 :])
    with pytest.raises(ManifestFormatError):
        look(root)


def test_a_partition_without_a_manifest_has_nothing_to_verify(root: CatalogRoot) -> None:
    assert look(root) == Verified("flipped", "p1")
