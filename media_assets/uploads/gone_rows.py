"""Which rows left a partition: they are still in its manifests, and in no view."""

from datetime import UTC, datetime

from media_assets.uploads.log import UploadLog

Gone = dict[str, dict[str, bool]]
"""By partition the rows that left it, and whether they were deleted: else they were replaced in a
newer partition."""

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def gone_rows(log: UploadLog, *, by: datetime = _END_OF_TIME) -> Gone:
    """Returns the rows that had left by a time and did not come back until now: a short list."""
    query = """
        select partition, row, bool_or(is_deleted) from gone join uploaded
        using (row, partition)
        where gone.entry >= uploaded.entry and gone.entry <= ? group by partition, row
    """
    found: Gone = {}
    for partition, row, is_deleted in log.query(query, [log.entry_at(by)]):
        found.setdefault(partition, {})[row] = is_deleted
    return found
