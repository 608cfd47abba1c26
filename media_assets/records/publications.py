"""Published copies of a column's files: made after a commit, under names that the rows own.

A name belongs to the row whose claim of it is in the catalog; a claim is created by exactly one
writer, before the copy. A run says before its commit that it is going to publish, and takes that
back when it has: if it ends in between, the next run or `gc` publishes the whole partition.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import uuid4

from media_assets.concurrency import map_concurrently
from media_assets.destinations import parse_fileurl
from media_assets.errors import (
    DamagedRecordError,
    FileExistsInStoreError,
    PublishError,
    StoredFileMissingError,
    UnsafeKeyError,
)
from media_assets.file_keys import column_prefix, partition_prefix, table_prefix
from media_assets.media_types import MediaType, medium_of
from media_assets.object_options import ObjectOptions
from media_assets.records.claims import Claim, digest_of
from media_assets.records.ledger import PUBLISHED, CatalogRoot
from media_assets.records.manifests import Manifest, Record, read_manifest
from media_assets.stores import Storage, Store, StoredFile
from media_assets.stores.retry import retried

NAMES, _OPEN = "names/", "open/"
_NAMES_OF_PAGE = 1_000
_READ = ("row", "fileurl", "format", "object_options", "published")


def publishing_columns(root: CatalogRoot, table: str) -> list[str]:
    """Returns the columns of a table that ever published a file, by one listing.

    Tables below it whose columns did are among them: their folders are side by side.
    """
    return sorted(root.store.folders(root.destination.key(PUBLISHED, table_prefix(table))))


def publishing_folders(root: CatalogRoot, below: str = "") -> Iterator[str]:
    """Yields the folders of all columns that ever published a file, by one listing a folder."""
    for name in root.store.folders(root.destination.key(PUBLISHED, below)):
        if f"{name}/" == NAMES:
            yield below
        else:
            yield from publishing_folders(root, f"{below}{name}/")


class _Attempt(NamedTuple):
    """What came of claiming a name.

    Attributes:
        record: The record of the row.
        is_free: Whether there was no file of the name.
        made: The key of the claim, if it is new.
        problem: Why the row cannot have the name, if so.
    """

    record: Record
    is_free: bool
    made: str | None = None
    problem: str | None = None


class Publications:
    """The published names of one column."""

    def __init__(self, root: CatalogRoot, storage: Storage, table: str, column: str) -> None:
        """Requests nothing yet."""
        self._store, self._storage = root.store, storage
        self._root, self._table, self._column = root, table, column
        self._name = f"{table}/{column}"
        self._prefix = root.destination.key(PUBLISHED, column_prefix(table, column))

    def claims(self) -> dict[str, StoredFile]:
        """Lists the claims, by what `digest_of` returns for their names."""
        prefix = self._prefix + NAMES
        found = {file.key.removeprefix(prefix): file for file in self._store.list(prefix)}
        # Others are of a table below, whose column has the name of this folder.
        return {digest: file for digest, file in found.items() if "/" not in digest}

    def read(self, digests: Collection[str]) -> Iterator[Claim]:
        """Reads claims; one that is gone is left out."""
        found = map_concurrently(self._read, [self._prefix + NAMES + each for each in digests])
        return (claim for claim in found if claim is not None)

    def unfinished(self, partition: str | None = None) -> dict[str, StoredFile]:
        """Lists the notes of runs that have not published everything yet, by their keys."""
        return {file.key: file for file in self._store.list(self._open_prefix(partition))}

    def partition_of(self, note: str) -> str:
        """Returns the partition in which a run has not published everything yet.

        Raises:
            DamagedRecordError: The note is damaged.
        """
        partition = self._store.get(note).decode("utf-8", "surrogateescape")
        if not note.startswith(self._open_prefix(partition)):
            raise DamagedRecordError(note)
        return partition

    def begin(self, partition: str, note: str | None = None) -> str:
        """Notes that a run is going to publish, and returns the note."""
        note = note or self._open_prefix(partition) + uuid4().hex
        self._store.put(note, partition.encode("utf-8", "surrogateescape"))
        return note

    def publish(
        self,
        manifest: Manifest,
        before: Manifest | None = None,
        *,
        note: str | None = None,
        again: bool = False,
        gone: Collection[str] = (),
    ) -> None:
        """Copies the files of a manifest to their published names, and removes names given up.

        Args:
            manifest: The newest manifest.
            before: The one before it, whose files are published unless a run ended too early.
            note: What `begin` returned before the manifest was committed, if it was.
            again: Whether copies are made again that should be there.
            gone: Rows that the manifest still has, and their partition no longer.

        Raises:
            PublishError: Rows have one name, or none, or that of another file; nothing was
                published.
        """
        partition = manifest.header.partition
        notes = {*self.unfinished(partition)}
        if note is not None and note not in notes:  # another run thought that this one was killed
            self.begin(partition, note)
        was = _named(before) if before is not None and notes <= {note} else {}
        ledger = self._root.ledger(self._table, self._column, partition)
        medium = medium_of(manifest.header.type)
        while True:
            now = {row: one for row, one in _named(manifest).items() if row not in gone}
            new = [one for row, one in now.items() if again or one != was.get(row)]
            self._claim(now, [one for one in new if _names_another(one, was.get(one.row))])
            copied = map_concurrently(partial(self._copy, medium=medium), new)
            if problems := [problem for problem in copied if problem]:
                raise PublishError(self._name, problems, published=len(new) - len(problems))
            kept = {one.published for one in now.values()}
            given_up = {
                one.published: row
                for row, one in was.items()
                if row in manifest.records and one.published and one.published not in kept
            }
            self.remove(given_up)
            if not (newer := ledger.numbers(after=manifest.number)):
                break
            manifest, was = read_manifest(ledger, newer[-1]), now
        self._store.delete(notes | ({note} if note else set()))

    def remove(self, names: Mapping[str, str]) -> None:
        """Deletes published copies, and then the claims on their names.

        Args:
            names: The row of each name. A name that it does not own is another file's, and stays.
        """
        for name, row in names.items():
            claim = self._read(self._claim_key(name))
            if claim is None or claim.row != row:
                continue
            store, key = self._storage.store_of(name)
            store.delete([key])
            self._store.delete([claim.key])

    def _claim(self, now: Mapping[str, Record], new: Collection[Record]) -> None:
        """Claims new names for their rows, all or none.

        Of columns that claim a name at one moment, each looks for the others' claims after its own
        was made, so that at most one of them has it.
        """
        problems, attempts = _shared_names(now.values()), list[_Attempt]()
        if not problems:
            attempts = list(map_concurrently(lambda one: self._claim_one(one, now), new))
            problems = [one.problem for one in attempts if one.problem]
            problems += self._claimed_by_others([one.record for one in attempts if one.is_free])
        if problems:
            self._store.delete(one.made for one in attempts if one.made)
            raise PublishError(self._name, problems)

    def _claim_one(self, record: Record, now: Mapping[str, Record]) -> "_Attempt":
        """Claims a name for a row; `now` are the records of the column."""
        name, key = record.published or "", self._claim_key(record.published or "")
        data = Claim(key, record.row, name).to_json()
        store, of_name = self._storage.store_of(name)
        is_free = not _is_there(store, of_name)
        if is_free:
            with suppress(FileExistsInStoreError):
                self._store.create(key, data)
                return _Attempt(record, is_free, made=key)
        claim = self._read(key)
        if claim is None:
            problem = f"row {record.row!r}: {name} is another file"
            return _Attempt(record, is_free, problem=problem)
        if claim.row != record.row:
            owner = now.get(claim.row)
            if owner is None or owner.published == name:
                problem = f"rows {claim.row!r} and {record.row!r}: {name}"
                return _Attempt(record, is_free, problem=problem)
            self._store.put(key, data)
        return _Attempt(record, is_free)

    def _claimed_by_others(self, records: Collection[Record]) -> Iterator[str]:
        """Yields which names of records other columns have claimed."""
        by_digest = {digest_of(one.published or ""): one for one in records}
        place = self._root.destination.key(PUBLISHED, "")
        for folder in publishing_folders(self._root) if records else ():
            names = f"{place}{folder}{NAMES}"
            if names == self._prefix + NAMES:
                continue
            asked = [names + each for each in self._claimed_among(by_digest, names)]
            for claim in map_concurrently(self._read, asked):
                if claim is not None:
                    one = by_digest[claim.key.removeprefix(names)]
                    of = f"row {claim.row!r} of {folder.rstrip('/')}"
                    yield f"row {one.row!r}: {one.published} is for {of}"

    def _claimed_among(self, digests: Collection[str], names: str) -> Collection[str]:
        """Returns at least those names that a column claims, out of one listing if that is cheap.

        Pages have a thousand names. Of a column with so many that they take more than a tenth of
        the requests for each of these, all of these are returned.
        """
        most = len(digests) // 10 * _NAMES_OF_PAGE
        files = list(islice(self._store.list(names), most)) if most else []
        if len(files) == most:
            return digests
        return [digest for file in files if (digest := file.key.removeprefix(names)) in digests]

    def _copy(self, record: Record, *, medium: MediaType) -> str | None:
        """Lets the storage copy a row's file to its published name; returns why it cannot."""
        options = ObjectOptions.of_text(record.object_options)
        _, source_key = parse_fileurl(record.fileurl or "")
        root, key = parse_fileurl(record.published or "")
        store = self._storage.open(root, options)
        kind = medium.content_type(record.format or "")
        attributes = options.attributes(record.row) if record.object_options else None
        try:
            retried(lambda: store.copy(source_key, key, content_type=kind, attributes=attributes))
        except UnsafeKeyError as error:  # too long a name, or one that is a file and a folder
            self._store.delete([self._claim_key(record.published or "")])
            return f"row {record.row!r}: {error.what}"
        return None

    def _read(self, key: str) -> Claim | None:
        try:
            return Claim.from_json(self._store.get(key), key=key)
        except StoredFileMissingError:
            return None

    def _claim_key(self, name: str) -> str:
        return self._prefix + NAMES + digest_of(name)

    def _open_prefix(self, partition: str | None) -> str:
        if partition is None:
            return self._prefix + _OPEN
        segment = partition_prefix(self._table, self._column, partition).split("/")[-2]
        return f"{self._prefix}{_OPEN}{segment}/"


