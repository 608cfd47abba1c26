"""Connections to DuckDB, which share nothing but the time to make them."""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from media_assets.records.database import connect, quote_name, quote_text


def test_a_temporary_view_is_its_connections_own() -> None:
    with connect() as first, connect() as second:
        first.execute("create temp view numbers as select 1 as n")

        with pytest.raises(duckdb.CatalogException, match="numbers"):
            second.execute("from numbers")
        assert first.execute("from numbers").fetchall() == [(1,)]


def test_many_threads_have_connections_at_once() -> None:
    def answer(number: int) -> int:
        with connect() as connection:
            connection.execute(f"create temp view numbers as select {number} as n")
            return connection.execute("from numbers").fetchall()[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(answer, range(50))) == list(range(50))


def test_queries_may_be_held_to_one_thread() -> None:
    with connect(threads=1) as connection:
        assert connection.execute("select current_setting('threads')").fetchall() == [(1,)]


@pytest.mark.parametrize("text", ["a", "it's", 'say "x"', "a\nb", "'; drop table x; --", ""])
def test_any_text_can_be_quoted(text: str) -> None:
    with connect() as connection:
        found = connection.execute(f"select {quote_text(text)} as {quote_name(text or 'empty')}")

        assert found.description[0][0] == (text or "empty")
        assert found.fetchall() == [(text,)]
