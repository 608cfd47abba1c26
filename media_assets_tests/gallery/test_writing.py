"""The folder of a gallery: its data, its thumbnails, and the files of an earlier one."""

import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media_assets.errors import GalleryFolderError
from media_assets.gallery import GalleryFacts, write_gallery
from media_assets.gallery.contents import Contents, Failure, File
from media_assets.media_types import VIDEO
from media_assets.reading import Reader
from media_assets.stores.staging import staging_name
from media_assets_tests.gallery.tables import (
    contents_of,
    file_at,
    media_contents,
    media_file,
    photo,
)
from media_assets_tests.media.videos import make_video

HOUR = timedelta(hours=1)
EVIL = "</script><img src=x onerror=alert(1)> -- \u2028 & \"'"


def write(contents: Contents, folder: Path) -> GalleryFacts:
    return write_gallery(contents, folder, Reader(), expires_in=HOUR)


def data_in(path: Path) -> Any:  # noqa: ANN401  what JSON holds
    """The only argument of a data script."""
    call = re.fullmatch(r"mediaAssetsGallery\.\w+\((.*)\);\n", path.read_text("ascii"), re.DOTALL)
    assert call is not None
    return json.loads(call[1])


def thumbnails(folder: Path) -> dict[str, int]:
    """When each thumbnail was written, by its path."""
    found = sorted((folder / "thumbnails").rglob("*.*"))
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in found}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gallery"


def test_a_row_is_written_with_all_that_the_page_shows(folder: Path, tmp_path: Path) -> None:
    source = photo(tmp_path / "a.jpg")
    cells = {"source_image": source, "flipped": Failure("DarkError", "too dark"), "caption": "sea"}

    facts = write(contents_of({"a.jpg": cells, "b.jpg": {}}), folder)

    assert facts == GalleryFacts(folder / "index.html", 2, 1, 0, 1, None)
    assert data_in(folder / "data/names.js") == {"names": ["a.jpg", "b.jpg"], "errors": [0]}
    first, second = data_in(folder / "data/rows-00000.js")["rows"]
    (thumbnail,) = thumbnails(folder)
    assert first["cells"] == [
        {
            "fileurl": source.fileurl,
            "link": source.fileurl,
            "format": "JPEG",
            "width": 96,
            "height": 72,
            "bytes": source.size_bytes,
            "thumbnail": thumbnail,
        },
        {"error": "DarkError", "message": "too dark"},
        {"value": "sea"},
    ]
    assert second == {"partition": "p1", "cells": [None, None, None]}


def test_a_video_is_written_with_its_facts_and_may_be_played(folder: Path, tmp_path: Path) -> None:
    source = media_file(make_video(tmp_path / "a.mp4"), VIDEO)

    facts = write(media_contents({"a": {"a_video": source}}), folder)

    assert (facts.unreadable, facts.thumbnails_made) == (0, 1)
    cell, _, _ = data_in(folder / "data/rows-00000.js")["rows"][0]["cells"]
    assert cell["link"] == source.fileurl
    assert (cell["medium"], cell["length"]) == ("video", "1.0 s")
    assert cell["facts"] == "1.0 s · 10 fps · h264"
    assert "media-src 'self' file:; base-uri" in (folder / "index.html").read_text("utf-8")


def test_rows_come_in_slices_of_a_hundred_and_old_slices_are_deleted(folder: Path) -> None:
    write(contents_of({f"{n:04d}": {"caption": str(n)} for n in range(201)}), folder)

    slices = sorted(path.name for path in (folder / "data").glob("rows-*"))
    assert slices == ["rows-00000.js", "rows-00001.js", "rows-00002.js"]
    last = data_in(folder / "data/rows-00002.js")
    assert last == {
        "number": 2,
        "rows": [{"partition": "p1", "cells": [None, None, {"value": "200"}]}],
    }

    write(contents_of({"0": {}}), folder)
    assert [path.name for path in (folder / "data").glob("rows-*")] == ["rows-00000.js"]


def test_thumbnails_are_small_webp_files_of_which_no_two_are_alike(
    folder: Path, tmp_path: Path
) -> None:
    one, same, other = (photo(tmp_path / f"{n}.png", seed) for n, seed in enumerate((1, 1, 2)))
    rows = {"a": {"source_image": one, "flipped": same}, "b": {"source_image": other}}

    assert write(contents_of(rows), folder).thumbnails_made == 2

    for path in thumbnails(folder):
        with Image.open(folder / path) as opened:
            assert (opened.format, opened.size) == ("WEBP", (96, 72))