def published_names(manifest: Manifest) -> dict[str, str]:
    """Returns the published name of each row that has one."""
    return {row: one.published for row, one in _named(manifest).items() if one.published}


def has_names(manifest: Manifest) -> bool:
    """Whether any row has a published name; reads nothing else."""
    return any(name for (name,) in manifest.select("published"))


def _named(manifest: Manifest) -> dict[str, Record]:
    """Returns the records of files that are to be published, by row."""
    return {
        values[0]: Record(**dict(zip(_READ, values, strict=True)))
        for values in manifest.select(*_READ)
        if values[-1] is not None
    }


def _names_another(now: Record, was: Record | None) -> bool:
    return was is None or now.published != was.published


def _shared_names(records: Iterable[Record]) -> list[str]:
    """Returns the rows that have no name, or one of several rows."""
    rows: dict[str, list[str]] = {}
    for record in records:
        rows.setdefault(record.published or "", []).append(record.row)
    problems = [f"row {row!r}: no name can be made of it" for row in rows.pop("", ())]
    shared = {name: of_name for name, of_name in rows.items() if len(of_name) > 1}
    return problems + [
        f"rows {' and '.join(map(repr, sorted(of_name)))}: {name}"
        for name, of_name in sorted(shared.items())
    ]


def _is_there(store: Store, key: str) -> bool:
    """Whether a name is taken, by a file or by a folder of this machine."""
    try:
        store.head(key)
    except UnsafeKeyError:  # the copy tells why
        return False
    except StoredFileMissingError:
        path = store.path(key)
        with suppress(OSError):
            return path is not None and path.is_dir()
        return False
    return True
