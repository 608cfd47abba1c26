"""Where a table looks for uploads, and what is recorded of those that it finds."""

from pathlib import Path

from media_assets.destinations import parse_destination
from media_assets.errors import UploadError
from media_assets.io_manager import MediaIOManager
from media_assets.partitioning import uploads_of, uploads_root
from media_assets.tables.table import MediaTable
from media_assets.uploads.recording import Found, Recorded, find_files, record_uploads


def scan_uploads(manager: MediaIOManager, table: MediaTable, *, all_files: bool = False) -> Found:
    """Lists all of a table's uploads.

    What lies beside the folders of dated partitions is left alone, and counted.

    Raises:
        UploadError: The uploads location is no existing folder.
    """
    folder = _folder(table, uploads_root(_location(manager, table)))
    if not folder.is_dir():
        raise UploadError(
            what=f"The uploads folder {str(folder)!r} of table {table.name!r} does not exist.",
            accepted="A local folder.",
            fix=f"Create it, or insert files by name: media-assets insert {table.name} FILE",
        )
    found = find_files([folder], all_files=all_files)
    kept = tuple(u for u in found.uploads if not table.partitioning.is_stray(u.row))
    return Found(kept, found.left_alone + len(found.uploads) - len(kept))


def record_partition(manager: MediaIOManager, table: MediaTable, partition: str) -> None:
    """Records what is in the uploads of one partition that a run over it finds by itself.

    A folder that does not exist holds no rows: a day without photos.
    """
    location = _location(manager, table)
    folder = _folder(table, uploads_of(location, partition))
    if folder.is_dir():
        root = _folder(table, uploads_root(location))
        record(manager, table, find_files([folder], relative_to=root))


def record(
    manager: MediaIOManager, table: MediaTable, found: Found, *, is_named: bool = False
) -> Recorded:
    """Records what is new or changed among files in the table's upload log.

    Files that somebody named bring deleted rows back; those that were only found do not.
    """
    return record_uploads(
        manager.catalog_root(),
        table.name,
        table.source.name,
        found,
        batch_rows=table.batch_rows,
        partition_of=table.partitioning.partition_of,
        is_named=is_named,
    )


def _location(manager: MediaIOManager, table: MediaTable) -> str:
    return table.uploads or str(manager.home.uploads(table.name))


def _folder(table: MediaTable, location: str) -> Path:
    folder = parse_destination(location, source=f"uploads of table {table.name!r}").path
    if folder is None:
        raise UploadError(
            what=f"The uploads {location!r} of table {table.name!r} are no local folder.",
            accepted="A local folder.",
            fix="Insert files by name, or name a folder.",
        )
    return folder
