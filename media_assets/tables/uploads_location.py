"""The uploads location of a table, and its listing."""

from pathlib import Path

from media_assets.destinations import Destination, parse_destination
from media_assets.errors import UploadError
from media_assets.installation import Installation
from media_assets.reading import Reader
from media_assets.storage_sources import note_sources
from media_assets.tables.table import MediaTable
from media_assets.uploads.listing import Listing, open_listing


def uploads_location(installation: Installation, table: MediaTable) -> Destination:
    """Returns the location of a table's uploads, of all its partitions together.

    Raises:
        DestinationError: The location cannot be understood.
    """
    uploads = table.partitioning.uploads or str(installation.home.uploads(table.name))
    return parse_destination(uploads, source=f"uploads of table {table.name!r}")


def missing_folder(installation: Installation, table: MediaTable) -> Path | None:
    """Returns the folder of a table's uploads if it does not exist; otherwise None."""
    folder = uploads_location(installation, table).path
    return folder if folder is not None and not folder.is_dir() else None


def uploads_listing(
    installation: Installation, table: MediaTable, *, follow_links: bool = False
) -> Listing:
    """Returns the listing of a table's uploads; nothing is requested yet.

    Args:
        installation: Provides access to the uploads.
        table: The table.
        follow_links: Follow links in a folder wherever they lead, even if the table does not.

    Raises:
        UploadError: The folder does not exist, or the location is a kind of storage that cannot
            be listed.
    """
    if folder := missing_folder(installation, table):
        raise UploadError(
            what=f"The uploads folder {str(folder)!r} of table {table.name!r} does not exist.",
            accepted="A local folder, or a prefix such as s3://bucket/uploads/.",
            fix=f"Create it, or insert files by name: media-assets insert {table.name} FILE",
        )
    location = uploads_location(installation, table)
    return open_listing(
        location,
        installation.storage,
        user=f"table {table.name!r}",
        follow_links=follow_links or table.follow_links,
    )


def table_reader(installation: Installation, table: MediaTable) -> Reader:
    """Returns the reader of a table's sources; https addresses below its prefixes are storage.

    The catalog notes these prefixes for readers that do not have the table.

    Raises:
        DestinationError: The location of the uploads cannot be understood.
        StoreFaultError: The catalog's storage fails.
    """
    table = table.root
    prefixes = (uploads_location(installation, table), *table.storage_sources)
    root = installation.catalog
    note_sources(root.store, root.destination, prefixes)
    return installation.reader.with_sources(*prefixes)
