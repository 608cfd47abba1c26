"""Where a table looks for uploads, and what is recorded of those that it finds."""

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.partitioning import uploads_of
from media_assets.tables.listing import uploads_listing, uploads_location
from media_assets.tables.table import MediaTable
from media_assets.uploads.comparing import ByteLimit
from media_assets.uploads.folders import Found, find_files
from media_assets.uploads.listing import open_listing
from media_assets.uploads.log import UploadLog
from media_assets.uploads.named import find_listed
from media_assets.uploads.recording import Recorded, Recorder


def scan_uploads(manager: MediaIOManager, table: MediaTable, *, all_files: bool = False) -> Found:
    """Lists all of a table's uploads.

    What lies beside the folders of dated partitions is left alone, and counted.

    Raises:
        UploadError: The folder does not exist, or the location is a kind of storage that cannot
            be looked through.
    """
    listing = uploads_listing(manager, table)
    folder = uploads_location(manager, table).path
    found = (
        find_listed(listing, all_files=all_files)
        if folder is None
        else find_files([folder], all_files=all_files)
    )
    kept = tuple(u for u in found.uploads if not table.partitioning.is_stray(u.row))
    return Found(kept, found.left_alone + len(found.uploads) - len(kept))


def record_partition(manager: MediaIOManager, table: MediaTable, partition: str) -> Recorded:
    """Records what is in the uploads of one partition that a run over it finds by itself.

    A folder or prefix that does not exist holds no rows: a day without photos.

    Raises:
        DestinationError: The location cannot be understood.
        UploadError: It is a kind of storage that cannot be looked through.
    """
    root = uploads_location(manager, table)
    uploads = uploads_of(table.uploads or root.uri, partition)
    location = parse_destination(uploads, source=f"uploads of table {table.name!r}")
    if location.path is None:
        listing = open_listing(location, manager.storage, user=f"table {table.name!r}")
        below = location.prefix.removeprefix(root.prefix)
        return record(manager, table, find_listed(listing, below=below))
    if location.path.is_dir():
        return record(manager, table, find_files([location.path], relative_to=root.path))
    return Recorded()


def record(
    manager: MediaIOManager,
    table: MediaTable,
    found: Found,
    *,
    is_named: bool = False,
    replaces: bool = False,
    limit: ByteLimit | None = None,
    log: UploadLog | None = None,
) -> Recorded:
    """Records what is new, changed or moved among files; see `Recorder.record`."""
    recorder = Recorder(
        manager.catalog_root(),
        table.name,
        table.source.name,
        manager.reader,
        rows_per_partition=table.batch_rows,
        partition_of=table.partitioning.partition_of,
        change_time=table.change_time,
    )
    return recorder.record(found, is_named=is_named, replaces=replaces, limit=limit, log=log)
