"""What an insert names: local files and folders, http(s) URLs, files and prefixes in storage."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from media_assets.destinations import Destination, parse_fileurl
from media_assets.errors import UploadError
from media_assets.reading import Reader
from media_assets.stores import Store, StoredFile
from media_assets.uploads.listing import Listing
from media_assets.uploads.log import Upload
from media_assets.uploads.recording import Found, find_files, is_wanted, one_of_each

_UNKNOWN_SIZE = -1


def find_named(
    names: Sequence[str], reader: Reader, *, name: str | None = None, all_files: bool = False
) -> Found:
    """Lists what an insert names, in the order of the names.

    A row's name is the path below the folder or prefix that was given, or the file's own name. A
    prefix in storage ends with a slash.

    Args:
        names: Paths, http(s) URLs, and fileurls of any storage.
        reader: What it takes to reach them.
        name: The row's name, for a single file.
        all_files: Take every file of a folder or prefix, whatever its extension.

    Raises:
        UploadError: Something named does not exist, two files have one row's name, or `name` is
            given with more than one file. Nothing was recorded.
        SourceError: The web gives no file under a URL.
        StoreFaultError: A storage fails.
    """
    found: list[Upload] = []
    left_alone = 0
    for given in names:
        if "://" not in given:
            part = find_files([Path(given)], all_files=all_files)
        elif reader.is_web(given):
            part = Found((_on_the_web(given, reader),))
        else:
            part = _in_storage(given, reader, all_files=all_files)
        found += part.uploads
        left_alone += part.left_alone
    uploads = tuple(one_of_each(found))
    if name is None:
        return Found(uploads, left_alone)
    if len(uploads) != 1:
        raise UploadError(
            what=f"--name {name!r} was given with {len(uploads)} files.",
            accepted="A name for one single file.",
            fix="Insert the files one by one, or drop --name.",
        )
    return Found((replace(uploads[0], row=name),), left_alone)


def _on_the_web(url: str, reader: Reader) -> Upload:
    facts = reader.head(url)
    row = PurePosixPath(unquote(urlsplit(url).path)).name or urlsplit(url).netloc
    size = facts.size_bytes if facts.size_bytes is not None else _UNKNOWN_SIZE
    # A host that tells no version may have changed the file: it is fetched again each time.
    version = facts.version or f"seen {datetime.now(UTC).isoformat()}"
    return Upload(row, url, size, version)


def _in_storage(given: str, reader: Reader, *, all_files: bool) -> Found:
    root, key = parse_fileurl(given)
    if root.path is not None:
        return find_files([root.path / key], all_files=all_files)
    store = reader.storage.open(root)
    if not key.endswith("/"):
        return Found((_stored(root, given, store.head(key), PurePosixPath(key).name),))
    files = list(_below(store, key))
    taken = [f for f in files if is_wanted(PurePosixPath(f.key[len(key) :]), all_files=all_files)]
    uploads = tuple(_stored(root, given, file, file.key.removeprefix(key)) for file in taken)
    return Found(uploads, len(files) - len(taken))


def _below(store: Store, prefix: str) -> Iterator[StoredFile]:
    """The files below a prefix; markers of folders are none."""
    return (file for file in store.list(prefix) if not file.key.endswith("/"))


def _stored(root: Destination, given: str, file: StoredFile, row: str) -> Upload:
    # What was named by a storage's scheme is recorded so: an https address might be the web's.
    is_web = given[:8].lower().startswith(("http://", "https://"))
    uri = root.fileurl(file.key) if is_web else root.storage_url(file.key)
    # As S3's and Google's listings of a table's uploads have it, so that they see no change.
    version = f'"{file.etag}"' if file.etag else file.modified_at.isoformat()
    return Upload(row, uri, file.size_bytes, version)


def find_listed(listing: Listing, *, below: str = "", all_files: bool = False) -> Found:
    """Returns what a listing holds, but for hidden files, markers of folders, and no images.

    Args:
        listing: The listing.
        below: What the rows' names begin with, before the keys.
        all_files: Take every file, whatever its extension; hidden ones excepted.
    """
    taken: list[Upload] = []
    files = 0
    for files, file in enumerate(listing.files(), start=1):  # noqa: B007  the last one counts
        row = file.upload.row
        if not row.endswith("/") and is_wanted(PurePosixPath(row), all_files=all_files):
            taken.append(replace(file.upload, row=below + row))
    return Found(tuple(taken), files - len(taken))
