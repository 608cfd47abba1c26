"""Sources of an insert: local files and folders, http(s) URLs, and files in storage."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from media_assets.destinations import Destination, parse_fileurl
from media_assets.errors import StoreDeniedError
from media_assets.naming import DEFAULT, Naming, path_as_given
from media_assets.reading import Reader
from media_assets.stores import Store, StoredFile
from media_assets.stores.azure import AzureSettings
from media_assets.uploads.folders import Found, find_files, find_listed, rename_single
from media_assets.uploads.given_names import GivenFile, named_by
from media_assets.uploads.identity import bound_size, bound_version
from media_assets.uploads.left_alone import LeftAlone
from media_assets.uploads.listing import open_listing
from media_assets.uploads.log import Upload


def find_named(
    names: Sequence[str],
    reader: Reader,
    *,
    name: str | None = None,
    all_files: bool = False,
    follow_links: bool = False,
    naming: Naming = DEFAULT,
) -> Found:
    """Lists the files that an insert names, in the order of the names.

    By default, a row's name is the path below the given folder or prefix, or the file's own name. A
    prefix in storage ends with a slash.

    Args:
        names: Paths, http(s) URLs, and fileurls of any storage.
        reader: Access to the files.
        name: The row's name, for a single file.
        all_files: Take every file of a folder or prefix, whatever its extension.
        follow_links: Follow links in folders to any place.
        naming: How rows are named.

    Raises:
        UploadError: A file does not exist, two files have the same row name (the message suggests
            rules that avoid it), or `name` is given with several files. Nothing was recorded.
        SourceError: A URL does not give a file.
        StoreFaultError: A storage fails.
    """
    found: list[GivenFile] = []
    left_alone = LeftAlone()
    for given in names:
        part = _found(given, reader, all_files=all_files, follow_links=follow_links)
        is_one = _is_one_file(given, reader)
        found += (
            GivenFile(upload, path_as_given(given, None if is_one else upload.row))
            for upload in part.uploads
        )
        left_alone.add_all(part.left_alone)
    uploads = named_by(naming, found)
    if uploads or not left_alone.faults:
        uploads = rename_single(name, uploads)
    return Found(tuple(uploads), left_alone)


def _found(given: str, reader: Reader, *, all_files: bool, follow_links: bool) -> Found:
    if "://" not in given:
        return find_files([Path(given)], all_files=all_files, follow_links=follow_links)
    if reader.is_web(given):
        return Found((_on_the_web(given, reader),))
    return _in_storage(given, reader, all_files=all_files, follow_links=follow_links)


def _is_one_file(given: str, reader: Reader) -> bool:
    """Returns whether a name is that of a file, not of a folder or prefix."""
    if "://" not in given:
        return not os.path.isdir(os.path.expanduser(given))  # noqa: PTH111, PTH112  no error
    return reader.is_web(given) or not given.endswith("/")


def _on_the_web(url: str, reader: Reader) -> Upload:
    facts = reader.head(url)
    row = PurePosixPath(unquote(urlsplit(url).path)).name or urlsplit(url).netloc
    # Without a version, the file may have changed: it is fetched again each time.
    version = facts.version or f"seen {datetime.now(UTC).isoformat()}"
    return Upload(row, url, bound_size(facts.size_bytes), version)


def _in_storage(given: str, reader: Reader, *, all_files: bool, follow_links: bool) -> Found:
    root, key = parse_fileurl(given)
    if root.path is not None:
        return find_files([root.path / key], all_files=all_files, follow_links=follow_links)
    if key.endswith("/") or not key:
        location = replace(root, prefix=key)
        listing = open_listing(location, reader.storage, user="an insert")
        found = find_listed(listing, all_files=all_files)
        return replace(found, uploads=tuple(_as_named(given, one) for one in found.uploads))
    return Found((_as_named(given, _object(root, key, reader)),))


def _object(root: Destination, key: str, reader: Reader) -> Upload:
    """Returns one stored object just as a listing has it, so that a scan sees no change."""
    name = PurePosixPath(key).name
    if isinstance(reader.storage.settings(root), AzureSettings):
        # Only a listing has the MD5 of a blob, which identifies a copied one.
        with suppress(StoreDeniedError):
            listing = open_listing(replace(root, prefix=key), reader.storage, user="an insert")
            for file in listing.files():
                if not file.upload.row:  # the key is all of the prefix
                    return replace(file.upload, row=name)
    store = reader.storage.open(root)
    return _stored_upload(store, store.head(key), name)


def _stored_upload(store: Store, file: StoredFile, row: str) -> Upload:
    version = f'"{file.etag}"' if file.etag else file.modified_at.isoformat()
    size_bytes = bound_size(file.size_bytes)
    return Upload(row, store.fileurl(file.key), size_bytes, bound_version(version))


def _as_named(given: str, upload: Upload) -> Upload:
    """Returns a stored file with a storage scheme, if it was named with one.

    An https address might be on the web.
    """
    if _is_http(given) or not _is_http(upload.uri):
        return upload
    root, key = parse_fileurl(upload.uri)
    return replace(upload, uri=root.storage_url(key))


def _is_http(url: str) -> bool:
    return url[:8].lower().startswith(("http://", "https://"))
