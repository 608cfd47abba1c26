"""What an insert names: local files and folders, http(s) URLs, files and prefixes in storage."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from media_assets.destinations import parse_fileurl
from media_assets.fetch import head
from media_assets.reading import Reader
from media_assets.stores import Store, StoredFile
from media_assets.uploads.folders import Found, find_files, find_listed, named_as, one_of_each
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.listing import open_listing
from media_assets.uploads.log import Upload
from media_assets.uploads.told import told_size, told_version


def find_named(
    names: Sequence[str],
    reader: Reader,
    *,
    name: str | None = None,
    all_files: bool = False,
    follow_links: bool = False,
) -> Found:
    """Lists what an insert names, in the order of the names.

    A row's name is the path below the folder or prefix that was given, or the file's own name. A
    prefix in storage ends with a slash.

    Args:
        names: Paths, http(s) URLs, and fileurls of any storage.
        reader: What it takes to reach them.
        name: The row's name, for a single file.
        all_files: Take every file of a folder or prefix, whatever its extension.
        follow_links: Follow the links in folders wherever they lead.

    Raises:
        UploadError: Something named does not exist, two files have one row's name, or `name` is
            given with more than one file. Nothing was recorded.
        SourceError: The web gives no file under a URL.
        StoreFaultError: A storage fails.
    """
    found: list[Upload] = []
    left_alone = LeftAlone()
    for given in names:
        if "://" not in given:
            part = find_files([Path(given)], all_files=all_files, follow_links=follow_links)
        elif reader.is_web(given):
            part = Found((_on_the_web(given, reader),))
        else:
            part = _in_storage(given, reader, all_files=all_files, follow_links=follow_links)
        found += part.uploads
        left_alone.add_all(part.left_alone)
    return Found(tuple(named_as(name, one_of_each(found))), left_alone)


def _on_the_web(url: str, reader: Reader) -> Upload:
    facts = head(url, limits=reader.fetch_limits)
    row = PurePosixPath(unquote(urlsplit(url).path)).name or urlsplit(url).netloc
    # A host that tells no version may have changed the file: it is fetched again each time.
    version = facts.version or f"seen {datetime.now(UTC).isoformat()}"
    return Upload(row, url, told_size(facts.size_bytes), version)


def _in_storage(given: str, reader: Reader, *, all_files: bool, follow_links: bool) -> Found:
    root, key = parse_fileurl(given)
    if root.path is not None:
        return find_files([root.path / key], all_files=all_files, follow_links=follow_links)
    if key.endswith("/") or not key:
        location = replace(root, prefix=key)
        listing = open_listing(location, reader.storage, user="an insert")
        return find_listed(listing, all_files=all_files)
    store = reader.storage.open(root)
    return Found((_stored(store, store.head(key), PurePosixPath(key).name),))


def _stored(store: Store, file: StoredFile, row: str) -> Upload:
    # As S3's and Google's listings of a table's uploads have it, so that they see no change.
    version = f'"{file.etag}"' if file.etag else file.modified_at.isoformat()
    size_bytes = told_size(file.size_bytes)
    return Upload(row, store.fileurl(file.key), size_bytes, told_version(version))
