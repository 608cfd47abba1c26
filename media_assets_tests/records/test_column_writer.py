"""The column writer: what it commits, what it takes over from killed runs, and what it counts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from media_assets.destinations import DecidedBy, ResolvedDestination, parse_destination
from media_assets.records.column_writer import ColumnWriter
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Record
from media_assets.stores.storage import Storage
from media_assets.values import ColumnType
from media_assets_tests.catalogs import NOON, failure, header, image, value

LATER = NOON + timedelta(hours=1)


def writer(
    root: CatalogRoot,
    *,
    destination: str | None = "/media/",
    column_type: ColumnType = ColumnType.IMAGE,
) -> ColumnWriter:
    resolved = None
    if destination is not None:
        resolved = ResolvedDestination(parse_destination(destination), DecidedBy.COLUMN)
    return ColumnWriter(root, header(type=column_type), resolved, Storage())


def stored(folder: Path, row: str, **values: object) -> Record:
    """A cell whose file is there."""
    path = folder / f"{row}.jpg"
    path.write_bytes(b"image")
    return image(row, path.as_uri(), size_bytes=5, **values)


def left_behind(root: CatalogRoot, *cells: Record) -> None:
    """Finishes cells in a run that dies before its commit."""
    killed = writer(root)
    for cell in cells:
        killed.add(cell, is_reused=False)
    killed.save_work()


def taken(heir: ColumnWriter, row: str) -> Record:
    """What stands in a row."""
    return heir.current_record(row) or pytest.fail(f"nothing stands in {row!r}")


def files(root: CatalogRoot) -> list[str]:
    return [file.key for file in root.store.list(root.destination.key("_work", ""))]


def test_what_was_added_is_committed(root: CatalogRoot, tmp_path: Path) -> None:
    cells = [stored(tmp_path, "a"), stored(tmp_path, "b"), failure("c")]
    made = writer(root)
    for cell in cells:
        made.add(cell, is_reused=False)

    committed = made.commit()

    assert list(committed.manifest.records.values()) == cells
    assert committed.manifest.number == 1
    assert (committed.made, committed.reused, committed.bytes_written) == (3, 0, 10)
    assert committed.destination is made.destination
    assert files(root) == []


def test_reused_cells_make_no_new_manifest(root: CatalogRoot, tmp_path: Path) -> None:
    first = writer(root)
    first.add(stored(tmp_path, "a"), is_reused=False)
    first.commit()
    again = writer(root)

    again.add(taken(again, "a"), is_reused=True)
    committed = again.commit()

    assert committed.manifest.number == 1
    assert (committed.made, committed.reused, committed.bytes_written) == (0, 1, 0)


def test_a_value_column_and_a_source_in_place_write_no_bytes(
    root: CatalogRoot, tmp_path: Path
) -> None:
    made = writer(root, destination=None)
    made.add(value("a", "0.5"), is_reused=False)
    made.add(stored(tmp_path, "b"), is_reused=False)

    committed = made.commit()

    assert (committed.made, committed.bytes_written, committed.destination) == (2, 0, None)


def test_what_a_killed_run_finished_is_taken_over(root: CatalogRoot, tmp_path: Path) -> None:
    left_behind(root, stored(tmp_path, "a"), stored(tmp_path, "b"), failure("c"))
    heir = writer(root)

    standing = [heir.current_record(row) for row in "abc"]
    for row in "ab":
        heir.add(taken(heir, row), is_reused=True)
    committed = heir.commit()

    assert None not in standing
    assert sorted(committed.manifest.records) == ["a", "b"]
    assert (committed.made, committed.reused) == (0, 2)
    assert files(root) == []


def test_an_equal_record_counts_as_taken_over_wherever_it_was(
    root: CatalogRoot, tmp_path: Path
) -> None:
    cell = stored(tmp_path, "a")
    left_behind(root, cell)
    heir = writer(root)

    heir.add(cell, is_reused=True)

    assert heir.commit().manifest.records == {"a": cell}


def test_what_is_taken_over_outlives_another_kill(root: CatalogRoot, tmp_path: Path) -> None:
    left_behind(root, stored(tmp_path, "a"))
    second = writer(root)
    second.add(taken(second, "a"), is_reused=True)
    second.add(stored(tmp_path, "b"), is_reused=False)
    second.save_work()

    third = writer(root)
    assert (taken(third, "a").row, taken(third, "b").row) == ("a", "b")


@pytest.mark.parametrize("committed", [False, True])
def test_what_a_killed_run_made_as_another_type_is_not_taken_over(
    root: CatalogRoot, *, committed: bool
) -> None:
    if committed:
        before = writer(root, column_type=ColumnType.INT)
        before.add(replace(value("a", "1"), written_at=NOON), is_reused=False)
        before.commit()
    killed = writer(root, column_type=ColumnType.STR)
    killed.add(replace(value("a", "2"), written_at=LATER), is_reused=False)
    killed.save_work()

    heir = writer(root, column_type=ColumnType.INT)
    standing = heir.current_record("a")
    heir.add(replace(value("a", "3"), written_at=LATER), is_reused=False)
    heir.commit()

    assert (standing and standing.value) == ("1" if committed else None)
    assert files(root) == []


@pytest.mark.parametrize("harm", ["deleted", "changed", "out of reach"])
def test_a_file_that_is_not_as_it_was_left_is_made_again(
    root: CatalogRoot, tmp_path: Path, harm: str
) -> None:
    cell = stored(tmp_path, "a")
    path = tmp_path / "a.jpg"
    if harm == "out of reach":
        cell = image("a", f"file://{path}/below-a-file.jpg", size_bytes=5)
    left_behind(root, cell)

    if harm == "deleted":
        path.unlink()
    elif harm == "changed":
        path.write_bytes(b"longer than before")

    assert writer(root).current_record("a") is None


def test_the_newer_of_two_records_of_a_row_wins(root: CatalogRoot, tmp_path: Path) -> None:
    made = writer(root)
    for row in "ab":
        made.add(stored(tmp_path, row, written_at=LATER), is_reused=False)
    made.commit()
    older = stored(tmp_path, "a", written_at=NOON)
    newer = stored(tmp_path, "b", written_at=LATER + timedelta(hours=1))
    left_behind(root, older, newer)

    heir = writer(root)

    assert taken(heir, "a").written_at == LATER
    assert heir.current_record("b") == newer


def test_rows_that_are_gone_leave_the_column(root: CatalogRoot, tmp_path: Path) -> None:
    first = writer(root)
    for row in "ab":
        first.add(stored(tmp_path, row), is_reused=False)
    first.commit()

    committed = writer(root).commit(gone={"a"})

    assert (committed.manifest.number, list(committed.manifest.records)) == (2, ["b"])


def test_the_loser_of_a_race_keeps_the_winners_rows(root: CatalogRoot, tmp_path: Path) -> None:
    winner, loser = writer(root), writer(root)
    winner.add(stored(tmp_path, "a"), is_reused=False)
    loser.add(stored(tmp_path, "b"), is_reused=False)
    winner.commit()

    committed = loser.commit()

    assert sorted(committed.manifest.records) == ["a", "b"]
    assert (committed.made, committed.manifest.number) == (1, 2)


def test_the_header_says_what_held_for_the_commit(root: CatalogRoot, tmp_path: Path) -> None:
    made = writer(root)
    made.add(stored(tmp_path, "a"), is_reused=False)

    head = made.commit().manifest.header

    assert (head.table, head.column, head.partition) == ("photos", "flipped", "p1")
    assert head.type is ColumnType.IMAGE
