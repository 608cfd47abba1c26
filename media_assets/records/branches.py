"""Branches of a catalog: made at one listing of main, listed and dropped."""

import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from media_assets.errors import (
    BranchExistsError,
    BranchNameError,
    StoredFileMissingError,
    UnknownBranchError,
)
from media_assets.records.branch_store import (
    BRANCHES,
    SHARED,
    base_file,
    base_key,
    branch_folder,
    names_in,
)
from media_assets.records.file_headers import read_file_header
from media_assets.records.ledger import MERGED, PUBLISHED, STALE, UPLOADS, WORK, CatalogRoot, Ledger
from media_assets.stores import StoredFile

_ASIDE = (*SHARED, f"{WORK}/", f"{PUBLISHED}/", f"{STALE}/", f"{BRANCHES}/")
"""The beginnings of paths that are no part of a base."""
_OTHERS = (*_ASIDE, f"{MERGED}/")
_DEPTH = 3
"""The levels of a manifest's key below its table: column / partition / number."""
_MOST_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a catalog.

    Attributes:
        name: Its name.
        made_at: When it was made, in UTC.
        made_by: Who made it.
        manifests: How many manifests of its own it has.
        entries: How many entries of upload logs.
    """

    name: str
    made_at: datetime
    made_by: str
    manifests: int = 0
    entries: int = 0


def check_branch_name(name: str) -> None:
    """Refuses texts that would be hard to type, or to tell from another name.

    Raises:
        BranchNameError: The text says what is wrong.
    """
    if not name:
        raise BranchNameError(name, problem="is empty")
    if name == "main":
        raise BranchNameError(name, problem="is what a catalog without a branch is called")
    if len(name) > _MOST_CHARACTERS:
        raise BranchNameError(name, problem=f"has {len(name)} characters")
    if not name[0].isalnum():
        raise BranchNameError(name, problem=f"begins with {name[0]!r}")
    if name[-1].isspace() or name[-1] == "/" or "//" in name:
        raise BranchNameError(name, problem="ends in a space or '/', or has '//'")
    if any(unicodedata.category(each).startswith("C") for each in name):
        raise BranchNameError(name, problem="has characters that cannot be printed")
    if unicodedata.normalize("NFC", name) != name:
        raise BranchNameError(name, problem="is not in the usual form of Unicode, NFC")


def make_branch(root: CatalogRoot, name: str, *, made_by: str) -> Branch:
    """Makes a branch of main as it is now, from one listing of the catalog; no file is copied.

    Raises:
        BranchNameError: The name cannot be used.
        BranchExistsError: There is such a branch, or files of one that was dropped.
        NoExclusiveCreateError: The storage cannot tell who was first.
    """
    check_branch_name(name)
    prefix, made_at = root.destination.prefix, datetime.now(UTC)
    ledger = Ledger(root.store, branch_folder(prefix, name))
    for file in root.store.list(ledger.prefix):
        is_whole = file.key == base_key(prefix, name) or _is_there(root, name)
        problem = "exists" if is_whole else "was dropped, and some of its files are left"
        raise BranchExistsError(name, problem=problem)
    files = _in_base(root.store.list(prefix), prefix)
    header = {"branch": name, "made_at": made_at.isoformat(), "made_by": made_by}
    if not ledger.claim(1, base_file(header, files, prefix=prefix)):
        raise BranchExistsError(name, problem="exists")
    return Branch(name, made_at, made_by)


def list_branches(root: CatalogRoot) -> list[Branch]:
    """Returns the branches of a catalog, sorted by name."""
    return sorted((find_branch(root, name) for name in branch_names(root)), key=lambda b: b.name)


def branch_names(root: CatalogRoot) -> list[str]:
    """Returns the names of the branches of a catalog, sorted, in few requests."""
    return names_in(root.store, root.destination.prefix)


def find_branch(root: CatalogRoot, name: str) -> Branch:
    """Returns a branch.

    Raises:
        UnknownBranchError: There is none of this name.
    """
    prefix, key = root.destination.prefix, base_key(root.destination.prefix, name)
    try:
        header = read_file_header(root.store.get(key), key=key)
    except StoredFileMissingError as error:
        raise UnknownBranchError(name, known=branch_names(root)) from error
    folder = branch_folder(prefix, name)
    paths = [file.key.removeprefix(folder) for file in root.store.list(folder)]
    numbered = [path for path in paths if "/" in path and not path.startswith(_OTHERS)]
    entries = [path for path in numbered if path.split("/")[-3:-2] == [UPLOADS]]
    return Branch(
        name,
        datetime.fromisoformat(str(header["made_at"])),
        str(header["made_by"]),
        manifests=len(numbered) - len(entries),
        entries=sum("segment-" not in path for path in entries),
    )


def drop_branch(root: CatalogRoot, name: str) -> int:
    """Deletes all files of a branch; those that it shares with main stay, as media do.

    Without its base there is no branch, so that is deleted first: nobody sees half of one. If this
    is interrupted, the next drop deletes the rest.

    Returns:
        How many files were deleted.

    Raises:
        UnknownBranchError: There is none of this name, and no file of one.
    """
    prefix, folder = root.destination.prefix, branch_folder(root.destination.prefix, name)
    first = base_key(prefix, name)
    keys = [file.key for file in root.store.list(folder)]
    keys += [file.key for file in root.store.list_staged(folder)]
    if not keys:
        raise UnknownBranchError(name, known=branch_names(root))
    root.store.delete([first])
    root.store.delete(key for key in keys if key != first)
    if (path := root.store.path(folder.rstrip("/"))) is not None:
        shutil.rmtree(path, ignore_errors=True)  # empty folders
    return len(keys)


def own_columns(root: CatalogRoot) -> dict[tuple[str, str], list[str]]:
    """Returns the folders of a branch's own manifests by table's and column's path.

    The paths are as in keys: a name that is no safe segment stands as its substitute.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for table, column, folder in _own_folders(root):
        folders = found.setdefault((table, column), [])
        if column != UPLOADS and folder not in folders:
            folders.append(folder)
    return {place: folders for place, folders in found.items() if folders}


