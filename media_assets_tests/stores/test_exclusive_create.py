"""Creating a file once: races between processes, with and without hard links."""

from pathlib import Path

import pytest

from media_assets.errors import FileExistsInStoreError
from media_assets.stores import LocalStore
from media_assets.stores.exclusive_create import create_exclusively, create_under_lock
from media_assets_tests.stores.processes import race


def create_all(base: str, name: str) -> list[int]:
    store = LocalStore()
    won: list[int] = []
    for number in range(200):
        try:
            store.create(f"{base}{number}", name.encode() * 100)
        except FileExistsInStoreError:
            continue
        won.append(number)
    return won


def claim_all(folder: str, name: str) -> list[int]:
    won: list[int] = []
    for number in range(200):
        temporary = Path(folder) / f"{name}-{number}.temporary"
        temporary.write_text(name)
        try:
            create_under_lock(temporary, Path(folder) / str(number))
        except FileExistsError:
            continue
        won.append(number)
    return won


def test_of_two_processes_that_create_the_same_files_one_succeeds_for_each(tmp_path: Path) -> None:
    store, base = LocalStore(), f"{str(tmp_path)[1:]}/stored/"

    won = race(create_all, base)

    assert sorted(won["a"] + won["b"]) == list(range(200))
    for name, numbers in won.items():
        assert all(store.get(f"{base}{number}") == name.encode() * 100 for number in numbers)
    assert list(store.list_staged(base)) == []


def test_without_hard_links_exactly_one_of_two_processes_succeeds(
    tmp_path: Path,
) -> None:
    won = race(claim_all, str(tmp_path))

    assert sorted(won["a"] + won["b"]) == list(range(200))
    for name, numbers in won.items():
        assert all((tmp_path / str(number)).read_text() == name for number in numbers)


def test_without_hard_links_an_existing_file_is_unchanged(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("first")
    (tmp_path / "temporary").write_text("second")

    with pytest.raises(FileExistsError):
        create_under_lock(tmp_path / "temporary", tmp_path / "a")

    assert (tmp_path / "a").read_text() == "first"


def test_a_link_whose_answer_was_lost_still_counts(tmp_path: Path) -> None:
    (tmp_path / "temporary").write_text("mine")
    (tmp_path / "a").hardlink_to(tmp_path / "temporary")

    create_exclusively(tmp_path / "temporary", tmp_path / "a")

    assert (tmp_path / "a").read_text() == "mine"
    assert not (tmp_path / "temporary").exists()
