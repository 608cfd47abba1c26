"""The local store: the contract, races between processes, kills, links, and a failing disk."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit
from time import sleep

import pytest

from media_assets.errors import (
    FileExistsInStoreError,
    NotSignableError,
    StoreDeniedError,
    StoreFaultError,
    StoreFullError,
    UnsafeKeyError,
)
from media_assets.stores import LocalStore, Store, staging_name
from media_assets.stores.os_errors import local_error
from media_assets_tests.stores.contract import StoreContract, staged
from media_assets_tests.stores.processes import run, start

__all__ = ["staged"]


@pytest.fixture
def store() -> Store:
    return LocalStore()


@pytest.fixture
def base(tmp_path: Path) -> str:
    return f"{str(tmp_path)[1:]}/stored/"


class TestLocalStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return LocalStore()

    @pytest.fixture
    def base(self, tmp_path: Path) -> str:
        return f"{str(tmp_path)[1:]}/stored/"


def put_for_ever(base: str) -> None:
    store = LocalStore()
    for number in count():
        store.put(f"{base}{number % 5}", bytes([number % 256]) * 2_000_000)


def test_a_killed_process_leaves_whole_files_and_at_most_a_hidden_one(
    store: Store, base: str
) -> None:
    for _ in range(5):
        process = start(put_for_ever, base)
        while not list(store.list(base)):
            continue
        sleep(0.05)
        process.kill()
        process.join()

    for file in store.list(base):
        data = store.get(file.key)
        assert len(data) == 2_000_000
        assert len(set(data)) == 1
    left = [file.key for file in store.list_staged(base)]
    assert len(left) <= 5
    store.delete(left)
    assert list(store.list_staged(base)) == []


def test_a_staged_file_of_another_file_system_is_copied(store: Store, base: str) -> None:
    memory = Path("/dev/shm")  # noqa: S108 - a file system of its own on every Linux
    staged = memory / staging_name()
    staged.write_bytes(b"staged")

    store.put_file(f"{base}a", staged)

    assert store.get(f"{base}a") == b"staged"
    assert not staged.exists()
    assert list(store.list_staged(base)) == []


def test_stored_files_have_the_permissions_that_the_user_asks_for(store: Store, base: str) -> None:
    before = os.umask(0o027)
    try:
        store.put(f"{base}put", b"")
        store.create(f"{base}created", b"")
        store.copy(f"{base}put", f"{base}copied")
    finally:
        os.umask(before)

    for name in ("put", "created", "copied"):
        path = store.path(base + name)
        assert path is not None
        assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_to_a_file_is_a_file_and_no_other_link_is_listed(
    store: Store, base: str, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    store.put(f"{base}a", b"content")
    folder = tmp_path / "stored"
    (folder / "link").symlink_to(folder / "a")
    (folder / "folder-link").symlink_to(outside)
    (folder / "up").symlink_to(folder)
    (folder / "dangling").symlink_to(folder / "nothing")
    (folder / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "pipe")

    assert [file.key for file in store.list(base)] == [f"{base}a", f"{base}link"]
    assert [file.key for file in store.list(f"{base}folder-link/")] == [f"{base}folder-link/secret"]


def test_writing_to_a_link_replaces_the_link(store: Store, base: str, tmp_path: Path) -> None:
    store.put(f"{base}a", b"content")
    (tmp_path / "stored" / "link").symlink_to(tmp_path / "stored" / "a")

    store.put(f"{base}link", b"other")

    assert store.get(f"{base}a") == b"content"
    assert store.get(f"{base}link") == b"other"


def test_names_with_a_newline_or_without_unicode_can_be_read(
    store: Store, base: str, tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path / "stored")
    Path(os.fsdecode(folder)).mkdir()
    for name in (b"caf\xe9.jpg", b"new\nline.jpg"):
        with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123 - a path in bytes
            file.write(name)

    files = list(store.list(base))

    assert {store.get(file.key) for file in files} == {b"caf\xe9.jpg", b"new\nline.jpg"}


def test_a_fileurl_is_percent_encoded_and_its_path_is_local(store: Store) -> None:
    assert store.fileurl("data/a b#.jpg") == "file:///data/a%20b%23.jpg"
    assert store.path("data/a b#.jpg") == Path("/data/a b#.jpg")


def test_a_local_file_has_no_presigned_url(store: Store) -> None:
    with pytest.raises(NotSignableError, match="Only files in cloud storage can be signed"):
        store.sign("data/a.jpg", timedelta(hours=1))


def test_a_file_and_a_folder_cannot_have_one_name(store: Store, base: str, staged: Path) -> None:
    store.put(f"{base}file", b"")
    store.put(f"{base}folder/a", b"")

    for key in (f"{base}file/below", f"{base}folder"):
        with pytest.raises(UnsafeKeyError, match="is in the way"):
            store.put(key, b"")
        with pytest.raises(UnsafeKeyError, match="is in the way"):
            store.put_file(key, staged)
    with pytest.raises(UnsafeKeyError, match="is in the way"):
        store.create(f"{base}file/below", b"")
    with pytest.raises(UnsafeKeyError, match="is in the way"):
        store.staging_folder(f"{base}file/below/")
    with pytest.raises(FileExistsInStoreError):
        store.create(f"{base}folder", b"")
    assert list(store.list_staged(base)) == []


@pytest.mark.parametrize("name", ["x" * 256, "/".join(["x" * 200] * 30)])
def test_a_name_that_is_too_long_is_an_error_that_says_so(
    store: Store, base: str, name: str
) -> None:
    for write in (store.put, store.create):
        with pytest.raises(UnsafeKeyError, match="too long"):
            write(base + name, b"")

    assert list(store.list_staged(base)) == []


def write_with_a_limit(base: str) -> list[str]:
    store = LocalStore()
    setrlimit(RLIMIT_FSIZE, (4096, 4096))
    return [
        _message_of(StoreFullError, lambda: store.put(f"{base}before", bytes(100_000))),
        _message_of(StoreFullError, lambda: store.create(f"{base}new", bytes(100_000))),
        _message_of(StoreFullError, lambda: store.copy(f"{base}big", f"{base}before")),
    ]


def _message_of(kind: type[Exception], work: Callable[[], object]) -> str:
    try:
        work()
    except kind as error:
        return str(error)
    return "nothing raised"


def test_a_write_that_finds_no_room_says_so_and_leaves_everything_as_it_was(
    store: Store, base: str
) -> None:
    store.put(f"{base}before", b"before")
    store.put(f"{base}big", bytes(100_000))

    messages = run(write_with_a_limit, base)

    assert len(messages) == 3
    for message in messages:
        assert "Could not write file:///" in message
        assert "Make room" in message
    assert [file.key for file in store.list(base)] == [f"{base}before", f"{base}big"]
    assert store.get(f"{base}before") == b"before"
    assert list(store.list_staged(base)) == []


def use_as_nobody(base: str) -> list[str]:
    store = LocalStore()
    if os.getuid() == 0:
        os.setuid(65534)
    verbs: list[Callable[[], object]] = [
        lambda: store.put(f"{base}new", b""),
        lambda: store.create(f"{base}new", b""),
        lambda: store.get(f"{base}a"),
        lambda: store.head(f"{base}a"),
        lambda: list(store.list(base)),
        lambda: store.delete([f"{base}a"]),
        lambda: store.staging_folder(f"{base}folder/"),
    ]
    return [_message_of(StoreDeniedError, verb) for verb in verbs]


def test_a_folder_that_belongs_to_others_is_denied_to_every_verb(
    store: Store, base: str, tmp_path: Path
) -> None:
    store.put(f"{base}a", b"")
    (tmp_path / "stored").chmod(0o000)

    messages = run(use_as_nobody, base)
    (tmp_path / "stored").chmod(0o700)

    assert len(messages) == 7
    assert all("Grant this user" in message for message in messages)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, StoreDeniedError),
        (errno.EROFS, StoreDeniedError),
        (errno.ENOSPC, StoreFullError),
        (errno.EDQUOT, StoreFullError),
        (errno.EFBIG, StoreFullError),
        (errno.ENAMETOOLONG, UnsafeKeyError),
        (errno.EIO, StoreFaultError),
        (errno.ENOENT, StoreFaultError),
    ],
)
def test_each_fault_of_the_disk_has_its_error(number: int, kind: type[Exception]) -> None:
    error = local_error(OSError(number, os.strerror(number)), "file:///a", action="write")

    assert type(error) is kind
    assert "file:///a" in str(error)
