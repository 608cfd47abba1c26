"""Look-up of many stored files by listing their folders instead of a request for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from media_assets.concurrency import map_concurrently
from media_assets.errors import (
    MediaAssetsError,
    StoredFileMissingError,
    StoredFileRefusedError,
    UnsafeKeyError,
)
from media_assets.stores import LocalStore, Storage, Store, StoredFile
from media_assets.stores.object_keys import is_object_key

_Answers = dict[str, StoredFile | MediaAssetsError]

_LISTED_PER_FILE = 10
"""Files listed for each wanted one before asking for the rest one by one is cheaper: a request
lists 1,000 files, so this is 100 requests for every 10,000 files."""


@dataclass(slots=True)
class LookedUp:
    """What stores know of files; a file that does not exist is in neither mapping.

    Attributes:
        found: Each file that exists, by fileurl.
        refused: Why the storage refused a file, by fileurl.
    """

    found: dict[str, StoredFile] = field(default_factory=dict[str, StoredFile])
    refused: dict[str, MediaAssetsError] = field(default_factory=dict[str, MediaAssetsError])


def look_up(storage: Storage, fileurls: Iterable[str]) -> LookedUp:
    """Returns what stores know of files.

    Raises:
        FileurlError: A text is not a fileurl of a known kind of storage.
        StoreFaultError: A storage fails.
    """
    folders: dict[tuple[Store, str], dict[str, str]] = {}
    for fileurl in fileurls:
        store, key = storage.store_of(fileurl)
        folder = key[: key.rfind("/") + 1]
        folders.setdefault((store, folder), {})[key] = fileurl
    looked = LookedUp()
    for (store, folder), wanted in folders.items():
        for key, answer in _in_folder(store, folder, wanted).items():
            if isinstance(answer, StoredFile):
                looked.found[wanted[key]] = answer
            else:
                looked.refused[wanted[key]] = answer
    return looked


def _in_folder(store: Store, folder: str, wanted: Mapping[str, str]) -> _Answers:
    odd = [key for key in wanted if not is_object_key(key)]
    keys = sorted(wanted.keys() - odd)
    if len(keys) <= 1 or isinstance(store, LocalStore):
        return _one_by_one(store, sorted(wanted))
    found = _one_by_one(store, odd)
    most = len(keys) * _LISTED_PER_FILE
    # A start after which the first one is listed first.
    listing = store.list(folder, start_after=keys[0][:-1])
    for count, file in enumerate(islice(listing, most), start=1):
        if file.key in wanted:
            found[file.key] = file
        if file.key >= keys[-1]:
            break
        if count == most:
            return found | _one_by_one(store, [key for key in keys if key > file.key])
    return found


def _one_by_one(store: Store, keys: Sequence[str]) -> _Answers:
    def head(key: str) -> StoredFile | MediaAssetsError | None:
        try:
            return store.head(key)
        except StoredFileMissingError:
            return None
        except (StoredFileRefusedError, UnsafeKeyError) as error:
            return error

    answers = map(head, keys) if isinstance(store, LocalStore) else map_concurrently(head, keys)
    return {key: answer for key, answer in zip(keys, answers, strict=True) if answer is not None}
