"""What files and folders of this machine give."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote_to_bytes

import pytest

from media_assets.errors import UploadError
from media_assets.reading import Reader
from media_assets.records.ledger import CatalogRoot
from media_assets.row_names import Naming
from media_assets.uploads.changes import find_unrecorded
from media_assets.uploads.folders import Found, find_files
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.listing import LocalListing
from media_assets.uploads.log import UploadLog
from media_assets_tests.catalogs import memory_root, recorder, upload
from media_assets_tests.stores.processes import run
from media_assets_tests.uploads.given_files import rows, write

NAMES_OF_ANY_SCRIPT = [
    "Zürich.jpg",
    "Zu\u0308rich.jpg",
    "日本 😀.png",
    "صورة.webp",
    "a'b\"c`d.gif",
    "100% & more;?#.tif",
    "a\nb\tc.jpg",
    " edge .jpg",
    "til~de.jpg",
    "-dash.jpg",
]


def log_of(root: CatalogRoot) -> UploadLog:
    log = UploadLog(root, "photos")
    log.refresh()
    return log


def live(root: CatalogRoot) -> dict[str, list[str]]:
    """The rows of each partition."""
    log = log_of(root)
    return {partition: sorted(log.live_rows(partition)) for partition in log.partitions()}


def find_as_nobody(folder: Path) -> str:
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        found = find_files([folder])
    except UploadError as error:
        return str(error)
    return f"{' '.join(rows(found))}; {found.left_alone.faults}"


def test_a_file_is_named_by_itself_and_a_folders_file_by_its_path_below(folder: Path) -> None:
    write(folder, "b.jpg", "deep/er/a.jpg")
    (single,) = write(folder.parent, "single.dat")

    found = find_files([single, folder])

    assert rows(found) == ["single.dat", "b.jpg", "deep/er/a.jpg"]
    assert found.left_alone.total == 0


def test_an_upload_says_where_it_is_how_large_and_when_it_changed(folder: Path) -> None:
    (path,) = write(folder, "a b.jpg")

    (found,) = find_files([path]).uploads

    assert found.uri == f"file://{folder}/a%20b.jpg"
    assert found.size_bytes == len("a b.jpg")
    assert found.version == f"{path.stat().st_mtime_ns} {path.stat().st_ctime_ns}"
    assert (found.partition, found.supersedes) == ("", None)


def test_a_folder_gives_images_by_their_extension_and_nothing_hidden(folder: Path) -> None:
    write(folder, "a.JPG", "b.Jpeg", "c.avif", "d.txt", "noextension", ".hidden.jpg", ".git/x.jpg")
    write(folder, "sub/.thumbs/y.jpg")

    found = find_files([folder])

    assert rows(found) == ["a.JPG", "b.Jpeg", "c.avif"]
    assert found.left_alone.total == 5


def test_all_files_of_a_folder_may_be_asked_for_but_hidden_ones(folder: Path) -> None:
    write(folder, "a.jpg", "d.txt", "noextension", ".hidden.jpg")

    found = find_files([folder], all_files=True)

    assert (rows(found), found.left_alone.total) == (["a.jpg", "d.txt", "noextension"], 1)


def test_a_file_that_is_named_is_taken_whatever_it_is_called(folder: Path) -> None:
    paths = write(folder, ".hidden", "notes.txt")

    assert rows(find_files(paths)) == [".hidden", "notes.txt"]


def test_a_hidden_folder_named_explicitly_is_taken(folder: Path) -> None:
    write(folder, ".camera/a.jpg")

    assert rows(find_files([folder / ".camera"])) == ["a.jpg"]


def test_names_of_any_script_are_rows(folder: Path) -> None:
    write(folder, *NAMES_OF_ANY_SCRIPT)

    found = find_files([folder])

    assert sorted(rows(found)) == sorted(NAMES_OF_ANY_SCRIPT)
    for one in found.uploads:
        path = Path(unquote_to_bytes(one.uri.removeprefix("file://")).decode())
        assert path.read_text() == one.row


def test_a_name_that_is_not_text_shows_its_bytes(folder: Path) -> None:
    write(folder, os.fsdecode(b"caf\xe9.jpg"))

    (found,) = find_files([folder]).uploads

    assert found.row == "caf\\xe9.jpg"
    assert unquote_to_bytes(found.uri).endswith(b"/caf\xe9.jpg")


def test_two_files_that_show_one_name_are_one_row_at_a_time() -> None:
    root = memory_root()
    both = [upload("a\\xff.jpg", uri=f"file:///uploads/{name}") for name in ("a%FF", "a%5Cxff")]

    first = recorder(root, rows=5).record(Found(tuple(both)))

    assert (first.new, [conflict.found for conflict in first.conflicts]) == (1, [both[1].uri])
    assert [row for rows in live(root).values() for row in rows] == ["a\\xff.jpg"]
    assert [one.uri for one in find_unrecorded(log_of(root), both)] == [both[1].uri]


def test_a_file_in_the_working_directory_may_begin_with_a_tilde(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "~backup.jpg")
    monkeypatch.chdir(folder)

    assert rows(find_files([Path("~backup.jpg"), Path()])) == ["~backup.jpg"]


def test_a_tilde_is_the_users_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "a.jpg")
    monkeypatch.setenv("HOME", str(folder))

    assert rows(find_files([Path("~/a.jpg")])) == ["a.jpg"]


def test_links_are_followed_to_files_below_the_folder_and_nowhere_else(folder: Path) -> None:
    (outside,) = write(folder.parent / "outside", "secret.jpg")
    write(folder, "real/a.jpg")
    (folder / "inside.jpg").symlink_to(folder / "real" / "a.jpg")
    (folder / "outside.jpg").symlink_to(outside)
    (folder / "linked").symlink_to(outside.parent)

    found = find_files([folder])

    assert rows(found) == ["inside.jpg", "real/a.jpg"]
    assert str(found.left_alone) == (
        "2 left alone: 1 link to a folder (see --follow-links), "
        "1 link that leads out of the folder (see --follow-links)"
    )


def test_the_folder_itself_may_be_a_link_and_so_may_a_file_that_is_named(folder: Path) -> None:
    (photo,) = write(folder, "a.jpg")
    (folder / "b.jpg").symlink_to(photo)
    (folder.parent / "link").symlink_to(folder)
    (folder.parent / "named.jpg").symlink_to(photo)

    found = find_files([folder.parent / "link", folder.parent / "named.jpg"])

    assert rows(found) == ["a.jpg", "b.jpg", "named.jpg"]
    assert found.uploads[0].uri.endswith("/link/a.jpg")


def test_links_that_are_followed_lead_to_each_folder_once(folder: Path) -> None:
    outside = folder.parent / "outside"
    write(outside, "a.jpg", "deep/b.jpg")
    write(folder, "own/c.jpg")
    (folder / "again").symlink_to(outside / "deep")
    (folder / "first").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "own" / "up").symlink_to(folder.parent)
    (folder / "to-own").symlink_to(folder / "own")
    (outside / "back").symlink_to(outside)

    found = find_files([folder], follow_links=True)

    assert rows(found) == ["again/b.jpg", "first/a.jpg", "own/c.jpg"]
    assert found.left_alone.total == 5
    listing = LocalListing(folder, follow_links=True)
    listed = [file.place for file in listing.files()]
    for number, place in enumerate(listed):
        assert [file.place for file in listing.files(place)] == listed[number + 1 :]


def test_broken_links_and_pipes_in_a_folder_are_left_alone(folder: Path) -> None:
    write(folder, "a.jpg")
    (folder / "broken.jpg").symlink_to(folder / "nowhere.jpg")
    os.mkfifo(folder / "pipe.jpg")

    found = find_files([folder])

    assert (rows(found), found.left_alone.total) == (["a.jpg"], 2)


@pytest.mark.parametrize("kind", ["missing", "broken link", "pipe"])
def test_a_path_without_a_file_is_refused_with_its_name(folder: Path, kind: str) -> None:
    path = folder / "x.jpg"
    if kind == "broken link":
        path.symlink_to(folder / "nowhere.jpg")
    elif kind == "pipe":
        os.mkfifo(path)

    with pytest.raises(UploadError, match=r"'.*/x.jpg' does not exist.*nothing was inserted"):
        find_files([*write(folder, "a.jpg"), path])


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_goes_on() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        folder.chmod(0o755)
        write(folder, "closed/a.jpg", "open/b.jpg", "z.jpg")
        (folder / "closed").chmod(0)

        answer = run(find_as_nobody, folder)
        of_itself = run(find_as_nobody, folder / "closed")

        (folder / "closed").chmod(0o755)
    assert answer == (
        "open/b.jpg z.jpg; 1 entry that cannot be read (permission denied): 'closed/'"
    )
    assert of_itself.startswith(f"The folder '{folder}/closed' cannot be read: Permission denied.")


def test_a_folder_deeper_than_paths_reach_is_named_and_the_rest_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "a.jpg", "z.jpg")
    monkeypatch.chdir(folder)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    Path("deep.jpg").write_bytes(b"deep")

    found = find_files([folder])

    assert rows(found) == ["a.jpg", "z.jpg"]
    assert found.left_alone.faults.startswith(
        "1 entry that cannot be read (file name too long): 'ddd"
    )


def test_files_left_alone_are_counted_by_kind(folder: Path) -> None:
    write(folder, "a.heic", "b.HEIC", "notes.txt", "a.jpg", "x.xyz", "plain", ".hidden", "c.mov")

    found = find_files([folder])

    assert str(found.left_alone) == (
        "7 left alone: 2 HEIC, 1 hidden or temporary file, 1 video, 1 text file, "
        "1 file without an extension, 1 .xyz file"
    )


def test_the_same_file_named_twice_counts_once(folder: Path) -> None:
    (path,) = write(folder, "a.jpg")

    assert rows(find_named([str(path), str(path), str(folder)], Reader())) == ["a.jpg"]


def offered(folder: Path, *given: str, naming: str | None = None) -> tuple[str, list[str]]:
    """What an insert says of files of one name, and the rules that it offers."""
    with pytest.raises(UploadError) as caught:
        find_named([f"{folder}/{name}" for name in given], Reader(), naming=Naming.of(naming))
    return str(caught.value), re.findall(r"--name-by (\w+)", str(caught.value))


def test_two_files_of_one_name_are_refused_with_rules_that_tell_them_apart(folder: Path) -> None:
    write(folder, "x/a.jpg", "y/a.jpg")

    message, rules = offered(folder, "x", "y")

    assert re.search(r"row name 'a.jpg': file://.*/x/a.jpg and file://.*/y/a.jpg", message)
    assert rules == ["path", "url"]
    assert f"(they are then '{folder}/x/a.jpg' and '{folder}/y/a.jpg')" in message


def test_a_rule_that_tells_only_some_of_the_files_apart_is_not_offered(folder: Path) -> None:
    write(folder, "x/a.jpg", "x/a.png", "y/b.jpg")

    message, rules = offered(folder, "x", naming="stem")

    assert "row name 'a'" in message
    assert rules == ["path", "url", "name"]


def test_every_rule_that_is_offered_names_the_files_as_it_says(folder: Path) -> None:
    write(folder, "x/a.jpg", "y/a.jpg", "y/b.jpg")
    given = [f"{folder}/x", f"{folder}/y"]
    message, rules = offered(folder, "x", "y")

    for rule in rules:
        found = find_named(given, Reader(), naming=Naming.of(rule))
        assert len(set(rows(found))) == 3
        assert repr(rows(found)[0]) in message


def test_names_that_print_the_same_are_told_apart_by_their_addresses(folder: Path) -> None:
    write(folder, os.fsdecode(b"a\xff.jpg"), "a\\xff.jpg")

    message, rules = offered(folder, ".")
    found = find_named([str(folder)], Reader(), naming=Naming.of("url"))

    assert rules == ["url"]
    assert "a%FF.jpg" in message
    assert "a%5Cxff.jpg" in message
    assert sorted(row.rpartition("/")[2] for row in rows(found)) == ["a%5Cxff.jpg", "a%FF.jpg"]


@pytest.mark.parametrize("given", [["a.jpg"], ["a.jpg", "a.jpg"], ["."]])
def test_a_single_file_may_be_given_a_name(folder: Path, given: Sequence[str]) -> None:
    write(folder, "a.jpg")

    found = find_named([str(folder / name) for name in given], Reader(), name="2026/harbour")

    assert rows(found) == ["2026/harbour"]


@pytest.mark.parametrize("names", [[], ["a.jpg", "b.jpg"]])
def test_a_name_for_no_file_or_for_several_is_refused(folder: Path, names: list[str]) -> None:
    write(folder, *names)

    with pytest.raises(UploadError, match=f"'harbour' was given with {len(names)} files"):
        find_named([str(folder)], Reader(), name="harbour")


def find_named_as_nobody(paths: Sequence[Path]) -> str:
    if os.getuid() == 0:
        os.setuid(65534)
    found = find_named([str(path) for path in paths], Reader())
    return f"{' '.join(rows(found))}; {found.left_alone.faults}"


def test_files_that_cannot_be_read_are_named_and_the_rest_goes_on() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        folder.chmod(0o755)
        closed, _, _, single, below = write(
            folder, "in/closed.jpg", "in/open.jpg", "z.jpg", "single.jpg", "shut/b.jpg"
        )
        for path in (closed, single):
            path.chmod(0)
        below.parent.chmod(0)

        answer = run(find_named_as_nobody, [folder / "in", single, below, folder / "z.jpg"])

        below.parent.chmod(0o755)
    assert answer == (
        "open.jpg z.jpg; 3 entries that cannot be read (permission denied): "
        f"'closed.jpg', '{single}', '{below}'"
    )
