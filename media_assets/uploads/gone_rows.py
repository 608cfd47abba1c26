"""Rows that left a partition: its manifests still have them, but no view shows them."""

from datetime import UTC, datetime
from typing import Protocol

from media_assets.records.database import connect
from media_assets.uploads.live_rows import LiveRows
from media_assets.uploads.log import UploadLog

Gone = dict[str, dict[str, bool]]
"""The rows that left each partition, and whether they were deleted rather than replaced in a newer
partition."""

_QUERY = """
    with gone as (
        select row, supersedes as partition, entry, false as is_deleted from log
        where action = 'upload' and supersedes not in ('', partition)
        union all select row, partition, entry, true from log where action = 'delete'
    ),
    uploaded as (
        select row, partition, max(entry) as entry from log semi join gone using (row, partition)
        where action = 'upload' group by row, partition
    )
    select partition, row, bool_or(is_deleted) from gone join uploaded using (row, partition)
    where gone.entry >= uploaded.entry and gone.entry <= ? group by partition, row
"""
_PARTS_QUERY = """
    select partition, row, "values"::json ->> '$.parent'
    from everything anti join live using (row, partition)
    where try_cast(version as bigint) <= ?
"""
"""A part of content that its parent got later had not left by then."""
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def find_gone_rows(log: UploadLog, *, by: datetime = END_OF_TIME) -> Gone:
    """Returns the rows that had left by a time and have not come back, usually few."""
    found: Gone = {}
    for partition, row, is_deleted in log.query(_QUERY, [log.entry_at(by)]):
        found.setdefault(partition, {})[row] = is_deleted
    return found


class Parents(Protocol):
    """The rows that others are parts of."""

    def gone_rows(self, *, by: datetime) -> Gone:
        """The rows that had left by a time."""
        ...

    def entry_at(self, moment: datetime) -> int:
        """The number of the newest entry of their log at a time."""
        ...

    def live_at(self, moment: datetime) -> LiveRows:
        """The rows as they were at a time."""
        ...


def find_gone_parts(log: UploadLog, parents: Parents, *, by: datetime) -> Gone:
    """Returns the parts of rows that had left by a time, or had other content by then.

    No run has recorded since that they are gone.
    """
    everything = log.live()
    found: Gone = {}
    with connect() as connection:
        everything.make_view(connection, "everything")
        everything.below(parents.live_at(by)).make_view(connection, "live")
        rows = connection.execute(_PARTS_QUERY, [parents.entry_at(by)]).fetchall()
    deleted = parents.gone_rows(by=by) if rows else {}
    for partition, row, parent in rows:
        found.setdefault(partition, {})[row] = deleted.get(partition, {}).get(parent, False)
    return found
