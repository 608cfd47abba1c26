"""The uploads location of a table, and its listing."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from media_assets.columns import Column, ComputedColumn
from media_assets.destinations import Destination, parse_destination
from media_assets.errors import DestinationError, UploadError
from media_assets.file_keys import column_prefix
from media_assets.installation import Installation
from media_assets.reading import Reader
from media_assets.records.files_of_columns import FilesOfColumns
from media_assets.storage_sources import note_sources
from media_assets.tables.table import MediaTable
from media_assets.uploads.listing import IsOwn, Listing, WithoutOwnFiles, open_listing


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
    listing = open_listing(
        location,
        installation.storage,
        user=f"table {table.name!r}",
        follow_links=follow_links or table.follow_links,
    )
    return WithoutOwnFiles(listing, own_files(installation, table))


def own_files(installation: Installation, table: MediaTable) -> IsOwn:
    """Returns what tells files among a table's uploads that columns of any table keep.

    Those are files in the folders of the table's own columns, as declared, and what
    `files_of_columns` tells.

    Raises:
        UploadError: Published copies could not be told from uploads.
    """
    location = uploads_location(installation, table)
    is_kept = files_of_columns(installation, [str(location.path or location.uri)])
    folders = _own_folders(installation, table)
    own = tuple(text for each in folders for text in (each.uri, each.storage_url(each.prefix)))
    return lambda uri: uri.startswith(own) or is_kept(uri)


def files_of_columns(installation: Installation, places: Sequence[str]) -> IsOwn:
    """Returns what tells files of the catalog's columns, by their addresses.

    The media of the home, such as galleries and the cache, are among them if it is below one of the
    places that are listed.
    """
    media = installation.home.folder / "media"
    folders = [os.path.abspath(os.path.expanduser(each)) for each in places if "://" not in each]  # noqa: PTH100, PTH111  as given
    is_below = any(media.is_relative_to(folder) for folder in folders)
    of_home = f"{media.as_uri()}/" if is_below else None
    kept = FilesOfColumns(installation.catalog)
    return lambda uri: (of_home is not None and uri.startswith(of_home)) or kept.has(uri)


def _own_folders(installation: Installation, table: MediaTable) -> list[Destination]:
    """Returns the folders below a table's uploads in which its columns keep files, usually none.

    A destination that is a function is not asked.

    Raises:
        UploadError: Published copies could not be told from uploads.
    """
    location = uploads_location(installation, table)
    found: list[Destination] = []
    for one in (table, *table.all_derived):
        for column in one.columns:
            if callable(column.destination):
                continue
            with suppress(DestinationError):  # whoever writes there is told
                if decided := installation.decide(one.name, column):
                    found.append(_own_folder(location, decided.destination, one.name, column))
    return [folder for folder in found if location.contains(folder)]


def _own_folder(
    location: Destination, place: Destination, table: str, column: Column
) -> Destination:
    """Returns the folder of a column, in which nobody else has files."""
    folder = replace(place, prefix=place.prefix + column_prefix(table, column.name))
    publishes = isinstance(column, ComputedColumn) and column.publish is not None
    if publishes and place == location:
        raise UploadError(
            what=f"Column {column.name!r} of table {table!r} publishes its files among the "
            f"uploads, in {place.uri!r}.",
            accepted="A destination below the uploads, or anywhere else.",
            fix=f"Give it a folder of its own, such as destination={place.uri + 'published/'!r}.",
        )
    if publishes and location.contains(place):
        return place  # published copies are anywhere in it
    return folder


def table_reader(installation: Installation, table: MediaTable) -> Reader:
    """Returns the reader of a table's sources; https addresses below its prefixes are storage.

    The catalog notes these prefixes for readers that do not have the table.

    Raises:
        DestinationError: The location of the uploads cannot be understood.
        StoreFaultError: The catalog's storage fails.
    """
    root = installation.catalog
    note_sources(root.store, root.destination, _prefixes(installation, table))
    return reader_of(installation, table)


def reader_of(installation: Installation, table: MediaTable) -> Reader:
    """Returns the same reader, and notes nothing."""
    return installation.reader.with_sources(*_prefixes(installation, table))


def _prefixes(installation: Installation, table: MediaTable) -> tuple[Destination, ...]:
    root = table.root
    return (uploads_location(installation, root), *root.storage_sources)
