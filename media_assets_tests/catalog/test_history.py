"""The catalog's past."""

from datetime import UTC, datetime, timedelta

import pytest

from media_assets.catalog import Catalog
from media_assets.errors import HistoryCollectedError, UnknownNameError
from media_assets.records.ledger import CatalogRoot
from media_assets_tests.catalogs import delete_rows, record_rows
from media_assets_tests.retentions import ONLY_CURRENT
from media_assets_tests.stored import collect_all, put_column

QUERY = "select row, flipped from photos order by row"


def lived_through(root: CatalogRoot, destination: str) -> list[datetime]:
    """Three states of a table, and when each had come about."""
    moments: list[datetime] = []
    record_rows(root, "p1", ["a", "b"])
    put_column(root, destination, {"a": "1", "b": "1"}, run_id="monday")
    moments.append(datetime.now(UTC))
    record_rows(root, "p1", ["a"])
    put_column(root, destination, {"a": "2"}, run_id="tuesday")
    record_rows(root, "p2", ["c"])
    put_column(root, destination, {"c": "1"}, partition="p2", run_id="wednesday")
    moments.append(datetime.now(UTC))
    delete_rows(root, ["b"])
    return moments


def shown(root: CatalogRoot, as_of: datetime | str | None = None) -> dict[str, object]:
    cells = Catalog(root).sql(QUERY, as_of=as_of)
    return dict(zip(cells["row"], cells["flipped"], strict=True))


def test_a_query_sees_rows_and_files_as_they_were_at_a_time(
    root: CatalogRoot, destination: str
) -> None:
    first, second = lived_through(root, destination)

    then, later, now = shown(root, first), shown(root, second), shown(root)

    assert list(then) == ["a", "b"]
    assert list(later) == ["a", "b", "c"]
    assert list(now) == ["a", "c"]
    assert then["a"] != later["a"] == now["a"]
    assert then["b"] == later["b"]


def test_a_query_sees_the_catalog_as_a_run_left_it(root: CatalogRoot, destination: str) -> None:
    first, _ = lived_through(root, destination)

    assert shown(root, "monday") == shown(root, first)
    assert list(shown(root, "tuesday")) == ["a", "b"]
    assert list(shown(root, "wednesday")) == ["a", "b", "c"]


def test_an_unknown_run_is_refused_with_the_known_ones(root: CatalogRoot, destination: str) -> None:
    lived_through(root, destination)

    with pytest.raises(UnknownNameError, match=r"no run 'sunday'.*monday, tuesday, wednesday"):
        shown(root, "sunday")


def test_before_the_first_upload_there_was_nothing(root: CatalogRoot, destination: str) -> None:
    lived_through(root, destination)

    rows = Catalog(root).sql(
        "select row from photos", as_of=datetime.now(UTC) - timedelta(days=365)
    )

    assert len(rows) == 0


def test_a_time_whose_manifests_were_collected_is_refused(
    root: CatalogRoot, destination: str
) -> None:
    first, second = lived_through(root, destination)
    collect_all(root, ONLY_CURRENT)

    with pytest.raises(HistoryCollectedError, match="photos/flipped in partition 'p1'"):
        shown(root, first)

    with pytest.raises(HistoryCollectedError):
        shown(root, second)
    assert list(shown(root, datetime.now(UTC))) == ["a", "c"]


def test_a_table_without_upload_log_has_a_past_too(root: CatalogRoot, destination: str) -> None:
    put_column(root, destination, {"a": "1"})
    moment = datetime.now(UTC)
    put_column(root, destination, {"b": "2"})

    assert list(shown(root, moment)) == ["a"]
    assert list(shown(root)) == ["a", "b"]


def test_the_history_says_which_run_wrote_which_version(
    root: CatalogRoot, destination: str
) -> None:
    lived_through(root, destination)

    lines = Catalog(root).sql(
        'select "table", "column", partition, number, run_id, rows, errors, size_bytes '
        "from media_assets.history order by committed_at"
    )

    assert lines.to_numpy().tolist() == [
        ["photos", "flipped", "p1", 1, "monday", 2, 0, 2],
        ["photos", "flipped", "p1", 2, "tuesday", 2, 0, 2],
        ["photos", "flipped", "p2", 1, "wednesday", 1, 0, 1],
    ]


def test_an_empty_catalog_has_an_empty_history(root: CatalogRoot) -> None:
    assert len(Catalog(root).sql("select * from media_assets.history")) == 0
