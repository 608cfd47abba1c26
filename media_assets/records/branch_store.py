"""The catalog's store as a branch sees it: its base, which never changes, and files of its own."""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Unpack

from media_assets.errors import (
    BranchBaseCollectedError,
    BranchRemadeError,
    FileExistsInStoreError,
    StoredFileMissingError,
    UnknownBranchError,
)
from media_assets.file_keys import safe_segment
from media_assets.records.file_headers import read_file_header
from media_assets.records.parquet import (
    ColumnKind,
    RowGroups,
    Schema,
    table_of,
    values_of,
    write_parquet,
)
from media_assets.stores import Store, StoredFile
from media_assets.stores.protocol import CHUNK_BYTES, KeptWith

BRANCHES = "_branches"
"""The folder of the catalog that holds those of branches."""
SHARED = ("_destinations/", "_checked/", "_sources/")
"""Notes about destinations and sources, which are the same for all branches, as files are."""
BASE_SCHEMA: Schema = {
    "key": ColumnKind.TEXT,
    "size_bytes": ColumnKind.INT64,
    "modified_at": ColumnKind.TIME,
    "etag": ColumnKind.TEXT,
}
_BASE = "00000001.parquet"
_MERGED = "_merged/"
"""Copies of manifests, without which queries are only slower."""


class Base:
    """The files of main that a branch began with, as one listing showed them.

    Attributes:
        keys: Their keys without the catalog's prefix, sorted.
    """

    def __init__(
        self,
        keys: list[str],
        sizes: list[int],
        times: list[datetime],
        etags: list[str | None],
        *,
        prefix: str,
    ) -> None:
        self.keys, self._sizes, self._times, self._etags = keys, sizes, times, etags
        self._prefix, self._places = prefix, {key: place for place, key in enumerate(keys)}

    @classmethod
    def read(cls, data: bytes, *, key: str, prefix: str) -> "Base":
        """Reads the file of a base."""
        file = RowGroups(data, key=key, schema=BASE_SCHEMA)
        table = file.read_all()
        keys, sizes, times, etags = (values_of(table, column) for column in BASE_SCHEMA)
        return cls(keys, sizes, times, etags, prefix=prefix)

    def __contains__(self, path: str) -> bool:
        """Whether a path below the catalog is one of its files."""
        return path in self._places

    def file(self, path: str) -> StoredFile:
        """Returns one of its files as it was listed."""
        return self._at(self._places[path])

    def below(self, path: str, *, after: str = "") -> Iterator[StoredFile]:
        """Yields its files below a path, sorted by key."""
        place = bisect_left(self.keys, path)
        if after:
            place = max(place, bisect_right(self.keys, after))
        while place < len(self.keys) and self.keys[place].startswith(path):
            yield self._at(place)
            place += 1

    def folders(self, path: str) -> set[str]:
        """Returns the names of the folders right below a path."""
        found, place = set[str](), bisect_left(self.keys, path)
        while place < len(self.keys) and self.keys[place].startswith(path):
            name, slash, _ = self.keys[place].removeprefix(path).partition("/")
            if slash:
                found.add(name)
                place = bisect_left(self.keys, f"{path}{name}0")  # sorts after all in the folder
            else:
                place += 1
        return found

    def _at(self, place: int) -> StoredFile:
        key = self._prefix + self.keys[place]
        return StoredFile(key, self._sizes[place], self._times[place], self._etags[place])


def base_file(header: Mapping[str, object], files: Sequence[StoredFile], *, prefix: str) -> bytes:
    """Returns the file of a base: these files of main, sorted by key."""
    columns = {
        "key": [file.key.removeprefix(prefix) for file in files],
        "size_bytes": [file.size_bytes for file in files],
        "modified_at": [file.modified_at for file in files],
        "etag": [file.etag for file in files],
    }
    return write_parquet(header, table_of(BASE_SCHEMA, columns))


def branch_folder(prefix: str, name: str) -> str:
    """Returns the key prefix of all files of a branch, given that of the catalog."""
    return f"{prefix}{BRANCHES}/{safe_segment(name)}/"


def base_key(prefix: str, name: str) -> str:
    """Returns the key of the file of a branch's base, without which there is no branch."""
    return branch_folder(prefix, name) + _BASE


def names_in(store: Store, prefix: str) -> list[str]:
    """Returns the names of the branches of a catalog, sorted."""
    names: list[str] = []
    for folder in store.folders(f"{prefix}{BRANCHES}/"):
        key = f"{prefix}{BRANCHES}/{folder}/{_BASE}"
        with suppress(StoredFileMissingError):  # it is being dropped
            names.append(str(read_file_header(store.get(key), key=key)["branch"]))
    return sorted(names)


