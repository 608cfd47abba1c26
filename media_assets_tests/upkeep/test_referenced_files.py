"""Files are known whatever spelling of their place was recorded."""

from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.records.written_files import LocatedFile
from media_assets.stores import Storage
from media_assets.upkeep.referenced_files import ReferencedFiles, files_uploaded_in_place
from media_assets.uploads.log import UploadLog
from media_assets.uploads.upload import Upload
from media_assets_tests.catalogs import memory_root

NAME = "a-0123456789abcdef.jpg"


def put(fileurl: str, content: bytes = b"1") -> LocatedFile:
    store, key = Storage().store_of(fileurl)
    store.put(key, content)
    return LocatedFile(store, store.head(key))


def test_a_file_is_known_by_its_fileurl_and_others_are_not() -> None:
    place = f"memory://{uuid4().hex}"
    known, other = put(f"{place}/a/{NAME}"), put(f"{place}/a/b-0123456789abcdef.jpg")

    named = ReferencedFiles(Storage(), [known.fileurl])

    assert named.has(known)
    assert not named.has(other)


def test_a_copy_of_the_same_name_elsewhere_is_another_file(tmp_path: Path) -> None:
    for place in (f"memory://{uuid4().hex}", tmp_path.as_uri()):
        recorded, copy = put(f"{place}/new/{NAME}"), put(f"{place}/old/{NAME}")

        assert not ReferencedFiles(Storage(), [recorded.fileurl]).has(copy)


def test_a_folder_that_is_reached_through_a_link_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "files")
    located = put((tmp_path / "files" / NAME).as_uri())

    assert ReferencedFiles(Storage(), [(tmp_path / "link" / NAME).as_uri()]).has(located)


@pytest.mark.parametrize("missing", [f"file:///nowhere/{NAME}", f"https://example.com/{NAME}"])
def test_a_recorded_file_that_is_gone_or_on_the_web_matches_no_other(missing: str) -> None:
    located = put(f"memory://{uuid4().hex}/{NAME}")

    assert not ReferencedFiles(Storage(), [missing]).has(located)


def test_what_was_uploaded_in_place_is_collected_from_all_tables() -> None:
    root, place = memory_root(), f"memory://{uuid4().hex}"
    first, second, third = (put(f"{place}/{n}/{NAME}") for n in "123")
    for table, located in (("photos", first), ("team/posters", second)):
        log = UploadLog(root, table)
        log.append(log.refresh(), [Upload("a", located.fileurl, 1, "1", "p1")])

    named = files_uploaded_in_place(root, Storage())

    assert [named.has(located) for located in (first, second, third)] == [True, True, False]
