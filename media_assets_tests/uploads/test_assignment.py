"""Batches: which upload goes where, by itself and over whole histories against a plain model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings, strategies as st

from media_assets.uploads.assignment import assign_partitions
from media_assets.uploads.log import LogPosition, UploadLog
from media_assets.uploads.upload import Upload
from media_assets_tests.catalogs import memory_root, upload

NOW = datetime(2026, 11, 22, 15, 13, 59, tzinfo=UTC)
ROWS_PER_PARTITION = 3
ROWS = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=8)
HISTORIES = st.lists(st.tuples(st.sampled_from(["insert", "insert", "delete"]), ROWS), max_size=10)


@dataclass
class Model:
    """What a table holds after a history, kept as simply as can be."""

    batches: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    newest: dict[str, Upload] = field(default_factory=dict[str, Upload])
    entries: int = 0

    def insert(self, rows: Sequence[str]) -> list[Upload]:
        """Puts each row where it belongs, and returns what has to be recorded."""
        self.entries += 1
        open_batch = list(self.batches)[-1] if self.batches else None
        filled = len(set(self.batches[open_batch])) if open_batch else ROWS_PER_PARTITION
        batch, placed = open_batch or "", list[Upload]()
        for row in rows:
            one, before = upload(row, version=str(self.entries)), self.newest.get(row)
            supersedes = before.partition if before else None
            if before is not None and before.partition == open_batch:
                placed.append(replace(one, partition=open_batch, supersedes=open_batch))
                continue
            if filled == ROWS_PER_PARTITION:
                batch, filled = f"20261122T1513-{len(self.batches) + 1:04d}", 0
                self.batches[batch] = []
            filled += 1
            placed.append(replace(one, partition=batch, supersedes=supersedes))
        for one in placed:
            self.batches[one.partition].append(one.row)
            self.newest[one.row] = one
        return placed

    def delete(self, rows: Sequence[str]) -> list[Upload]:
        """Forgets rows, and returns those that were there."""
        self.entries += 1
        return [self.newest.pop(row) for row in rows if row in self.newest]

    def held_by(self, batch: str) -> dict[str, Upload]:
        return {row: one for row, one in self.newest.items() if one.partition == batch}


def assign(
    uploads: Sequence[Upload],
    *,
    newest: Sequence[Upload] = (),
    open_batch: tuple[str, int] | None = None,
    rows_per_partition: int = 2,
    existing: Sequence[str] = (),
    now: datetime = NOW,
) -> list[Upload]:
    return assign_partitions(
        uploads,
        newest={one.row: one for one in newest},
        open_batch=open_batch,
        rows_per_partition=rows_per_partition,
        existing=existing,
        now=now,
    )


def test_batches_are_filled_in_order() -> None:
    assigned = assign([upload(name) for name in "edcba"])

    assert [(one.row, one.partition) for one in assigned] == [
        ("e", "20261122T1513-0001"),
        ("d", "20261122T1513-0001"),
        ("c", "20261122T1513-0002"),
        ("b", "20261122T1513-0002"),
        ("a", "20261122T1513-0003"),
    ]
    assert {one.supersedes for one in assigned} == {None}


def test_the_open_batch_is_filled_first() -> None:
    assigned = assign([upload(name) for name in "ab"], open_batch=("p1", 1), existing=["p1"])

    assert [one.partition for one in assigned] == ["p1", "20261122T1513-0001"]


def test_a_full_batch_takes_no_new_rows() -> None:
    assigned = assign([upload("a")], open_batch=("p1", 2), existing=["p1"])

    assert [one.partition for one in assigned] == ["20261122T1513-0001"]


def test_a_row_of_the_open_batch_is_replaced_there_even_when_it_is_full() -> None:
    standing = upload("a", "p1", supersedes="p0")

    assigned = assign(
        [upload("a", version="2")], newest=[standing], open_batch=("p1", 2), existing=["p1"]
    )

    assert assigned == [upload("a", "p1", version="2", supersedes="p1")]


def test_a_row_of_an_older_batch_moves_to_the_open_one() -> None:
    assigned = assign(
        [upload("a")], newest=[upload("a", "p1")], open_batch=("p2", 1), existing=["p1", "p2"]
    )

    assert assigned == [upload("a", "p2", supersedes="p1")]


def test_numbers_go_on_within_a_minute_and_begin_anew_in_the_next() -> None:
    existing = ["20261122T1513-0001", "20261122T1513-0002", "20261122T1512-0009"]

    same, later = (
        assign([upload("a")], existing=existing, now=now)[0].partition
        for now in (NOW, NOW + timedelta(seconds=1))
    )

    assert (same, later) == ("20261122T1513-0003", "20261122T1514-0001")


def test_a_minute_may_have_more_than_9999_batches() -> None:
    assigned = assign([upload(str(n)) for n in range(10_002)], rows_per_partition=1)

    assert len({one.partition for one in assigned}) == 10_002
    assert assigned[-1].partition == "20261122T1513-10002"


def test_batch_keys_are_in_utc_whatever_the_zone() -> None:
    now = NOW.astimezone(timezone(timedelta(hours=9)))

    assert assign([upload("a")], now=now)[0].partition == "20261122T1513-0001"


def test_nothing_but_the_place_of_an_upload_is_changed() -> None:
    given = upload("a", uri="https://host/a.jpg", size_bytes=7, version="etag")

    (assigned,) = assign([given])

    assert asdict(replace(assigned, partition="")) == asdict(given)


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_after_any_history_the_log_holds_what_a_plain_model_holds(
    history: list[tuple[str, list[str]]],
) -> None:
    model, log = Model(), UploadLog(memory_root(), "photos")
    for action, rows in history:
        position, existing = LogPosition(model.entries), list(model.batches)
        open_batch = (existing[-1], len(set(model.batches[existing[-1]]))) if existing else None
        if action == "delete":
            assert log.append(position, deletions=model.delete(rows))
            continue
        newest = {row: model.newest[row] for row in rows if row in model.newest}
        expected = model.insert(rows)
        assigned = assign_partitions(
            [upload(row, version=str(model.entries)) for row in rows],
            newest=newest,
            open_batch=open_batch,
            rows_per_partition=ROWS_PER_PARTITION,
            existing=existing,
            now=NOW,
        )
        assert assigned == expected
        assert log.append(position, assigned)

    assert log.partitions() == list(model.batches)
    assert log.newest_of("abcdefgh") == model.newest
    assert log.live().table.to_pylist() == [
        {"row": row, "partition": model.newest[row].partition, "values": None}
        for row in sorted(model.newest)
    ]
    for batch, recorded in model.batches.items():
        assert log.live_rows(batch) == model.held_by(batch)
        assert log.rows_recorded(batch) == len(set(recorded)) <= ROWS_PER_PARTITION