def own_logs(root: CatalogRoot) -> set[str]:
    """Returns the paths of the tables to whose upload logs a branch has added."""
    return {table for table, column, _ in _own_folders(root) if column == UPLOADS}


def _own_folders(root: CatalogRoot) -> Iterator[tuple[str, str, str]]:
    """Yields table, column and partition of each of a branch's own numbered files."""
    assert root.on is not None  # noqa: S101  only a branch has files of its own
    for file in root.on.own(root.destination.prefix):
        path = file.key.removeprefix(root.destination.prefix)
        table, *rest = path.rsplit("/", _DEPTH)
        if len(rest) == _DEPTH and not path.startswith(_OTHERS):
            yield table, rest[0], rest[1]


def _in_base(files: Iterable[StoredFile], prefix: str) -> list[StoredFile]:
    """Returns the files of a base: whole logs, merged files, and each folder's newest manifest."""
    found: dict[str, StoredFile] = {}
    for file in files:
        path = file.key.removeprefix(prefix)
        above, _, name = path.rpartition("/")
        if path.startswith(_ASIDE) or not above or not name.endswith(".parquet"):
            continue
        if path.startswith(f"{MERGED}/") or above.endswith(f"{UPLOADS}/_"):
            found[path] = file
        elif name.removesuffix(".parquet").isdigit():
            found[above] = file  # the last one is the highest
    return sorted(found.values(), key=attrgetter("key"))


def _is_there(root: CatalogRoot, name: str) -> bool:
    try:
        root.store.head(base_key(root.destination.prefix, name))
    except StoredFileMissingError:
        return False
    return True
