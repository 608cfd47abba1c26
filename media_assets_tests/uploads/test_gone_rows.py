"""Which rows left a partition."""

from datetime import UTC, datetime

from media_assets.records.ledger import CatalogRoot
from media_assets.uploads.gone_rows import find_gone_rows
from media_assets.uploads.log import UploadLog
from media_assets_tests.catalogs import delete_rows, memory_root, record_rows


def log_of(root: CatalogRoot) -> UploadLog:
    log = UploadLog(root, "photos")
    log.refresh()
    return log


def test_rows_that_were_replaced_elsewhere_or_deleted_left_their_partition() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b", "c"])
    record_rows(root, "p2", ["b"])
    delete_rows(root, ["b", "c"])

    assert find_gone_rows(log_of(root)) == {"p1": {"b": False, "c": True}, "p2": {"b": True}}


def test_a_row_that_came_back_is_not_gone() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    delete_rows(root, ["a"])
    record_rows(root, "p1", ["a"])

    assert find_gone_rows(log_of(root)) == {}


def test_rows_that_left_later_do_not_count_yet() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a", "b"])
    delete_rows(root, ["a"])
    moment = datetime.now(UTC)
    delete_rows(root, ["b"])

    assert find_gone_rows(log_of(root), by=moment) == {"p1": {"a": True}}
    assert find_gone_rows(log_of(root), by=datetime.min.replace(tzinfo=UTC)) == {}
