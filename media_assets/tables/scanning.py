"""Scans of a table's uploads, and the recording of new ones."""

from dataclasses import replace

from media_assets.columns import declared_types
from media_assets.destinations import parse_fileurl
from media_assets.installation import Installation
from media_assets.row_names import DEFAULT, path_as_given
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import (
    own_files,
    table_reader,
    uploads_listing,
    uploads_location,
)
from media_assets.uploads.changes import ByteLimit
from media_assets.uploads.folders import Found, find_files, find_listed
from media_assets.uploads.left_alone import MISPLACED, LeftAlone
from media_assets.uploads.listing import open_listing
from media_assets.uploads.recording import Recorder, RecordingResult
from media_assets.uploads.stored_table import StoredTable
from media_assets.uploads.upload import Upload


def scan_uploads(
    installation: Installation, table: MediaTable, *, all_files: bool = False
) -> Found:
    """Lists all of a table's uploads.

    Files outside the folders of dated partitions are left alone, and counted.

    Raises:
        UploadError: The folder does not exist, or the location is a kind of storage that cannot
            be listed.
    """
    extensions = None if all_files else table.medium.extensions
    found = find_listed(uploads_listing(installation, table), extensions=extensions)
    kept: list[Upload] = []
    left_alone = LeftAlone()
    left_alone.add_all(found.left_alone)
    for upload in found.uploads:
        if table.partitioning.is_stray(upload.row):
            left_alone.add(MISPLACED, upload.row)
        else:
            kept.append(name_upload(installation, table, upload))
    return Found(tuple(kept), left_alone)


def name_upload(installation: Installation, table: MediaTable, upload: Upload) -> Upload:
    """Returns a file found in a table's uploads under its row name."""
    if table.naming == DEFAULT:
        return upload
    location = uploads_location(installation, table)
    path = path_as_given(str(location.path or location.uri), upload.row)
    return replace(upload, row=table.naming.row(upload.row, uri=upload.uri, path=path))


def placed_by_folder(installation: Installation, table: MediaTable, found: Found) -> Found:
    """Returns files that were named one by one, with those in the table's folders placed by folder.

    A file in a partition's folder belongs to that partition, however it was found.
    """
    if table.partitioning.folders is None:
        return found
    root = uploads_location(installation, table)
    places = (root.uri, root.storage_url(root.prefix))
    placed = (
        name_upload(
            installation,
            table,
            replace(upload, row=parse_fileurl(upload.uri)[1].removeprefix(root.prefix)),
        )
        if upload.uri.startswith(places)
        else upload
        for upload in found.uploads
    )
    return replace(found, uploads=tuple(placed))


def record_partition(
    installation: Installation, table: MediaTable, stored: StoredTable, partition: str
) -> RecordingResult:
    """Records the uploads of one partition when a run over it lists them itself.

    A folder or prefix that does not exist holds no rows, such as a day without photos.

    Raises:
        DestinationError: The location cannot be understood.
        UploadError: It is a kind of storage that cannot be listed, or the partition has no
            folder of its own.
    """
    root, folders = uploads_location(installation, table), table.partitioning.folders
    # Not parsed as text: percent and question signs are ordinary characters in a key.
    location = replace(root, prefix=root.prefix + (folders.folder(partition) if folders else ""))
    if location.path is None:
        listing = open_listing(location, installation.storage, user=f"table {table.name!r}")
        below = location.prefix.removeprefix(root.prefix)
        found = find_listed(listing, below=below, extensions=table.medium.extensions)
    elif location.path.is_dir():
        found = find_files(
            [location.path],
            extensions=table.medium.extensions,
            relative_to=root.path,
            follow_links=table.follow_links,
        )
    else:
        return RecordingResult()
    is_own = own_files(installation, table)
    named = tuple(
        name_upload(installation, table, upload)
        for upload in found.uploads
        if not is_own(upload.uri)
    )
    return record(installation, table, replace(found, uploads=named), stored=stored)


def record(
    installation: Installation,
    table: MediaTable,
    found: Found,
    *,
    is_named: bool = False,
    replaces: bool = False,
    limit: ByteLimit | None = None,
    stored: StoredTable | None = None,
    recorded: int = 0,
) -> RecordingResult:
    """Records new, changed and moved files; see `Recorder.record`.

    Entries that `stored` has read already are not read again.
    """
    recorder = Recorder(
        stored or stored_table(installation.catalog, table),
        table.source.name,
        table_reader(installation, table),
        rows_per_partition=table.rows_per_partition,
        partition_of=table.partitioning.partition_of,
        change_time=table.change_time,
        has_partition=table.partitioning.has,
        value_types=declared_types(table.values),
    )
    return recorder.record(
        found, is_named=is_named, replaces=replaces, limit=limit, recorded=recorded
    )
