"""What is new to a table: files that its upload log does not know like this, and due partitions."""

from collections.abc import Sequence
from dataclasses import dataclass

from media_assets.uploads.log import Upload, UploadLog

Position = tuple[int, str]
"""A place among partitions in the order of their newest entries: the entry, and the partition."""


@dataclass(frozen=True, slots=True)
class News:
    """A file that the log does not know like this.

    Attributes:
        upload: The file.
        is_known: Whether the log knows another version of it.
    """

    upload: Upload
    is_known: bool


def news_among(log: UploadLog, uploads: Sequence[Upload]) -> list[News]:
    """Returns those files that were never recorded, or have changed since, in their order.

    A file counts as known by what was last recorded of itself, whatever became of its row since:
    a row that was deleted, or replaced by an insert from elsewhere, does not come back because its
    old file still lies there.
    """
    query = """
        select uri, arg_max(size_bytes, entry), arg_max(version, entry) from log
        semi join (select unnest($1::varchar[]) as row, unnest($2::varchar[]) as uri)
        using (row, uri) where row between $3 and $4 group by uri
    """
    rows, uris = [upload.row for upload in uploads], [upload.uri for upload in uploads]
    # Files are looked at in the order of their names, and mostly were recorded in it: the range
    # spares reading the segments of the log that hold other names.
    bounds = min(rows, default=""), max(rows, default="")
    known = {uri: facts for uri, *facts in log.query(query, [rows, uris, *bounds])}
    return [
        News(upload, upload.uri in known)
        for upload in uploads
        if known.get(upload.uri) != [upload.size_bytes, upload.version]
    ]


def record_touched(log: UploadLog, uploads: Sequence[Upload]) -> None:
    """Records that these files have new versions, so that they are news no longer.

    Their rows hold the same content already, or were deleted with it.
    """
    rows = [upload.row for upload in uploads]
    version = {upload.row: upload for upload in uploads}
    while True:
        position = log.refresh()
        standing = [_as_now(u, version[u.row]) for u in log.newest_of(rows).values()]
        if not standing or log.append_touched(position, standing):
            break
    while True:
        position = log.refresh()
        deleted = [_as_now(u, version[u.row]) for u in log.deleted(rows).values()]
        if not deleted or log.append_deletions(position, deleted):
            break


def due_partitions(log: UploadLog, after: Position) -> list[Position]:
    """Returns the partitions that got uploads after a position, in the order of their entries."""
    query = """
        select entry, partition from (
            select max(entry) as entry, partition from log where action = 'upload'
            group by partition
        ) where (entry, partition) > ($1, $2) order by entry, partition
    """
    return [(entry, partition) for entry, partition in log.query(query, list(after))]


def _as_now(recorded: Upload, found: Upload) -> Upload:
    """What was recorded of a row, in the version of the file of now."""
    facts = (recorded.partition, recorded.supersedes, recorded.digest)
    return Upload(found.row, found.uri, found.size_bytes, found.version, *facts)
