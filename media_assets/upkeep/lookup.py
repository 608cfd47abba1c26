"""What stores say of many files: a listing of their folder, not a request for each of them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from media_assets.at_once import at_once
from media_assets.errors import StoredFileMissingError
from media_assets.stores import Storage, Store, StoredFile

_LISTED_PER_FILE = 10
"""Files listed for each one wanted before asking for the rest one by one is cheaper: a request
lists 1,000, so this is 100 requests' worth for every 10,000 files."""


def look_up(storage: Storage, fileurls: Iterable[str]) -> dict[str, StoredFile]:
    """Returns what stores say of files, by fileurl; those that do not exist are left out.

    Raises:
        FileurlError: A text is no fileurl of a known kind of storage.
        StoreFaultError: A storage fails.
    """
    folders: dict[tuple[Store, str], dict[str, str]] = {}
    for fileurl in fileurls:
        store, key = storage.locate(fileurl)
        folder = key[: key.rfind("/") + 1]
        folders.setdefault((store, folder), {})[key] = fileurl
    found: dict[str, StoredFile] = {}
    for (store, folder), wanted in folders.items():
        found |= {wanted[file.key]: file for file in _in_folder(store, folder, wanted)}
    return found


def _in_folder(store: Store, folder: str, wanted: Mapping[str, str]) -> list[StoredFile]:
    keys = sorted(wanted)
    if len(keys) == 1 or store.path(keys[0]) is not None:
        return _one_by_one(store, keys)
    most = len(keys) * _LISTED_PER_FILE
    found: list[StoredFile] = []
    # Greater than all that sorts before the first one.
    listing = store.list(folder, start_after=keys[0][:-1])
    for count, file in enumerate(islice(listing, most), start=1):
        if file.key in wanted:
            found.append(file)
        if file.key >= keys[-1]:
            break
        if count == most:
            return found + _one_by_one(store, [key for key in keys if key > file.key])
    return found


def _one_by_one(store: Store, keys: Sequence[str]) -> list[StoredFile]:
    def head(key: str) -> StoredFile | None:
        try:
            return store.head(key)
        except StoredFileMissingError:
            return None

    is_local = store.path(keys[0]) is not None if keys else True
    answers = map(head, keys) if is_local else at_once(head, keys)
    return [file for file in answers if file is not None]
