"""What stores say of many files."""

from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.stores import Storage
from media_assets.upkeep.lookup import look_up


@pytest.fixture(params=["local", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return tmp_path.as_uri() if request.param == "local" else f"memory://{uuid4().hex}"


def put(place: str, *names: str) -> list[str]:
    """Stores a file under each name, as long as its number, and returns their fileurls."""
    fileurls = [f"{place}/{name}" for name in names]
    for number, fileurl in enumerate(fileurls):
        store, key = Storage().store_of(fileurl)
        store.put(key, b"x" * number)
    return fileurls


def test_files_are_found_with_their_size_and_missing_ones_are_left_out(place: str) -> None:
    fileurls = put(place, "a/1.jpg", "a/2.jpg", "b/1.jpg", "1.jpg")
    missing = [f"{place}/a/3.jpg", f"{place}/a/0.jpg", f"{place}/c/1.jpg"]

    found = look_up(Storage(), [*missing, *fileurls]).found

    assert {url: file.size_bytes for url, file in found.items()} == {
        url: number for number, url in enumerate(fileurls)
    }


def test_nothing_is_asked_of_nobody() -> None:
    assert look_up(Storage(), []).found == {}


def test_two_files_among_very_many_others_are_found(place: str) -> None:
    fileurls = put(place, *(f"a/{n:03d}.jpg" for n in range(50)), "a/999.jpg")

    found = look_up(Storage(), [fileurls[0], fileurls[-1], f"{place}/a/5.jpg"]).found

    assert sorted(found) == [fileurls[0], fileurls[-1]]


def test_a_name_that_goes_on_is_another_file(place: str) -> None:
    fileurls = put(place, "a/photo.jpg.png", "a/photo.jp")

    assert look_up(Storage(), [f"{place}/a/photo.jpg", f"{place}/a/p"]).found == {}
    assert len(look_up(Storage(), fileurls).found) == 2
