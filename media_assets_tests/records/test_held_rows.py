"""Rows that one connection of DuckDB finds, and others read."""

import pytest

from media_assets.records.database import connect
from media_assets.records.held_rows import HeldRows

QUERY = """
    select 'row ' || n as row, if(n % 2 = 0, null, n) as entry, 'a "b"' as "values"
    from range({rows}) counted(n)
"""


@pytest.mark.parametrize("rows", [0, 3, 3_000])
def test_another_connection_reads_the_same_rows_however_many_they_are(rows: int) -> None:
    query = QUERY.format(rows=rows)
    with connect() as connection:
        held = HeldRows.of(connection.sql(query), rows=rows)
        found = connection.execute(query).fetchall()

    with connect() as other:
        held.show_in(other, 'the "rows"')
        held.show_in(other, 'the "rows"')
        read = other.execute('from "the ""rows"""').fetchall()
        types = [column[1] for column in other.description or ()]

    assert read == found
    assert [str(kind) for kind in types] == ["VARCHAR", "BIGINT", "VARCHAR"]
