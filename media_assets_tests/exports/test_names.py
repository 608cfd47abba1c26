"""Names of exported files."""

import os
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, strategies as st

from media_assets.exports.names import file_names
from media_assets.media_types import VIDEO


def digest(row: str) -> str:
    return f"--{sha256(row.encode()).hexdigest()[:12]}"


@pytest.mark.parametrize(
    ("row", "name", "path"),
    [
        ("a.jpg", "JPEG", "a.jpg"),
        ("a.JPG", "JPEG", "a.JPG"),
        ("a.jpeg", "JPEG", "a.jpeg"),
        ("a.jpg", "WEBP", "a.webp"),
        ("a.heic", "JPEG", "a.jpg"),
        ("trip/a", "PNG", "trip/a.png"),
        ("v1.01", "JPEG", "v1.01.jpg"),
        ("2026-11-22T12:30:05.5", "JPEG", "2026-11-22T12:30:05.5.jpg"),
        (".hidden", "JPEG", ".hidden.jpg"),
        ("/data//x.jpg", "JPEG", "data/x.jpg"),
        ('ü "x" ?*.jpg', "JPEG", 'ü "x" ?*.jpg'),
        ("a.jpg", None, "a.jpg"),
    ],
)
def test_a_file_has_its_rows_name_and_its_own_extension(
    row: str, name: str | None, path: str
) -> None:
    assert file_names([(row, name)]) == [path]


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ("../../etc/a.jpg", "_/_/etc/a{}.jpg"),
        ("a/./b.jpg", "a/_/b{}.jpg"),
        ("a/..", "a/_{}.jpg"),
        ("/", "_{}.jpg"),
        ("a\n\0.jpg", "a__{}.jpg"),
        (".media-assets-run-x", "_media-assets-run-x{}.jpg"),
        ("x--0123456789ab.jpg", "x--0123456789ab{}.jpg"),
        ("ü" * 200 + ".jpg", "ü" * 118 + "{}.jpg"),
    ],
)
def test_a_name_that_cannot_be_kept_gets_a_digest(row: str, path: str) -> None:
    assert file_names([(row, "JPEG")]) == [path.format(digest(row))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.jpg", "a.png"),
        ("a", "a.jpg"),
        ("Trip/a.jpg", "trip/A.jpg"),
        ("straße.jpg", "STRASSE.jpg"),
        ("caf\u00e9.jpg", "cafe\u0301.jpg"),
        ("/a.jpg", "a.jpg"),
    ],
)
def test_names_that_would_be_one_get_digests(first: str, second: str) -> None:
    found = file_names([(first, "WEBP"), (second, "WEBP"), ("other.jpg", "WEBP")])

    assert digest(first) in found[0]
    assert digest(second) in found[1]
    assert found[2] == "other.webp"


def test_a_file_never_stands_where_a_folder_is_needed() -> None:
    rows = ["a", "a.jpg/b.jpg"]

    assert file_names((row, "JPEG") for row in rows) == [f"a{digest('a')}.jpg", "a.jpg/b.jpg"]


SEGMENTS = st.sampled_from(
    [".", "..", "", "a", "A", "a.jpg", "b.png", "\n", "é", "e\u0301", "x" * 300]
)


@given(st.lists(st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join), unique=True))
def test_no_two_rows_share_a_file_and_none_leaves_the_folder(rows: list[str]) -> None:
    found = file_names((row, "JPEG") for row in rows)

    assert len({path.casefold() for path in found}) == len(rows)
    for path in found:
        assert Path(os.path.normpath(f"/folder/{path}")) == Path("/folder") / path
        assert not {"", ".", ".."} & set(path.split("/"))
        assert all(len(part.encode()) <= 255 for part in PurePosixPath(path).parts)


def test_other_media_keep_every_usual_extension_of_their_format() -> None:
    rows = [("a.mov", "mp4"), ("b.M4V", "mp4"), ("c.ogv", "ogg"), ("d", "mkv"), ("e.avi", "avi")]

    found = file_names(rows, VIDEO)

    assert found == ["a.mp4", "b.M4V", "c.ogv", "d.mkv", "e.avi"]
