"""A long upload log: every hundred entries are one file more, and reading takes few files."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.errors import ManifestFormatError, StoreFullError
from media_assets.records.ledger import CatalogRoot
from media_assets.stores.memory import MemoryStore
from media_assets.stores.protocol import CHUNK_BYTES
from media_assets.uploads.entries import SEGMENT_ENTRIES
from media_assets.uploads.log import UploadLog
from media_assets_tests.catalogs import memory_root, record_rows, upload

ROWS = 2 * SEGMENT_ENTRIES + 3


class _CountingStore(MemoryStore):
    """Counts what is read, and can be full."""

    def __init__(self) -> None:
        super().__init__(uuid4().hex)
        self.read: list[str] = []
        self.is_full_for = "nothing"

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        self.read.append(key)
        return super().stream(key, chunk_bytes)

    def create(self, key: str, data: bytes) -> None:
        if self.is_full_for in key:
            raise StoreFullError(key, action="write", reason="no room")
        super().create(key, data)


def fill(root: CatalogRoot, rows: int = ROWS) -> None:
    log = UploadLog(root, "photos")
    for number in range(rows):
        assert log.append(log.refresh(), [upload(f"r{number:03d}", f"p{number // 50}")])


def live_rows(root: CatalogRoot) -> list[str]:
    log = UploadLog(root, "photos")
    log.refresh()
    return log.live().table.column("row").to_pylist()


def names(root: CatalogRoot) -> Iterator[str]:
    prefix = root.upload_ledger("photos").prefix
    return (file.key.removeprefix(prefix) for file in root.store.list(prefix))


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    return CatalogRoot.open(str(tmp_path)) if request.param == "local" else memory_root()


def test_every_hundred_entries_get_a_segment_and_nothing_is_lost(root: CatalogRoot) -> None:
    fill(root)

    segments = [name for name in names(root) if name.startswith("segment-")]
    assert segments == ["segment-00000100.parquet", "segment-00000200.parquet"]
    assert live_rows(root) == [f"r{number:03d}" for number in range(ROWS)]


def test_a_long_log_is_read_from_its_segments() -> None:
    store = _CountingStore()
    root = CatalogRoot(store, memory_root().destination)
    fill(root)
    store.read.clear()

    assert len(live_rows(root)) == ROWS

    assert len(store.read) == 2 + 3


def test_without_its_segments_a_log_is_the_same_and_the_next_append_makes_one(
    root: CatalogRoot,
) -> None:
    fill(root)
    prefix = root.upload_ledger("photos").prefix
    root.store.delete([prefix + name for name in names(root) if name.startswith("segment-")])

    assert len(live_rows(root)) == ROWS
    record_rows(root, "p9", ["new"])

    assert [name for name in names(root) if name.startswith("segment-")] == [
        "segment-00000100.parquet"
    ]
    assert live_rows(root) == ["new", *(f"r{number:03d}" for number in range(ROWS))]


def test_an_entry_whose_segment_finds_no_room_is_recorded_all_the_same() -> None:
    store = _CountingStore()
    root = CatalogRoot(store, memory_root().destination)
    store.is_full_for = "segment-"

    fill(root, SEGMENT_ENTRIES + 3)

    assert len(live_rows(root)) == SEGMENT_ENTRIES + 3


def test_an_earlier_log_takes_no_later_segment(root: CatalogRoot) -> None:
    fill(root, SEGMENT_ENTRIES - 1)
    log = UploadLog(root, "photos")
    log.refresh()
    position = log.refresh()
    log.append(position, [upload("last", "p1")])

    earlier = log._entries.until(position.entry)

    assert earlier.newest == SEGMENT_ENTRIES - 1
    assert len(live_rows(root)) == SEGMENT_ENTRIES


def test_a_damaged_segment_is_refused_by_its_name(root: CatalogRoot) -> None:
    fill(root, SEGMENT_ENTRIES)
    key = f"{root.upload_ledger('photos').prefix}segment-00000100.parquet"
    root.store.put(key, b"PAR1 no more")

    with pytest.raises(ManifestFormatError, match=r"segment-00000100\.parquet"):
        live_rows(root)