class BranchStore:
    """A catalog's store in which a branch reads main's files as they were, and writes its own.

    Keys are those of main, so that nothing above it needs to know of branches. Files of the base
    can neither be changed nor deleted.

    Attributes:
        name: The branch.
        main: The store of main, in which all of this is kept.
    """

    def __init__(self, main: Store, prefix: str, name: str) -> None:
        """Reads nothing yet.

        Args:
            main: The store of the catalog.
            prefix: The catalog's prefix in it.
            name: The branch.
        """
        self.main, self.name = main, name
        self._opened: tuple[object, ...] = ()
        self._prefix, self._folder = prefix, branch_folder(prefix, name)

    @cached_property
    def base(self) -> Base:
        """The files that the branch began with.

        Raises:
            UnknownBranchError: There is no such branch.
        """
        key = base_key(self._prefix, self.name)
        self._opened = self._look()
        return Base.read(self.main.get(key), key=key, prefix=self._prefix)

    def check(self) -> None:
        """Looks whether this is still the branch that was opened.

        Raises:
            UnknownBranchError: It was dropped.
            BranchRemadeError: It was dropped and made again.
        """
        opened = self.base and self._opened
        if self._look() != opened:
            raise BranchRemadeError(self.name)

    def _look(self) -> tuple[object, ...]:
        try:
            found = self.main.head(base_key(self._prefix, self.name))
        except StoredFileMissingError as error:
            raise UnknownBranchError(self.name, known=names_in(self.main, self._prefix)) from error
        return found.size_bytes, found.modified_at, found.etag

    def own(self, prefix: str, *, start_after: str = "") -> Iterator[StoredFile]:
        """Yields the branch's own files, as `list` does."""
        self.check()
        after = self._own(start_after) if start_after.startswith(self._prefix) else ""
        for file in self.main.list(self._own(prefix), start_after=after):
            key = self._prefix + file.key.removeprefix(self._folder)
            if key != self._prefix + _BASE:
                yield StoredFile(key, file.size_bytes, file.modified_at, file.etag)

    def check_base(self) -> None:
        """Looks whether all files of the base are still there.

        Raises:
            BranchBaseCollectedError: One is gone.
        """
        there = {file.key for file in self.main.list(self._prefix)}
        for path in self.base.keys:
            if self._prefix + path not in there and not path.startswith(_MERGED):
                raise BranchBaseCollectedError(self.name, path)

    def fileurl(self, key: str) -> str:
        return self.main.fileurl(self._place(key))

    def path(self, key: str) -> Path | None:
        return self.main.path(self._place(key))

    def put(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        self.main.put(self._to_write(key), data, content_type=content_type)

    def put_file(self, key: str, staged: Path, **kept: Unpack[KeptWith]) -> None:
        self.main.put_file(self._to_write(key), staged, **kept)

    def staging_folder(self, key_prefix: str) -> Path | None:
        return self.main.staging_folder(self._own(key_prefix))

    def create(self, key: str, data: bytes) -> None:
        self.check()
        self.main.create(self._to_write(key), data)

    def get(self, key: str) -> bytes:
        with self._naming_gone_base(key):
            return self.main.get(self._place(key))

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        with self._naming_gone_base(key):
            yield from self.main.stream(self._place(key), chunk_bytes)

    def download(self, key: str, target: Path) -> None:
        with self._naming_gone_base(key):
            self.main.download(self._place(key), target)

    def head(self, key: str) -> StoredFile:
        """Returns a file of the base as it was listed, without a request."""
        path = self._path(key)
        if path in self.base:
            return self.base.file(path)
        file = self.main.head(self._own(key))
        return StoredFile(key, file.size_bytes, file.modified_at, file.etag)

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        path = self._path(prefix)
        if path.startswith(SHARED):
            yield from self.main.list(prefix, start_after=start_after)
            return
        after = start_after.removeprefix(self._prefix) if start_after else ""
        of_base = self.base.below(path, after=after)
        own = self.own(prefix, start_after=start_after)
        yield from merge(of_base, own, key=attrgetter("key"))

    def folders(self, prefix: str) -> Sequence[str]:
        path = self._path(prefix)
        if path.startswith(SHARED):
            return self.main.folders(prefix)
        self.check()
        return sorted({*self.base.folders(path), *self.main.folders(self._own(prefix))})

    def list_staged(self, prefix: str = "") -> Iterator[StoredFile]:
        for file in self.main.list_staged(self._own(prefix)):
            key = self._prefix + file.key.removeprefix(self._folder)
            yield StoredFile(key, file.size_bytes, file.modified_at, file.etag)

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes files of the branch; those of its base are main's, and stay."""
        self.main.delete(self._own(key) for key in keys if self._path(key) not in self.base)

    def copy(self, source_key: str, target_key: str, **kept: Unpack[KeptWith]) -> None:
        self.main.copy(self._place(source_key), self._to_write(target_key), **kept)

    def sign(self, key: str, expires_in: timedelta) -> str:
        return self.main.sign(self._place(key), expires_in)

    def _path(self, key: str) -> str:
        return key.removeprefix(self._prefix)

    def _place(self, key: str) -> str:
        """Returns where a file is: main's if the branch began with it."""
        return key if self._path(key) in self.base else self._own(key)

    def _own(self, key: str) -> str:
        path = self._path(key)
        return key if path.startswith(SHARED) else self._folder + path

    def _to_write(self, key: str) -> str:
        if self._path(key) in self.base:
            raise FileExistsInStoreError(self.main.fileurl(key))
        return self._own(key)

    @contextmanager
    def _naming_gone_base(self, key: str) -> Generator[None]:
        """Raises BranchBaseCollectedError if a file of the base is missing."""
        path = self._path(key)
        try:
            yield
        except StoredFileMissingError as error:
            if path in self.base and not path.startswith(_MERGED):
                raise BranchBaseCollectedError(self.name, path) from error
            raise
