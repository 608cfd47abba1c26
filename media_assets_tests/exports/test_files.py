"""A column as a plain folder of files."""

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assets.errors import ExportFolderError, StoreFullError
from media_assets.exports.files import export_files
from media_assets.exports.folder import OTHER_CONTENT, open_export_folder
from media_assets_tests.exports.datasets import dataset_of
from media_assets_tests.photos import save_photo


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones, too."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_each_row_becomes_a_file_of_its_name(tmp_path: Path, target: Path) -> None:
    dataset = dataset_of(tmp_path / "stored", ["trip/a.png", "b.jpg"])

    done = export_files(dataset, "thumbnail", target)

    assert (done.written, done.unchanged, done.rows, done.others) == (2, 0, 2, 0)
    files = [(tmp_path / f"stored/{n}.jpg").read_bytes() for n in (0, 1)]
    assert contents(target) == {"trip/a.jpg": files[0], "b.jpg": files[1]}


def test_what_is_there_is_not_even_read_again(tmp_path: Path, target: Path) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg", "b.jpg"])
    export_files(dataset, "thumbnail", target)
    (target / "b.jpg").unlink()
    (tmp_path / "stored/0.jpg").unlink()

    again = export_files(dataset, "thumbnail", target)

    assert (again.written, again.unchanged, again.rows, again.unreadable) == (1, 1, 2, [])


def test_other_files_are_replaced_only_if_asked_and_never_deleted(
    tmp_path: Path, target: Path
) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg", "b.jpg"])
    target.mkdir(parents=True)
    (target / "a.jpg").write_text("mine")
    (target / "notes.txt").write_text("mine")

    first = export_files(dataset, "thumbnail", target)
    kept = (target / "a.jpg").read_text()
    second = export_files(dataset, "thumbnail", target, replaces=True)

    assert (first.written, first.kept, first.others) == (1, [("a.jpg", OTHER_CONTENT)], 1)
    assert kept == "mine"
    assert (second.written, second.unchanged, second.kept) == (1, 1, [])
    assert (target / "a.jpg").read_bytes() == (tmp_path / "stored/0.jpg").read_bytes()
    assert (target / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("replaces", [False, True])
def test_nothing_is_written_through_a_link(tmp_path: Path, target: Path, *, replaces: bool) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg", "in/b.jpg", "in/deep/c.jpg"])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.jpg").write_text("mine")
    target.mkdir(parents=True)
    (target / "in").symlink_to(elsewhere)
    (target / "a.jpg").symlink_to(elsewhere / "mine.jpg")

    done = export_files(dataset, "thumbnail", target, replaces=replaces)

    assert contents(elsewhere) == {"mine.jpg": b"mine"}
    assert {name for name, _ in done.kept} >= {"in/b.jpg", "in/deep/c.jpg"}
    assert (target / "a.jpg").is_symlink() is not replaces


def test_a_folder_in_place_of_a_file_stays(tmp_path: Path, target: Path) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg", "b/c.jpg"])
    (target / "a.jpg").mkdir(parents=True)
    (target / "b").write_text("mine")

    done = export_files(dataset, "thumbnail", target, replaces=True)

    assert {name for name, _ in done.kept} == {"a.jpg", "b/c.jpg"}
    assert (target / "b").read_text() == "mine"


def test_files_that_cannot_be_read_are_reported_and_the_others_written(
    tmp_path: Path, target: Path
) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg", "b.jpg", "c.jpg"])
    save_photo(tmp_path / "stored/0.jpg", seed=9)
    (tmp_path / "stored/1.jpg").unlink()

    done = export_files(dataset, "thumbnail", target)

    (changed, missing) = done.unreadable
    assert (changed[0], missing[0]) == ("a.jpg", "b.jpg")
    assert "has changed" in changed[1]
    assert "There is no file" in missing[1]
    assert list(contents(target)) == ["c.jpg"]


@pytest.mark.parametrize("folder", ["s3://bucket/prefix", "{tmp}/file", "{tmp}/file/below"])
def test_only_a_folder_of_this_machine_is_exported_to(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("mine")
    dataset = dataset_of(tmp_path / "stored", ["a.jpg"])

    with pytest.raises(ExportFolderError):
        export_files(dataset, "thumbnail", folder.format(tmp=tmp_path))


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond 1,000 bytes."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_is_reported_and_leaves_no_half_file(
    tmp_path: Path, target: Path, request: pytest.FixtureRequest
) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg", "b.jpg"])
    assert (tmp_path / "stored/0.jpg").stat().st_size > 1_000
    request.getfixturevalue("full_disk")

    with pytest.raises(StoreFullError, match="file too large"):
        export_files(dataset, "thumbnail", target)

    assert contents(target) == {}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_killed_export_leaves_only_what_the_next_one_deletes(
    tmp_path: Path, target: Path
) -> None:
    child = os.fork()
    if child == 0:
        with open_export_folder(target, replaces=False) as opened, opened.stage() as staged:
            staged.write_bytes(b"half a file")
            os._exit(0)
    os.waitpid(child, 0)
    left = contents(target)
    dataset = dataset_of(tmp_path / "stored", ["a.jpg"])

    done = export_files(dataset, "thumbnail", target)

    assert [*left.values()] == [b"half a file"]
    assert all(name.startswith(".media-assets-run-") for name in left)
    assert list(contents(target)) == ["a.jpg"]
    assert done.others == 0
    assert [path.name for path in target.iterdir()] == ["a.jpg"]


def test_exports_to_one_folder_leave_each_others_files_alone(tmp_path: Path, target: Path) -> None:
    dataset = dataset_of(tmp_path / "stored", ["a.jpg"])

    with open_export_folder(target, replaces=False) as other, other.stage() as staged:
        staged.write_bytes(b"of the other one")
        done = export_files(dataset, "thumbnail", target)
        other.place(staged, "b.jpg")

    assert (done.written, done.others) == (1, 0)
    assert (target / "b.jpg").read_bytes() == b"of the other one"
