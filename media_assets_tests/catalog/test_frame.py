"""A table as notebooks show it."""

import pickle
from base64 import b64decode
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from re import findall

import pandas as pd
import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.catalog.frame import MediaFrame
from media_assets.errors import UnknownNameError
from media_assets.records.manifests import Record
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    failure,
    header,
    image,
    memory_root,
    record_rows,
    value,
)
from media_assets_tests.photos import save_photo

HOSTILE = "<script>alert('1')</script>"
ROWS = 25


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """25 rows with an image and a value each; the first name is hostile, the second one failed."""
    root = memory_root()
    rows = [HOSTILE, *(f"row-{n:02d}" for n in range(1, ROWS))]
    record_rows(root, "p1", rows)
    commit(root, header("photo", position=1), [photo(tmp_path, row) for row in rows])
    values = [value(row, f"{n}.5") for n, row in enumerate(rows)]
    commit(root, header("size", type=ColumnType.FLOAT, position=2), values)
    return catalog_of(root)


def photo(folder: Path, row: str) -> Record:
    if row == "row-01":
        return failure(row, message=HOSTILE)
    path = save_photo(folder / f"{sha256(row.encode()).hexdigest()}.jpg", size=(640, 480))
    return image(row, path.as_uri(), digest=sha256(path.read_bytes()).hexdigest())


def test_images_show_as_small_pictures_within_the_html(catalog: Catalog) -> None:
    html = catalog.table("photos")._repr_html_()

    pictures = [b64decode(data) for data in findall(r'src="data:image/webp;base64,([^"]+)"', html)]
    assert len(pictures) == 19  # 20 rows, of which one failed
    assert {Image.open(BytesIO(picture)).size for picture in pictures} == {(128, 96)}
    assert max(map(len, pictures)) < 4_000
    assert "20 of 25 rows" in html
    assert "http" not in html


def test_names_and_messages_are_text_and_never_markup(catalog: Catalog) -> None:
    html = catalog.table("photos")._repr_html_()

    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 3
    assert "alert('1')" not in html


def test_a_long_message_is_cut_and_shows_whole_where_the_mouse_rests(tmp_path: Path) -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    commit(root, header(), [failure("a", message="too dark " * 30)])

    html = catalog_of(root).table("photos")._repr_html_()

    assert html.count("too dark") == 30 + 8
    assert "[...]</em>" in html


def test_what_is_selected_from_a_table_shows_its_images_too(catalog: Catalog) -> None:
    frame = catalog.table("photos")

    large = frame[frame["size"] > 23][["photo"]]
    assert isinstance(large, MediaFrame)
    html = large._repr_html_()

    assert html.count("<img") == 2


def test_a_file_that_is_gone_shows_as_its_fileurl_and_why(catalog: Catalog) -> None:
    frame = catalog.table("photos", limit=3)
    for path in catalog.column("photos", "photo").localpath.values():
        path.unlink()

    html = frame._repr_html_()

    assert "<img" not in html
    assert html.count("<td>file:///") == 2
    assert html.count('<em title="There is no file file:///') == 2


def test_a_table_is_a_data_frame_like_any_other(catalog: Catalog) -> None:
    frame = catalog.table("photos", limit=3)

    copy = pickle.loads(pickle.dumps(frame))  # noqa: S301  our own bytes

    assert list(frame.columns) == ["row", "partition", "photo", "size"]
    assert frame["size"].sum() == 0.5 + 1.5 + 2.5
    assert type(copy) is pd.DataFrame
    assert copy.to_dict() == frame.to_dict()


def test_a_column_opens_its_images_and_names_files_and_errors_by_row(catalog: Catalog) -> None:
    column = catalog.table("photos").media("photo")

    assert column.open("row-02").size == (640, 480)
    assert column.fileurl["row-02"] == column.localpath["row-02"].as_uri()
    assert column.errortype == {"row-01": "DarkError"}
    assert column.errormsg == {"row-01": HOSTILE}
    assert catalog.column("photos", "size").value["row-02"] == 2.5


def test_an_asset_outside_tables_is_a_table_of_its_partitions(tmp_path: Path) -> None:
    root = memory_root()
    for partition in ("a/b", "c"):
        head = header("image", partition, table="team/posters")
        commit(root, head, [photo(tmp_path, f"poster of {partition}")])
    catalog = catalog_of(root)

    assert catalog.column("team/posters", "image").rows == ["poster of a/b", "poster of c"]
    assert catalog.column("team/posters", "image", partitions=["c"]).rows == ["poster of c"]
    assert catalog.table("team/posters")._repr_html_().count("<img") == 2


def test_a_table_or_column_that_is_not_there_is_told(catalog: Catalog) -> None:
    with pytest.raises(UnknownNameError, match="fotos"):
        catalog.table("fotos")
    with pytest.raises(UnknownNameError, match="thumbnail"):
        catalog.table("photos").media("thumbnail")