def test_rewriting_reads_only_new_content_and_removes_old_files(
    folder: Path, tmp_path: Path
) -> None:
    kept, gone, new = (photo(tmp_path / f"{n}.png", n) for n in range(3))
    write(contents_of({"a": {"source_image": kept}, "b": {"source_image": gone}}), folder)
    before = thumbnails(folder)
    (tmp_path / "0.png").unlink()  # reading it again would fail

    facts = write(contents_of({"a": {"source_image": kept}, "c": {"source_image": new}}), folder)

    after = thumbnails(folder)
    assert (facts.thumbnails_made, facts.error_rows) == (1, 0)
    assert len(after) == 2
    assert len(before.items() & after.items()) == 1


def test_an_unreadable_file_is_shown_with_its_problem(folder: Path, tmp_path: Path) -> None:
    missing, changed = photo(tmp_path / "0.png", 0), photo(tmp_path / "1.png", 1)
    (tmp_path / "0.png").unlink()
    os.truncate(tmp_path / "1.png", 100)

    facts = write(contents_of({"a": {"source_image": missing, "flipped": changed}}), folder)

    assert (facts.error_rows, facts.unreadable) == (0, 1)
    assert data_in(folder / "data/names.js")["errors"] == [0], "the filter finds it"
    first, second, _ = data_in(folder / "data/rows-00000.js")["rows"][0]["cells"]
    assert first["error"] == second["error"] == "The file cannot be read"
    assert "0.png" in first["message"]
    assert "1.png" in second["message"]
    assert "thumbnail" not in first
    assert thumbnails(folder) == {}


def test_a_stored_file_above_the_current_limits_has_a_thumbnail(
    folder: Path, tmp_path: Path
) -> None:
    frames = [Image.new("P", (1, 1), n % 2) for n in range(1_001)]
    frames[0].save(tmp_path / "long.gif", save_all=True, append_images=frames[1:])
    long = replace(file_at(tmp_path / "long.gif"), frames=1_001)

    facts = write(contents_of({"a": {"source_image": long}}), folder)

    assert (facts.error_rows, facts.unreadable, facts.thumbnails_made) == (0, 0, 1)


def test_no_name_or_message_leaves_its_quotes(folder: Path) -> None:
    cells = {"source_image": Failure(EVIL, EVIL), "caption": EVIL}

    write(contents_of({EVIL: cells}), folder)

    assert data_in(folder / "data/names.js")["names"] == [EVIL]
    (row,) = data_in(folder / "data/rows-00000.js")["rows"]
    assert row["cells"][0] == {"error": EVIL, "message": EVIL}
    assert row["cells"][2] == {"value": EVIL}
    for path in [folder / "index.html", *folder.glob("data/*.js")]:
        text = path.read_text(encoding="utf-8")
        assert "<img src=x" not in text
        assert "onerror=alert(1)>" not in text


def test_the_page_allows_nothing_but_its_own_files(folder: Path) -> None:
    write(contents_of({"a": {}}), folder)

    page = (folder / "index.html").read_text(encoding="utf-8")

    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1] == (
        "default-src 'none'; script-src 'self' file:; style-src 'self' file:; "
        "img-src 'self' file:; base-uri 'none'; form-action 'none'"
    )
    assert "http://" not in page
    assert "https://" not in page


def test_pictures_may_come_from_where_links_lead(folder: Path) -> None:
    cell = File("http://127.0.0.1:9/a.jpg", "d" * 64, 1, 1, 1, "JPEG")

    write(contents_of({"a": {"source_image": cell}}), folder)

    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "img-src 'self' file: http://127.0.0.1:9; base-uri" in page


def test_a_folder_with_other_files_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "index.html").write_text("somebody's page")

    with pytest.raises(GalleryFolderError, match="holds files that are not part of a gallery"):
        write(contents_of({"a": {}}), folder)

    assert (folder / "index.html").read_text() == "somebody's page"


def test_an_interrupted_run_is_resumed(folder: Path, tmp_path: Path) -> None:
    contents = contents_of({"a": {"source_image": photo(tmp_path / "a.png")}})
    write(contents, folder)
    (folder / "index.html").unlink()
    (thumbnail,) = thumbnails(folder)
    half = (folder / thumbnail).with_name(staging_name())
    half.write_bytes(b"half")

    assert write(contents, folder).thumbnails_made == 0

    assert not half.exists()
    assert (folder / "index.html").is_file()


def test_an_empty_folder_and_one_with_a_gallery_are_taken(folder: Path) -> None:
    folder.mkdir()

    assert write(contents_of({}), folder).rows == 0
    assert write(contents_of({"a": {}}), folder).rows == 1
